import type { RefusalRow } from '@countersign/core'

/** Every code of a token that could not be had. */
export const tokenCodes = {
  ERR_AXIOS_TOKEN_UNREACHABLE: {
    status: 502,
    when: 'the token service could not be reached, or the connection broke before it had answered',
    fix: 'check tokenUrl, the network and the certificates; the next call tries again',
  },
  ERR_AXIOS_TOKEN_TIMEOUT: {
    status: 504,
    when: 'the token service, or a function that gives the token, did not answer within timeoutMs',
    fix: 'make it answer faster, or raise timeoutMs; the next call tries again',
  },
  ERR_AXIOS_TOKEN_REFUSED: {
    status: 502,
    when: 'the token service refused: a status other than 200, or an error in its answer',
    fix: 'see tokenStatus and oauthError of the error; check clientId, clientSecret, scopes and clientAuthentication',
  },
  ERR_AXIOS_TOKEN_BUSY: {
    status: 503,
    when: 'the token service asked to be left alone for a while (Retry-After), and that is not over',
    fix: 'wait for retryAfterSeconds of the error',
  },
  ERR_AXIOS_TOKEN_MALFORMED: {
    status: 502,
    when: 'the answer of the token service holds no token: no JSON, no such field, or text that cannot go into a header',
    fix: 'check tokenUrl; where the token is in another field, name it with tokenField or tokenHeader',
  },
  ERR_AXIOS_TOKEN_TYPE: {
    status: 502,
    when: 'the token service gave a token of a type other than Bearer',
    fix: 'ask for a Bearer token; where the type is a name for the same, set prefix or tokenField',
  },
  ERR_AXIOS_TOKEN_TOO_LARGE: {
    status: 502,
    when: 'the answer of the token service is larger than maxResponseBytes',
    fix: 'check tokenUrl, or raise maxResponseBytes',
  },
  ERR_AXIOS_TOKEN_ASSERTION: {
    status: 500,
    when: 'the assertion of the client could not be signed',
    fix: 'check privateKey, assertionAlgorithm and clientSecret',
  },
  ERR_AXIOS_TOKEN_UNUSABLE: {
    status: 500,
    when: 'a function that gives the token answered something that is no token, or threw',
    fix: 'answer visible ASCII characters without blanks',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of a token that could not be had. */
export type TokenCode = keyof typeof tokenCodes
