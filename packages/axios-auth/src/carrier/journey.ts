import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { type AxiosAuthError, axiosAuthError } from '../errors.js'
import { aborted, refuseAborted } from './abort.js'
import { drain, ReceivedAnswer } from './answer.js'
import { minded, refuseOver } from './body-stream.js'
import { fieldsOf } from './fields.js'
import { destinationOf } from './final-url.js'
import { type Draft, Outgoing } from './outgoing.js'
import { type Payload, payloadOf } from './payload.js'
import { veil } from './redact.js'
import { followed, isRedirect } from './redirects.js'
import { send } from './send.js'
import { settled } from './settle.js'
import type { Answer, Verdict } from './step.js'
import type { Leg, Vehicle } from './vehicle.js'
import { NO_AGENTS } from './veil-agents.js'

/** Makes a request final, and brings it to its answer: attempts, redirects, and the caller's validateStatus at the end. */
export async function carry(config: InternalAxiosRequestConfig, vehicle: Vehicle): Promise<AxiosResponse> {
  refuseOthers(config, vehicle)
  const journey = new Journey(config, vehicle)
  try {
    const first = draftOf(config)
    let draft = first instanceof Promise ? await first : first
    for (let hops = 0; ; hops += 1) {
      const response = await journey.hop(draft)
      const next = journey.isRefusal ? undefined : followed(response, draft, config, hops)
      if (next === undefined) return settled(response, config, journey.spent)
      drain(response)
      draft = next
    }
  } catch (error) {
    journey.discard(error)
    throw error
  } finally {
    journey.end()
  }
}

function draftOf(config: InternalAxiosRequestConfig): Draft | Promise<Draft> {
  const payload = payloadOf(config.data)
  return payload instanceof Promise ? payload.then((made) => draftWith(config, made)) : draftWith(config, payload)
}

function draftWith(config: InternalAxiosRequestConfig, payload: Payload): Draft {
  if (payload.stream !== undefined) minded(payload.stream)
  return {
    method: (config.method ?? 'get').toUpperCase(),
    destination: destinationOf(config),
    payload,
    fields: fieldsOf(config, payload),
  }
}

function refuseOthers(config: InternalAxiosRequestConfig, { agentless, agents }: Vehicle): void {
  if (Object.hasOwn(config, 'auth') && config.auth) throw axiosAuthError('ERR_AXIOS_OTHER_CREDENTIALS', 'config.auth is set')
  if (agentless === undefined) return
  const unused = agents === NO_AGENTS ? wayOf(config, agentless) : 'httpAgent or httpsAgent'
  if (unused !== undefined) throw axiosAuthError('ERR_AXIOS_FETCH', `${unused} is set, which ${agentless} does not use`)
}

/** The option that sends a request another way than to its URL's host, where the adapter would pass over it. */
function wayOf(config: InternalAxiosRequestConfig, agentless: NonNullable<Vehicle['agentless']>): string | undefined {
  return UNUSED[agentless].find((name) => Object.hasOwn(config, name) && (config as unknown as Record<string, unknown>)[name])
}

const UNUSED = { fetch: ['socketPath', 'proxy', 'transport', 'lookup'], 'HTTP/2': ['socketPath', 'proxy', 'transport'] } as const

/** As often as this a request goes again with what others were given meanwhile, before that counts as its retry. */
const MOST_OUTDATED = 2

class Journey {
  /** Why there was no retry, though a step asked for one. */
  spent: AxiosAuthError | undefined
  readonly #config: InternalAxiosRequestConfig
  readonly #vehicle: Vehicle
  #retried = false
  #outdated = 0
  /** The last attempt, and its answer. */
  #request: Outgoing | undefined
  #answer: Answer | undefined

  constructor(config: InternalAxiosRequestConfig, vehicle: Vehicle) {
    this.#config = config
    this.#vehicle = vehicle
  }

