import { channel } from 'node:diagnostics_channel'
import type { Principal } from './principal.js'
import type { AuthRequest } from './request/request.js'

/** The facts of one decision, frozen. None of them is secret: no query, no header value, no body. */
export interface AuthEvent {
  /** The name of the authenticator that the guard holds. */
  readonly authenticator: string
  readonly method: string
  /** The path as received, without the query, which may carry credentials. */
  readonly path: string
  /** `ERR_<AREA>_<REASON>`; absent when the request was granted. */
  readonly code?: string
  /** The HTTP status of the answer; absent when the request was granted. */
  readonly status?: number
  /** What the operator should know. */
  readonly reason?: string
  /** Who was let in; only when the request was granted. */
  readonly principal?: Principal
  /** What was thrown; only on an outage or a defect. */
  readonly error?: unknown
}

/** What `onRefusal` is told: a request that was refused, or not decided because of an outage or a defect. */
export interface RefusalEvent extends AuthEvent {
  readonly code: string
  readonly status: number
  readonly reason: string
}

const channels = {
  granted: channel('countersign:granted'),
  refused: channel('countersign:refused'),
  error: channel('countersign:error'),
}

/** What befell a request: let in, refused (status below 500), or not decided because of an outage or a defect. */
export type AuthEventKind = keyof typeof channels

/** Whether anybody listens to a channel, so that its events need not be built in vain. */
export function isObserved(kind: AuthEventKind): boolean {
  return channels[kind].hasSubscribers
}

/** Publishes on `countersign:granted`, `countersign:refused` or `countersign:error` (node:diagnostics_channel). */
export function publish(kind: AuthEventKind, event: AuthEvent): void {
  channels[kind].publish(event)
}

/** Builds an event of a request. */
export function authEvent<F extends Omit<AuthEvent, 'authenticator' | 'method' | 'path'>>(
  authenticator: string,
  request: AuthRequest,
  facts: F,
): Pick<AuthEvent, 'authenticator' | 'method' | 'path'> & Readonly<F> {
  return Object.freeze({ authenticator, method: request.method, path: pathOf(request.target), ...facts })
}

/** One attempt of a request that was sent with credentials, frozen. None of the facts is secret. */
export interface SignedEvent {
  /** The factories whose credentials it carried, such as `apiKey` and `hmac`, in the order in which they were added. */
  readonly kinds: readonly string[]
  readonly method: string
  /** Scheme, host and port that it went to. */
  readonly origin: string
  /** Without the query. */
  readonly path: string
  /** 1, or 2 for the retry. */
  readonly attempt: number
}

const signed = channel('countersign:signed')

/** Whether anybody listens to `countersign:signed`. */
export function isSignedObserved(): boolean {
  return signed.hasSubscribers
}

/** Publishes on `countersign:signed` (node:diagnostics_channel). */
export function publishSigned(event: SignedEvent): void {
  signed.publish(event)
}

const warned = new Set<string>()

/** Warns the operator of a mistake in the configuration with `process.emitWarning`, once per process and code. */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  process.emitWarning(message, { type: 'CountersignWarning', code })
}

/** The path of a target without query, and of the absolute form (RFC 9112 section 3.2.2) without authority, which may carry a password. */
function pathOf(target: string): string {
  const query = target.indexOf('?')
  const bare = query === -1 ? target : target.slice(0, query)
  if (bare.startsWith('/') || bare === '*') return bare
  const authority = bare.indexOf('://')
  const start = authority === -1 ? -1 : bare.indexOf('/', authority + 3)
  return start === -1 ? '' : bare.slice(start)
}
