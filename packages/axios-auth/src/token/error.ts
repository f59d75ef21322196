import { type AxiosAuthCode, AxiosAuthError, axiosAuthCodes } from '../errors.js'

/** Facts of a failed token request. None of them is secret. */
export interface TokenErrorFacts {
  /** The HTTP status that the token service answered. */
  readonly tokenStatus?: number | undefined
  /** The `error` of its answer (RFC 6749 section 5.2), such as `invalid_client`: at most 64 visible characters. */
  readonly oauthError?: string | undefined
  /** How long it asks to be left alone, seconds, as far as that is honoured. */
  readonly retryAfterSeconds?: number | undefined
}

/** A code of a token that could not be had. */
export type TokenCode = Extract<AxiosAuthCode, `ERR_AXIOS_TOKEN_${string}`>

/** A token could not be had. Made anew: no request, no response and no cause hang on it, so that no secret does. */
export class TokenError extends AxiosAuthError {
  declare readonly code: TokenCode
  declare readonly tokenStatus?: number
  declare readonly oauthError?: string
  declare readonly retryAfterSeconds?: number

  constructor(code: TokenCode, reason?: string, facts: TokenErrorFacts = {}) {
    const row = axiosAuthCodes[code]
    super(code, `${reason ?? row.when}; ${row.fix}`)
    this.name = 'TokenError'
    if (facts.tokenStatus !== undefined) this.tokenStatus = facts.tokenStatus
    if (facts.oauthError !== undefined) this.oauthError = facts.oauthError
    if (facts.retryAfterSeconds !== undefined) this.retryAfterSeconds = facts.retryAfterSeconds
  }
}
