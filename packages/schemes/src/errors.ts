import type { RefusalRow } from '@countersign/core/base'

/** Every code with which a signature is refused. */
export const schemeCodes = {
  ERR_HMAC_MISSING: { status: 401, when: 'the request carries no signature of the scheme', fix: 'sign the request' },
  ERR_HMAC_DUPLICATED: {
    status: 401,
    when: 'a field that carries credentials or signed data was sent more than once',
    fix: 'send it once; look for a proxy that adds it a second time',
  },
  ERR_HMAC_MALFORMED: {
    status: 401,
    when: 'a field does not have the form that the scheme requires',
    fix: 'compare the field with the scheme; the reason names it',
  },
  ERR_HMAC_INCOMPLETE: { status: 401, when: 'the request lacks something that the scheme signs', fix: 'send it; the reason names it' },
  ERR_HMAC_STALE: {
    status: 401,
    when: 'the timestamp is older than toleranceSeconds, or the signature has expired',
    fix: "check the sender's clock; a queued request must be signed again",
  },
  ERR_HMAC_FUTURE: {
    status: 401,
    when: 'the timestamp is further in the future than the tolerance allows',
    fix: 'check both clocks, and that sender and scheme use the same unit (seconds, milliseconds)',
  },
  ERR_HMAC_UNKNOWN_KEY: {
    status: 401,
    when: 'no active secret belongs to the key id',
    fix: 'add the key, or check its notBefore and notAfter',
  },
  ERR_HMAC_ALGORITHM: {
    status: 401,
    when: 'the request names an algorithm that the scheme does not list',
    fix: 'sign with one of the listed algorithms',
  },
  ERR_HMAC_UNCOVERED: {
    status: 401,
    when: "the sender's list of signed parts lacks a required one",
    fix: 'sign it too; the reason names it',
  },
  ERR_HMAC_DIGEST: {
    status: 401,
    when: 'a digest or constant in the request differs from the recomputed one',
    fix: 'look for what changed the body after it was signed, or for another body that was signed',
  },
  ERR_HMAC_UNSIGNED_BODY: {
    status: 401,
    when: 'the request has a body, which the scheme does not sign',
    fix: 'send it without a body, or set allowUnboundBody, knowing that anybody on the way can change it',
  },
  ERR_HMAC_NOTHING_SIGNED: {
    status: 401,
    when: 'the scheme signs only the body, and the request has none or uses a method without one: one such signature would be valid for every such request, for ever',
    fix: 'use a scheme that signs method, path and time; allowEmptyBody accepts such requests',
  },
  ERR_HMAC_MISMATCH: {
    status: 401,
    when: 'no signature in the request matches an active secret',
    fix: 'compare the signed strings; see explain',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type SchemeCode = keyof typeof schemeCodes
