import { randomBytes } from 'node:crypto'
import { readChallenges } from '../answer/challenges.js'
import { drain } from '../carrier/answer.js'
import type { Answer, Message, OutgoingRequest } from '../carrier/step.js'
import { axiosAuthError } from '../errors.js'
import type { NtlmConnection } from './connection.js'
import { authenticateMessage, type NtlmChallenge, negotiateMessage, readChallenge } from './messages.js'
import type { NtlmSettings } from './options.js'
import type { NtlmPool, NtlmScheme } from './pool.js'

type Send = (message: Message) => Promise<Answer>

/** RFC 9110 section 9.2.2: what may be sent again when nobody knows whether it arrived. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** How often a handshake begins anew on a new connection when the server closes it in between. */
const MOST_HANDSHAKES = 2

/** One request over one connection of a pool: over a connection that is signed in at once, else after a handshake. */
export class NtlmExchange {
  readonly #settings: NtlmSettings
  readonly #request: OutgoingRequest
  readonly #send: Send
  readonly #pool: NtlmPool
  #connection: NtlmConnection
  /** Whether the connection carried a request before: the server may have closed it meanwhile. */
  #reused: boolean

  /** @param connection - of the pool, which gets it, or the one that took its place, back when `run` has settled */
  constructor(settings: NtlmSettings, request: OutgoingRequest, send: Send, pool: NtlmPool, connection: NtlmConnection) {
    this.#settings = settings
    this.#request = request
    this.#send = send
    this.#pool = pool
    this.#connection = connection
    this.#reused = connection.opened
  }

  /**
   * @returns the answer to the request; a 401 where the server takes neither the handshake nor the credentials
   * @throws AxiosAuthError `ERR_AXIOS_NTLM_CHALLENGE`, `ERR_AXIOS_NTLM_WEAK`, `ERR_AXIOS_NTLM_CONNECTION`, `ERR_AXIOS_NTLM_AGENT`; what `send` throws
   */
  async run(): Promise<Answer> {
    try {
      // A stream can be sent once only: it goes with the last message of a handshake, which nothing but a wrong password follows.
      if (this.#connection.authenticated && this.#request.body === undefined) this.#renew()
      const answer = this.#connection.authenticated ? await this.#signedIn() : undefined
      return answer ?? (await this.#signIn())
    } catch (error) {
      // Nobody knows in which state the server is with it, and nobody reads from it.
      this.#connection.close()
      throw this.#connection.refusal ?? error
    } finally {
      this.#pool.release(this.#connection)
    }
  }

  /** Sends the request as it is. Undefined: a handshake has to come first. */
  async #signedIn(): Promise<Answer | undefined> {
    const answer = await this.#sendUnlessGone({}, this.#repeatable)
    if (answer === undefined) this.#renew()
    if (answer === undefined || !isChallenged(answer, this.#pool.scheme)) return answer
    drain(answer.response)
    this.#connection.authenticated = false
    return undefined
  }

  async #signIn(): Promise<Answer> {
    for (let left = MOST_HANDSHAKES; left > 0; left -= 1) {
      if (!this.#connection.alive) this.#renew()
      const answer = await this.#handshake()
      if (answer !== undefined) return answer
      this.#renew()
    }
    throw axiosAuthError('ERR_AXIOS_NTLM_CONNECTION')
  }

  /** Both messages. Undefined: the connection was closed before the second one was sent, or before a repeatable one was answered. */
  async #handshake(scheme: NtlmScheme = this.#pool.scheme): Promise<Answer | undefined> {
    const negotiate = negotiateMessage()
    const { requests } = this.#connection
    this.#connection.beginHandshake()
    const first = await this.#sendUnlessGone({ authorization: credentials(scheme, negotiate), withoutBody: true }, true)
    if (first === undefined) return undefined
    if (first.status !== 401) return this.#unasked(first)
    const token = challengeToken(first, scheme)
    if (token === undefined) return this.#untaken(first, scheme)
    drain(first.response)
    // A proof that went over a connection of others would sign them in.
    if (this.#connection.requests === requests) {
      throw axiosAuthError('ERR_AXIOS_NTLM_AGENT', 'the request went over another agent, such as that of a proxy')
    }
    return this.#authenticate(negotiate, readable(token), scheme)
  }

  async #authenticate(negotiate: Buffer, challenge: NtlmChallenge, scheme: NtlmScheme): Promise<Answer | undefined> {
    const { targetName, channelBinding, workstation, now, identity } = this.#settings
    const authenticate = authenticateMessage(negotiate, challenge, {
      identity: identity(),
      workstation,
      clientChallenge: randomBytes(8),
      now: now(),
      binding: {
        targetName: targetName ?? `HTTP/${new URL(this.#request.origin).hostname}`,
        channelBindings: channelBinding ? this.#connection.bindings : undefined,
      },
    })
    const answer = await this.#sendUnlessGone({ authorization: credentials(scheme, authenticate) }, this.#repeatable)
    if (answer === undefined) return undefined
    if (answer.status === 401) this.#connection.reusable = false
    else this.#connection.authenticated = true
    return answer
  }

  /** The server does not take the first message: where Negotiate alone is offered it may take it inside that, and else the answer stands. */
  #untaken(first: Answer, scheme: NtlmScheme): Answer | Promise<Answer | undefined> {
    const isWithin = scheme === 'ntlm' && isNegotiateAlone(first)
    this.#pool.scheme = isWithin ? 'negotiate' : 'ntlm'
    if (!isWithin) {
      this.#connection.reusable = false
      return first
    }
    drain(first.response)
    if (!this.#connection.alive) this.#renew()
    return this.#handshake('negotiate')
  }

  /** The server did not ask who sends. What came without its body is sent with it; a redirect is followed with it. */
  async #unasked(first: Answer): Promise<Answer> {
    const isWhole = this.#request.body !== undefined && this.#request.body.length === 0
    if (isWhole || (first.status >= 300 && first.status < 400)) return first
    drain(first.response)
    return this.#send(this.#over({}))
  }

