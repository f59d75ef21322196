import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import type { BearerCarriage, BearerOptions, GivenTokenOptions, RequestedTokenOptions, TokenQuestion } from './token/bearer-options.js'
import { givenTokens, requestedTokens } from './token/bearer-settings.js'
import { bearerStep } from './token/bearer-step.js'

export type { BearerCarriage, BearerOptions, GivenTokenOptions, RequestedTokenOptions, TokenQuestion }

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Read by `bearer`: the scopes of this request, in place of those of the definition. A list, or text with blanks between. */
    authScopes?: string | readonly string[]
  }
}

/**
 * Signs requests in with a bearer token (RFC 6750): one that is given, or one that a token service gives to a client (RFC 6749
 * section 4.4) or to any other credentials, and that is then kept, renewed and shared.
 *
 * A token is asked for once however many requests need it, lives from the moment that it was asked for, and is renewed when half of
 * its life is over while requests go on with it. After a 401 the token that was refused is replaced once and the request is sent once
 * more; a request that was refused with an older token is sent with the newer one. Within `refreshCooldownSeconds` no further 401
 * replaces one. Not checked: what is in the token, and what the API answers but for 401, or `expiredStatus`.
 *
 * Shape: `Authorization: Bearer <token>`, or `<header>: <prefix> <token>`.
 *
 * @throws TypeError that names the option. A request fails with TokenError (`ERR_AXIOS_TOKEN_...`) where no token can be had, with
 *   TypeError where its `authScopes` are no scopes
 * @see RFC 6749, RFC 6750 section 2.1, RFC 7523, RFC 8705, RFC 8707
 * @example
 * api.interceptors.request.use(bearer({ clientId: 'billing', clientSecret: secretFromEnv('BILLING_SECRET'), tokenUrl, scopes: 'read write' }))
 */
export function bearer(options: BearerOptions): RequestInterceptor {
  const { carriage, choose, settings } = isGiven(options) ? givenTokens(options) : requestedTokens(options)
  return interceptor(bearerStep(carriage, choose), settings)
}

/** Where the option is there at all: a variable that is not set makes no request for a token out of `{ token: process.env.TOKEN }`. */
function isGiven(options: unknown): options is GivenTokenOptions {
  return typeof options === 'object' && options !== null && Object.hasOwn(options, 'token')
}