  /** One place of a chain of redirects: the attempt, and where a step can better it the one retry. */
  async hop(draft: Draft): Promise<AxiosResponse> {
    this.#refuseStrangers(draft)
    let request = new Outgoing(draft, this.#config, 1)
    for (;;) {
      const answer = await this.#attempt(request)
      const verdict = this.#retried ? false : await this.#refused(answer, request)
      if (verdict === false) return answer.response
      if (draft.payload.stream !== undefined) {
        this.spent = axiosAuthError('ERR_AXIOS_BODY_SPENT', 'the request was refused, and its body is a stream that has been read')
        return answer.response
      }
      if (verdict === 'outdated') this.#outdated += 1
      this.#retried = verdict === true || this.#outdated > MOST_OUTDATED
      drain(answer.response)
      request = new Outgoing(draft, this.#config, 2)
    }
  }

  /** Whether the last answer is a redirect that refuses what was sent. */
  get isRefusal(): boolean {
    const [answer, request] = [this.#answer, this.#request]
    if (answer === undefined || request === undefined || !isRedirect(answer.status)) return false
    return this.#vehicle.legs.some(({ step }) => typeof step.follows === 'function' && !step.follows(answer, request))
  }

  #refuseStrangers({ destination: { origin } }: Draft): void {
    for (const { step, settings } of this.#vehicle.legs) {
      if (settings.origins.allows(origin)) continue
      throw axiosAuthError('ERR_AXIOS_ORIGIN', `${origin} is not one of the origins of ${step.name}`)
    }
  }

  /** Nobody reads the body of an answer whose place an error has taken, unless that brings it along: it would hold its connection. */
  discard(error: unknown): void {
    const response = this.#answer?.response
    if (response !== undefined && (error as { readonly response?: unknown } | null)?.response !== response) drain(response)
  }

  /** Tells the steps that the request is over. */
  end(): void {
    if (this.#request === undefined) return
    for (const { step } of this.#vehicle.legs) {
      if (typeof step.settled === 'function') step.settled(this.#request, this.#answer)
    }
  }

  async #attempt(request: Outgoing): Promise<Answer> {
    this.#request = request
    this.#answer = undefined
    this.#answer = await this.#exchanged(request)
    return this.#answer
  }

  async #exchanged(request: Outgoing): Promise<Answer> {
    const prepared = this.#prepare(request, 0)
    if (prepared !== undefined) await prepared
    const { step } = this.#vehicle.legs.at(-1) as Leg
    if (typeof step.exchange !== 'function') return this.#send(request)
    let last: Answer | undefined
    return step.exchange(request, async (message) => {
      if (last !== undefined) {
        drain(last.response)
        await this.#prepare(request, 0)
      }
      request.enter(step)
      request.heed(message)
      last = await this.#send(request)
      return last
    })
  }

  /** Runs the steps from one of them on. Where none of them has to wait, nobody does. */
  #prepare(request: Outgoing, from: number): Promise<void> | undefined {
    if (from === 0) request.restart()
    const { legs } = this.#vehicle
    for (let i = from; i < legs.length; i += 1) {
      const { step } = legs[i] as Leg
      request.enter(step)
      const work = step.apply(request)
      if (work !== undefined) return aborted(this.#config, step.name, work).then(() => this.#prepare(request, i + 1))
    }
    return undefined
  }

  async #send(request: Outgoing): Promise<Answer> {
    refuseAborted(this.#config)
    const { stream } = request
    if (stream !== undefined) refuseOver(stream, this.#config)
    const response = await send(request, this.#config, this.#vehicle)
    return new ReceivedAnswer(veil(response, this.#config, request))
  }

  async #refused(answer: Answer, request: Outgoing): Promise<Verdict> {
    let refused: Verdict = false
    for (const { step } of this.#vehicle.legs) {
      if (typeof step.refused !== 'function') continue
      request.enter(step)
      const given = step.refused(answer, request)
      const verdict = typeof given === 'object' ? await aborted(this.#config, step.name, given) : given
      if (verdict === true || (verdict === 'outdated' && !refused)) refused = verdict
    }
    return refused
  }
}