  /**
   * Sends over the connection. Undefined: it had gone before anything was sent, or, where `repeatable`, it was closed without an answer
   * although it had been good before.
   */
  async #sendUnlessGone(message: Message, repeatable: boolean): Promise<Answer | undefined> {
    const wasOpen = this.#connection.opened
    try {
      const answer = await this.#send(this.#over(message))
      this.#reused = true
      return answer
    } catch (error) {
      if (this.#connection.missed || (wasOpen && this.#reused && repeatable && isReset(error))) return undefined
      throw error
    }
  }

  #over(message: Message): Message {
    return { ...message, [this.#connection.secure ? 'httpsAgent' : 'httpAgent']: this.#connection.agent }
  }

  get #repeatable(): boolean {
    return IDEMPOTENT.has(this.#request.method) && this.#request.body !== undefined
  }

  #renew(): void {
    this.#connection = this.#pool.replaced(this.#connection)
    this.#reused = false
  }
}

function credentials(scheme: NtlmScheme, message: Buffer): string {
  return `${scheme === 'ntlm' ? 'NTLM' : 'Negotiate'} ${message.toString('base64')}`
}

function isChallenged(answer: Answer, scheme: NtlmScheme): boolean {
  return answer.status === 401 && challengesOf(answer, scheme).length > 0
}

/** The server takes NTLM, if at all, inside Negotiate: as bare messages, which Windows and Samba tell from those of SPNEGO. */
function isNegotiateAlone(answer: Answer): boolean {
  return challengesOf(answer, 'ntlm').length === 0 && challengesOf(answer, 'negotiate').some((token) => token === undefined)
}

function challengesOf(answer: Answer, wanted: NtlmScheme): readonly (string | undefined)[] {
  const challenges = readChallenges(answer.headerValues('www-authenticate'))
  return challenges.filter(({ scheme }) => scheme === wanted).map(({ token68 }) => token68)
}

/** The type 2 message in base64; undefined where there is none: the server does not take the first message. */
function challengeToken(answer: Answer, scheme: NtlmScheme): string | undefined {
  const tokens = challengesOf(answer, scheme).filter((token) => token !== undefined)
  if (tokens.length > 1) throw axiosAuthError('ERR_AXIOS_NTLM_CHALLENGE', 'the server answered with several type 2 messages')
  return tokens[0]
}

function readable(token: string): NtlmChallenge {
  const challenge = readChallenge(token)
  if ('problem' in challenge) {
    throw axiosAuthError(challenge.kind === 'weak' ? 'ERR_AXIOS_NTLM_WEAK' : 'ERR_AXIOS_NTLM_CHALLENGE', challenge.problem)
  }
  return challenge
}

/** RFC 9112 section 9.3.1: the server closed a connection that it had let idle, just when something was sent over it. */
function isReset(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'ECONNRESET' || code === 'EPIPE'
}
