import type { RefusalRow } from './verdict.js'
import { refusals } from './verdict.js'

/** Every code of core: status, when it is used, what to do. */
export const coreCodes = {
  ERR_AUTH_REQUIRED: {
    status: 401,
    when: 'the request carries no credentials that the route accepts',
    fix: 'send credentials of one of the challenges in WWW-Authenticate',
  },
  ERR_AUTH_NOT_ALLOWED: {
    status: 403,
    when: 'the request carries no credentials, and the route accepts only such as have no challenge (a client certificate)',
    fix: 'connect with the client certificate that the route expects',
  },
  ERR_AUTH_DEFECT: {
    status: 500,
    when: 'an authenticator or a function given to it threw something that names no status',
    fix: 'see the cause of the error on the channel countersign:error',
  },
  ERR_AUTH_OTHER_CLIENT: {
    status: 403,
    when: 'credentials of two clients were sent where allOf asks for those of one',
    fix: 'send credentials that belong to the same client',
  },
  ERR_BODY_CONSUMED: {
    status: 500,
    when: 'something read the body before, and kept no octets of it',
    fix: 'mount the guard before the body parser, or keep the octets as a Buffer in req.rawBody (express.json({ verify }))',
  },
  ERR_BODY_TOO_LARGE: {
    status: 413,
    when: 'the body is larger than maxBodyBytes, as declared, as sent or once decoded',
    fix: 'send less, or raise maxBodyBytes',
  },
  ERR_BODY_ABORTED: {
    status: 400,
    when: 'the connection broke before the body was complete',
    fix: 'send the request again',
  },
  ERR_BODY_ENCODING: {
    status: 415,
    when: 'the Content-Encoding is not one of gzip, deflate, br, or there are several (only with digestOver: decoded)',
    fix: 'send the body with one of these codings, or with none',
  },
  ERR_BODY_MALFORMED: {
    status: 400,
    when: 'the body does not decode with its Content-Encoding (only with digestOver: decoded)',
    fix: 'send a body that its Content-Encoding describes',
  },
  ERR_STORE_FULL: {
    status: 503,
    when: 'the replay store holds as many claims as it may, so that no further request can be told from a replay',
    fix: 'raise maxClaims, or find out who sends so much',
  },
  ERR_STORE_DOWN: {
    status: 503,
    when: 'a store did not answer, or answered with an error',
    fix: 'see the cause of the error on the channel countersign:error',
  },
  ERR_LOOKUP_FAILED: {
    status: 503,
    when: 'a look-up of secrets or clients failed',
    fix: 'see the cause of the error on the channel countersign:error',
  },
  ERR_LOOKUP_TIMEOUT: {
    status: 503,
    when: 'a look-up or a store did not answer within timeoutMs',
    fix: 'make it answer faster, or raise timeoutMs',
  },
  ERR_PASSPORT_REFUSED: {
    status: 401,
    when: 'a Passport strategy failed the request: its credentials are missing, malformed or wrong',
    fix: 'send the credentials that the strategy asks for, once',
  },
  ERR_PASSPORT_UNDECIDED: {
    status: 401,
    when: 'a Passport strategy passed or redirected the request instead of deciding',
    fix: 'use a strategy that decides from the request alone',
  },
  ERR_PASSPORT_NOT_ALLOWED: {
    status: 403,
    when: 'a Passport strategy failed the request with 403',
    fix: 'call as a client that the strategy allows',
  },
  ERR_SECRET_STALE: {
    status: 503,
    when: 'the file of a secret has been missing or unusable for longer than maxStaleSeconds',
    fix: 'restore the file',
  },
  ERR_SECRET_UNUSABLE: {
    status: 500,
    when: 'a look-up or a source of secrets answered with something that may not be one: too short, of a wrong type, a public key',
    fix: 'see the cause of the error on the channel countersign:error',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of core's table. */
export type CoreCode = keyof typeof coreCodes

/** Builds a refusal with a code of core. */
export const refuse = refusals<CoreCode>(coreCodes)

/** Facts that go with an error: all optional, none secret. */
export interface CountersignErrorOptions {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/**
 * An outage or a defect that names the status of its answer, and, with `refusals: 'throw'`, a refusal as the framework gets it.
 * `status`, `statusCode`, `headers` and `expose` are what the default handlers of Express and Koa read.
 */
export class CountersignError extends Error {
  readonly code: string
  readonly status: number
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly expose: boolean

  constructor(code: string, message: string, options: CountersignErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CountersignError'
    this.code = code
    this.status = options.status
    this.statusCode = options.status
    this.headers = (Object.hasOwn(options, 'headers') ? options.headers : undefined) ?? {}
    this.expose = false
  }
}

/** An error with a code of core's table; `reason` defaults to the row's `when`. */
export function coreError(code: CoreCode, reason?: string, cause?: unknown): CountersignError {
  const row = coreCodes[code]
  return new CountersignError(code, `${reason ?? row.when}; ${row.fix}`, { status: row.status, cause })
}
