import type { RefusalRow } from '@countersign/core/base'

/** Every code with which a signature is refused. */
export const schemeCodes = {
  ERR_HMAC_MISSING: { status: 401, when: 'the request carries no signature of the scheme', fix: 'sign the request' },
  ERR_HMAC_DUPLICATED: {
    status: 401,
    when: 'a field that carries credentials or signed data stands more than once',
    fix: 'send it once; look for a proxy that adds it again',
  },
  ERR_HMAC_MALFORMED: {
    status: 401,
    when: 'a field is there and not of the form that the scheme gives it',
    fix: 'compare the field with the scheme; the reason names it',
  },
  ERR_HMAC_INCOMPLETE: { status: 401, when: 'something that the scheme signs is not in the request', fix: 'send it; the reason names it' },
  ERR_HMAC_STALE: {
    status: 401,
    when: 'the timestamp is older than toleranceSeconds, or the signature has expired',
    fix: "check the sender's clock; a queued request has to be signed again",
  },
  ERR_HMAC_FUTURE: {
    status: 401,
    when: 'the timestamp lies further ahead than the tolerance',
    fix: "check both clocks, and whether the sender's unit is the scheme's (seconds, milliseconds)",
  },
  ERR_HMAC_UNKNOWN_KEY: {
    status: 401,
    when: 'no active secret belongs to the key id',
    fix: 'add the key, or look at its notBefore and notAfter',
  },
  ERR_HMAC_ALGORITHM: { status: 401, when: 'the request names an algorithm that the scheme does not list', fix: 'sign with a listed one' },
  ERR_HMAC_UNCOVERED: {
    status: 401,
    when: 'the list of what is signed lacks something that has to be on it',
    fix: 'sign it too; the reason names it',
  },
  ERR_HMAC_DIGEST: {
    status: 401,
    when: 'a carried digest or constant is not the one that the request gives',
    fix: 'the body was changed after it was signed, or another body was signed',
  },
  ERR_HMAC_UNSIGNED_BODY: {
    status: 401,
    when: 'the request has a body where the scheme signs none',
    fix: 'send it without body, or set allowUnboundBody knowing that anybody may change it',
  },
  ERR_HMAC_NOTHING_SIGNED: {
    status: 401,
    when: 'the scheme signs the body alone, and the request has none or a method without one: its signature would open every such request for ever',
    fix: 'use a scheme that signs method, path and time; allowEmptyBody lets such requests in',
  },
  ERR_HMAC_MISMATCH: {
    status: 401,
    when: 'no signature of the request is that of an active secret',
    fix: 'compare the signed strings; see explain',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type SchemeCode = keyof typeof schemeCodes
