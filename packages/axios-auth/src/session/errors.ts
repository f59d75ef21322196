import { CountersignError } from '@countersign/core/base'
import type { AxiosAuthRow } from '../errors.js'

/** Every code of a session that could not be had, or not be ended. */
export const sessionCodes = {
  ERR_AXIOS_LOGIN_REFUSED: {
    when: 'the login was answered, but not with a session: another status, no token, a token that no header can carry, or `ok` returned false; after two refusals in a row no login is tried for the retryAfterSeconds of the error',
    fix: 'check the credentials and the login option',
  },
  ERR_AXIOS_LOGIN_FAILED: {
    when: 'the login was not answered in time or at all, or its data could not be produced',
    fix: 'try again later; see the reason',
  },
  ERR_AXIOS_SESSION_BUSY: {
    when: 'all maxSessions sessions are in use, and maxWaiting callers are already waiting or waitTimeoutMs has passed',
    fix: 'raise maxSessions or maxWaiting, or use each session for a shorter time',
  },
  ERR_AXIOS_SESSION_DISPOSED: {
    when: 'dispose() was called before the request, or while it was waiting',
    fix: 'make a new session({...})',
  },
  ERR_AXIOS_SESSION_CARRY: {
    when: 'the session is carried in the query or the body, and the request already has a parameter or member of that name, or a body that is neither a JSON object nor a form: an array, FormData, a stream, no body',
    fix: 'remove the parameter or member from the request, or pass the body as an object or URLSearchParams',
  },
  ERR_AXIOS_LOGOUT_LOST: {
    when: 'a logout did not succeed; reported, never thrown',
    fix: 'end the session on the server, or wait until it expires there',
  },
} as const satisfies Record<string, AxiosAuthRow>

/** A code of this table. */
export type SessionCode = keyof typeof sessionCodes

/** What a server that needed the session may answer to its own caller. */
const STATUS: Readonly<Record<SessionCode, number>> = {
  ERR_AXIOS_LOGIN_REFUSED: 502,
  ERR_AXIOS_LOGIN_FAILED: 503,
  ERR_AXIOS_SESSION_BUSY: 503,
  ERR_AXIOS_SESSION_DISPOSED: 500,
  ERR_AXIOS_SESSION_CARRY: 500,
  ERR_AXIOS_LOGOUT_LOST: 502,
}

/** Facts of a login that failed. None of them is secret. */
export interface SessionErrorFacts {
  /** The HTTP status that the login was answered with. */
  readonly loginStatus?: number | undefined
  /** How long no login is tried: because the server asks to be left alone, as far as that is honoured, or after several refusals; seconds. */
  readonly retryAfterSeconds?: number | undefined
}

/**
 * A session could not be had. Made anew: no config, no request, no cause, no header and nothing of a body hang on it, so that no secret
 * does. `status` is what a server that needed the session may answer to its own caller.
 */
export class SessionError extends CountersignError {
  declare readonly code: SessionCode
  declare readonly loginStatus?: number
  declare readonly retryAfterSeconds?: number

  constructor(code: SessionCode, reason?: string, facts: SessionErrorFacts = {}) {
    const row = sessionCodes[code]
    super(code, `${reason ?? row.when}; ${row.fix}`, { status: STATUS[code] })
    this.name = 'SessionError'
    if (facts.loginStatus !== undefined) this.loginStatus = facts.loginStatus
    if (facts.retryAfterSeconds !== undefined) this.retryAfterSeconds = facts.retryAfterSeconds
  }
}

/** An error of this table; `reason`, which must hold no secret, defaults to the row's `when`. */
export function sessionError(code: SessionCode, reason?: string, facts?: SessionErrorFacts): SessionError {
  return new SessionError(code, reason, facts)
}

/** A session that may still be open at the server. Frozen; nothing of it is secret. */
export interface LostLogout {
  readonly code: 'ERR_AXIOS_LOGOUT_LOST'
  /** Where the logout was sent; undefined when it could not be made. */
  readonly origin: string | undefined
  /** How often it was tried: 0 to 3. */
  readonly tries: number
  /** The status of the last answer, where there was one. */
  readonly status: number | undefined
  readonly reason: string
}
