import type { InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'
import type { Destination } from './final-url.js'
import type { Payload } from './payload.js'
import type { Message, OutgoingRequest, Step } from './step.js'
import { type Agents, NO_AGENTS } from './veil-agents.js'

/** What one hop sends, before any step has added to it. */
export interface Draft {
  readonly method: string
  readonly destination: Destination
  readonly payload: Payload
  /** The caller's header fields, by name in lower case. */
  readonly fields: ReadonlyMap<string, Field>
}

/** A header field, and who set it. */
export interface Field {
  readonly name: string
  /** `false` keeps the client from adding a value of its own. */
  readonly value: string | readonly string[] | false
  /** The step that set it; undefined: the caller. */
  readonly by: Step | undefined
  /** Whether a trace may not show it. */
  readonly secret: boolean
}

// RFC 9110 section 5.6.2 and 5.5, and what Node sends: ISO 8859-1, no blank at either end.
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/
/** Methods without a body that Node sends no Content-Length for. */
const BARE_METHODS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

/** Whether a text can be the name of a header field, and axios takes it for one: what it keeps under `__proto__` is lost. */
export function isHeaderName(name: string): boolean {
  return NAME.test(name) && name !== '__proto__'
}

/** Whether a text can be the value of a header field, and arrives as it was given. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value)
}

const NO_MESSAGE: Message = Object.freeze(Object.create(null))

/** The request of one attempt: the draft, and what the steps have added. */
export class Outgoing implements OutgoingRequest {
  readonly method: string
  readonly origin: string
  readonly config: Readonly<InternalAxiosRequestConfig>
  readonly attempt: number
  target: string
  /** What the steps have added, by name in lower case. */
  readonly added = new Map<string, Field>()
  /** The messages that were signed, for a trace. */
  readonly messages: (string | Uint8Array)[] = []
  /** What the steps have put into target and body that nobody may see. */
  readonly hidden = new Set<string>()
  readonly #draft: Draft
  #body: Uint8Array | undefined
  #bodyRead = false
  #streamed = false
  #step: Step | undefined
  #message: Message = NO_MESSAGE

  constructor(draft: Draft, config: InternalAxiosRequestConfig, attempt: number) {
    this.#draft = draft
    this.method = draft.method
    this.origin = draft.destination.origin
    this.target = draft.destination.target
    this.config = config
    this.attempt = attempt
  }

  get body(): Uint8Array | undefined {
    if (!this.#bodyRead) {
      const { data, stream } = this.#draft.payload
      this.#body = stream === undefined ? Buffer.from(data ?? '') : undefined
      this.#bodyRead = true
    }
    return this.#body
  }

  set body(octets: Uint8Array | undefined) {
    this.#body = octets
    this.#bodyRead = true
  }

  /** What to hand to axios: text where no step has looked at the octets, so that it is not encoded in vain. */
  get data(): unknown {
    if (!this.sendsBody) return undefined
    const { data, stream } = this.#draft.payload
    if (!this.#bodyRead || this.#body === undefined) return stream ?? data
    if (this.#body.length === 0 && data === undefined) return undefined
    return Buffer.isBuffer(this.#body) ? this.#body : Buffer.from(this.#body.buffer, this.#body.byteOffset, this.#body.byteLength)
  }

  /** The body that the message sends, where that is a stream. */
  get stream(): unknown {
    return this.sendsBody ? this.#draft.payload.stream : undefined
  }

  /** Makes the request new for one more round of steps. */
  restart(): void {
    this.target = this.#draft.destination.target
    this.added.clear()
    this.messages.length = 0
    this.hidden.clear()
    this.#bodyRead = false
    this.#message = NO_MESSAGE
  }

  /** Says whose changes follow. */
  enter(step: Step): void {
    this.#step = step
  }

  /**
   * Takes in what a handshake says about the message that is to be sent.
   *
   * @throws AxiosAuthError `ERR_AXIOS_BODY_SPENT` when the body is a stream that an earlier message has sent
   */
  heed(message: Message): void {
    const own: Message = Object.assign(Object.create(null), message)
    this.#message = own
    if (own.authorization !== undefined) this.setHeader('Authorization', own.authorization)
    if (this.#draft.payload.stream === undefined || !this.sendsBody) return
    if (this.#streamed)
      throw axiosAuthError('ERR_AXIOS_BODY_SPENT', 'the handshake needs the body again, which is a stream that has been read')
    this.#streamed = true
  }

  /** Whether the message carries the body; the first ones of a handshake do not. */
  get sendsBody(): boolean {
    return this.#message.withoutBody !== true
  }

  /** The agents that a handshake has for the message. */
  get agents(): Agents {
    const { httpAgent, httpsAgent } = this.#message
    return httpAgent || httpsAgent ? { httpAgent, httpsAgent } : NO_AGENTS
  }

  /** The target without what the steps wrote into it. */
  get draftTarget(): string {
    return this.#draft.destination.target
  }

  get fields(): ReadonlyMap<string, Field> {
    return this.#draft.fields
  }

  header(name: string): string | undefined {
    const key = name.toLowerCase()
    if (key === 'host') return this.#host()
    if (key === 'content-length') return this.#contentLength()
    const value = (this.added.get(key) ?? this.#draft.fields.get(key))?.value
    if (value === undefined || value === false) return undefined
    return typeof value === 'string' ? value : value.join(', ')
  }

  setHeader(name: string, value: string, options: { readonly secret?: boolean } = {}): void {
    const secret = !Object.hasOwn(options, 'secret') || options.secret !== false
    const by = this.#step as Step
    if (typeof name !== 'string' || !isHeaderName(name)) {
      throw axiosAuthError('ERR_AXIOS_HEADER_VALUE', `${by.name} sets a header field whose name is not valid`)
    }
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw axiosAuthError('ERR_AXIOS_HEADER_VALUE', `${by.name} sets ${name} to a value that cannot be sent`)
    }
    const key = name.toLowerCase()
    this.#refuseOverwrite(key, value, by)
    this.added.set(key, { name, value, by, secret })
  }

  rawHeaders(): readonly string[] {
    const raw = this.shownHeaders()
    for (let i = 1; i < raw.length; i += 2) {
      if (VALUE.test(raw[i] as string)) continue
      throw axiosAuthError('ERR_AXIOS_HEADER_VALUE', `the value of ${raw[i - 1]} cannot be sent as it is, so it cannot be signed`)
    }
    return raw
  }

  /** The same, whatever the caller's values hold; `show` may put something else in the place of a value. */
  shownHeaders(show = (value: string, _: Field): string => value): string[] {
    const raw: string[] = []
    const push = (key: string, field: Field): void => {
      if (field.value === false || key === 'host' || key === 'content-length') return
      const values = typeof field.value === 'string' ? [field.value] : field.value
      for (const value of values) raw.push(field.name, show(value, field))
    }
    for (const [key, field] of this.#draft.fields) if (!this.added.has(key)) push(key, field)
    for (const [key, field] of this.added) push(key, field)
    raw.push('Host', this.#host())
    const length = this.#contentLength()
    if (length !== undefined) raw.push('Content-Length', length)
    return raw
  }

  hide(text: string): void {
    if (text !== '') this.hidden.add(text)
  }

  signed(message: string | Uint8Array): void {
    this.messages.push(message)
  }

  /** A value that holds the members of the former one, such as cookies with one more, overwrites nothing. */
  #refuseOverwrite(key: string, value: string, by: Step): void {
    const mine = this.added.get(key)
    if (mine !== undefined && mine.by !== by && !holdsMembers(value, mine.value as string)) {
      throw axiosAuthError('ERR_AXIOS_HEADER_CONFLICT', `${mine.by?.name} and ${by.name} both set ${mine.name}`)
    }
    const isSigner = by.stage === 'signature' && key !== 'authorization'
    if (mine !== undefined || isSigner) return
    const theirs = this.header(key)
    if (theirs !== undefined && !holdsMembers(value, theirs)) {
      throw axiosAuthError('ERR_AXIOS_HEADER_CONFLICT', `${by.name} sets ${key}, which the caller has already set`)
    }
  }

  #host(): string {
    const value = (this.added.get('host') ?? this.#draft.fields.get('host'))?.value
    return typeof value === 'string' ? value : this.#draft.destination.host
  }

  #contentLength(): string | undefined {
    const { data, stream } = this.#draft.payload
    if (this.sendsBody && this.body === undefined && stream !== undefined) {
      const declared = this.#draft.fields.get('content-length')?.value
      return typeof declared === 'string' ? declared : undefined
    }
    const length = this.sendsBody ? (this.#bodyRead ? (this.#body?.length ?? 0) : Buffer.byteLength(data ?? '')) : 0
    return length === 0 && (data === undefined || !this.sendsBody) && BARE_METHODS.has(this.method) ? undefined : String(length)
  }
}

function holdsMembers(value: string, former: string): boolean {
  if (value === former) return true
  const members = new Set(membersOf(value))
  return membersOf(former).every((member) => members.has(member))
}

/** Cookies are parted by semicolons, lists by commas. */
function membersOf(value: string): readonly string[] {
  return value.split(/[,;]/).flatMap((member) => member.trim() || [])
}
