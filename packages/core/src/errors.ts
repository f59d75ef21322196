import type { RefusalRow } from './verdict.js'
import { refusals } from './verdict.js'

/** Every code of core: status, when it is used, what to do. */
export const coreCodes = {
  ERR_AUTH_REQUIRED: {
    status: 401,
    when: 'the request carries no credentials that the route accepts',
    fix: 'send credentials for one of the challenges in WWW-Authenticate',
  },
  ERR_AUTH_NOT_ALLOWED: {
    status: 403,
    when: 'the request carries no credentials, and the route accepts only a kind without a challenge (a client certificate)',
    fix: 'connect with the client certificate that the route expects',
  },
  ERR_AUTH_DEFECT: {
    status: 500,
    when: 'an authenticator, or a function passed to it, threw an error without a status',
    fix: 'see the cause of the error on the channel countersign:error',
  },
  ERR_AUTH_OTHER_CLIENT: {
    status: 403,
    when: 'the request carries credentials of two clients where allOf requires one client',
    fix: 'send credentials that belong to the same client',
  },
  ERR_BODY_CONSUMED: {
    status: 500,
    when: 'the body was read before the guard, and its raw octets were not kept',
    fix: 'mount the guard before the body parser, or keep the raw body as a Buffer in req.rawBody (express.json({ verify }))',
  },
  ERR_BODY_TOO_LARGE: {
    status: 413,
    when: 'the body is larger than maxBodyBytes: as declared, as sent, or after decoding',
    fix: 'send less, or raise maxBodyBytes',
  },
  ERR_BODY_ABORTED: {
    status: 400,
    when: 'the connection broke before the body was complete',
    fix: 'send the request again',
  },
  ERR_BODY_ENCODING: {
    status: 415,
    when: 'the Content-Encoding is not gzip, deflate or br, or there are several (only with digestOver: decoded)',
    fix: 'send the body with one of these codings, or without any',
  },
  ERR_BODY_MALFORMED: {
    status: 400,
    when: 'the body cannot be decoded with its Content-Encoding (only with digestOver: decoded)',
    fix: 'send a body that matches its Content-Encoding',
  },
  ERR_STORE_FULL: {
    status: 503,
    when: 'the replay store is full, so further requests cannot be told from replays',
    fix: 'raise maxClaims, or find out who sends so many requests',
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
    when: 'a Passport strategy called pass or redirect instead of deciding',
    fix: 'use a strategy that decides from the request alone',
  },
  ERR_PASSPORT_NOT_ALLOWED: {
    status: 403,
    when: 'a Passport strategy failed the request with 403',
    fix: 'call as a client that the strategy allows',
  },
  ERR_SECRET_STALE: {
    status: 503,
    when: 'the file that holds a secret has been missing or unusable for longer than maxStaleSeconds',
    fix: 'restore the file',
  },
  ERR_SECRET_UNUSABLE: {
    status: 500,
    when: 'a look-up or a secret source returned something that cannot be a secret: too short, of a wrong type, or a public key',
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
