import axios, { type AxiosAdapter, type AxiosRequestConfig, getAdapter, type InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'
import { carry } from './journey.js'
import type { Stage } from './step.js'
import type { Leg } from './vehicle.js'
import { type Agents, NO_AGENTS, veilAgents } from './veil-agents.js'

type AdapterOption = AxiosRequestConfig['adapter']

const ORDER: Readonly<Record<Stage, number>> = { static: 0, token: 1, signature: 2, handshake: 3 }
/** Where an adapter of ours keeps what it holds. The object shows nothing of it: what is private is seen by neither inspect nor JSON. */
const CARRIAGE = Symbol('countersign.carriage')
const DEFAULT_ADAPTERS = ['xhr', 'http', 'fetch']

/** What one adapter of ours carries. */
class Carriage {
  readonly #legs: readonly Leg[]
  readonly #underneath: AdapterOption
  /** The agents of a config that is sent again, where they are hidden and axios leaves them out. */
  readonly #agents: Agents
  /** The agents of the last request, and the adapter that holds them: most requests have the same. */
  #last: { readonly agents: Agents; readonly adapter: AxiosAdapter } | undefined

  constructor(underneath: AdapterOption, legs: readonly Leg[], agents: Agents = NO_AGENTS) {
    this.#underneath = underneath
    this.#legs = legs
    this.#agents = agents
  }

  /** The same with one more leg; itself when it is there already, as when a config is sent again. */
  with(leg: Leg): Carriage {
    if (this.#legs.some((other) => other.step === leg.step)) return this
    const legs = [...this.#legs, leg].sort((a, b) => ORDER[a.step.stage] - ORDER[b.step.stage])
    const [first, second] = legs.filter(({ step }) => step.exchange !== undefined)
    if (first !== undefined && second !== undefined) {
      throw axiosAuthError('ERR_AXIOS_HEADER_CONFLICT', `${first.step.name} and ${second.step.name} both answer challenges`)
    }
    return new Carriage(this.#underneath, legs, this.#agents)
  }

  run(config: InternalAxiosRequestConfig): ReturnType<AxiosAdapter> {
    const inner = getAdapter(this.#underneath || DEFAULT_ADAPTERS, config)
    const agents = veilAgents(config, this.#agents, this.#last?.agents ?? NO_AGENTS)
    if (agents !== NO_AGENTS) config.adapter = this.#holding(agents)
    const isFetch = inner !== HTTP && inner === getAdapter('fetch', config)
    const agentless = isFetch ? 'fetch' : isHttp2(config) ? 'HTTP/2' : undefined
    return carry(config, {
      legs: this.#legs,
      inner,
      agents,
      agentless,
      mayFollow: inner !== HTTP && !(isFetch && FETCH_HEEDS_MAX_REDIRECTS),
    })
  }

  /** The adapter for the same config once more, which no longer shows these agents. */
  #holding(agents: Agents): AxiosAdapter {
    if (this.#last?.agents !== agents) {
      this.#last = { agents, adapter: adapterOf(new Carriage(this.#underneath, this.#legs, agents)) }
    }
    return this.#last.adapter
  }
}

const HTTP = getAdapter('http')
// From 1.20 on. Where it does, it is given no options: with any, Node's fetch reads others from a polluted Object.prototype.
const FETCH_HEEDS_MAX_REDIRECTS = Number(axios.VERSION.split('.')[1]) >= 20

/** As axios reads it; its HTTP/2 sessions are its own, and shared. */
function isHttp2(config: InternalAxiosRequestConfig): boolean {
  return Object.hasOwn(config, 'httpVersion') && Number((config as { httpVersion?: unknown }).httpVersion) === 2
}

/**
 * The adapter that carries a request with one more step. There is one per request, whatever the number of interceptors: signatures
 * would be made of, and sent with, what the others have not finished.
 */
export function withLeg(adapter: AdapterOption, leg: Leg): AxiosAdapter {
  const before = carriageOf(adapter)
  const after = (before ?? new Carriage(adapter, [])).with(leg)
  return after === before ? (adapter as AxiosAdapter) : adapterOf(after)
}

function carriageOf(adapter: AdapterOption): Carriage | undefined {
  return typeof adapter === 'function' ? (adapter as { [CARRIAGE]?: Carriage })[CARRIAGE] : undefined
}

function adapterOf(carriage: Carriage): AxiosAdapter {
  const adapter: AxiosAdapter = (config) => carriage.run(config)
  Object.defineProperty(adapter, CARRIAGE, { value: carriage })
  return adapter
}
