import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios'

/**
 * When a step runs in an attempt, whatever the order of `use()`: credentials that never change, then tokens and sessions, then
 * signatures over all of that, then a handshake that answers the server's challenge.
 */
export type Stage = 'static' | 'token' | 'signature' | 'handshake'

/** The request of one attempt as it goes on the wire: final, but for what the steps add. */
export interface OutgoingRequest {
  /** Upper case. */
  readonly method: string
  /** Scheme, host and port, such as `https://api.example.com`. */
  readonly origin: string
  /** Path and query as they go on the wire; a signer of a scheme that writes into the query replaces them. */
  target: string
  /** The octets of the body, empty where there is none; undefined for a stream. A signer of a scheme that writes into the body replaces them. */
  body: Uint8Array | undefined
  /** The caller's own config; for `secret: (config) => ...` and `authScopes`. */
  readonly config: Readonly<InternalAxiosRequestConfig>
  /** 1, or 2 for another try; each hop of a redirect counts from 1 again. */
  readonly attempt: number
  /** The value of a header, or undefined. */
  header(name: string): string | undefined
  /** Sets a header; its value never shows in an error, event or trace unless `secret` is false. Throws when it cannot go on the wire. */
  setHeader(name: string, value: string, options?: { readonly secret?: boolean }): void
  /**
   * Names and values in turns as they go on the wire, Host and Content-Length among them. Not there: what the client adds by itself
   * (Accept-Encoding, Connection, Transfer-Encoding).
   */
  rawHeaders(): readonly string[]
  /**
   * Keeps a text that the step has put into the target or the body out of errors; what was signed of them, and the digest of such a body, is
   * not shown in a trace then.
   */
  hide(text: string): void
  /** Hands the message that was signed to `trace`; it must not hold a secret. */
  signed(message: string | Uint8Array): void
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly response: AxiosResponse
  /** The value of a header; of one that was sent several times, its first. */
  header(name: string): string | undefined
  /** Every value of a header, such as several challenges or cookies. */
  headerValues(name: string): readonly string[]
  /** The body as text (UTF-8), without a byte order mark; empty for a stream. */
  text(): string
  /** The body as JSON; undefined for a stream, and for what is no JSON. */
  json(): unknown
}

/** What a handshake changes in a message. */
export interface Message {
  readonly authorization?: string
  readonly httpAgent?: unknown
  readonly httpsAgent?: unknown
  /** Sends no body: the first messages of a connection-bound handshake. */
  readonly withoutBody?: boolean
}

/** What a refusal calls for: the one retry, nothing, or another try before either, since the server has replaced what was sent meanwhile. */
export type Verdict = boolean | 'outdated'

/** One kind of credentials on the request of an interceptor. */
export interface Step {
  /** The factory's name, as in `bearer`. */
  readonly name: string
  readonly stage: Stage
  /** Adds the credentials; runs again for each attempt and each hop of a redirect. */
  apply(request: OutgoingRequest): void | Promise<void>
  /**
   * Looks at the answer to the first attempt, whatever its status, redirects included. True: what this step holds has changed, so that
   * the request deserves its one retry. Not asked about the answer to the retry; `outdated` counts as one from the third time on.
   */
  refused?(answer: Answer, request: OutgoingRequest): Verdict | Promise<Verdict>
  /**
   * Asked before a redirect is followed. False: it refuses the credentials, such as one to the form of a login, and is the caller's as a 401
   * would be.
   */
  follows?(answer: Answer, request: OutgoingRequest): boolean
  /** Sends the request as often as the server's handshake needs; every `send` runs the steps of the earlier stages again. */
  exchange?(request: OutgoingRequest, send: (message: Message) => Promise<Answer>): Promise<Answer>
  /**
   * Told once that the request is over, whatever became of it: the last attempt, and the last answer, or undefined where none came.
   * Told of each request that `apply` has seen, also when a later step, the sending or a redirect failed. Must not throw.
   */
  settled?(request: OutgoingRequest, answer: Answer | undefined): void
}
