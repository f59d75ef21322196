import { type RefusalRow, refusals } from '@countersign/core/base'
import { schemeCodes } from '@countersign/schemes/verifier'

/** Every code with which hmac-verify refuses, beside those of core. */
export const hmacCodes = {
  ...schemeCodes,
  ERR_HMAC_HANDSHAKE: {
    status: 401,
    when: "the request is the vendor's handshake, but not one that the route may answer",
    fix: 'compare the verify token; a handshake that delivers a secret is accepted only while handshake.pending() returns true and no secret exists',
  },
  ERR_HMAC_SIGNED_FOR_ANYBODY: {
    status: 401,
    when: "the body has the form of a challenge, and the route's handshake signs those for anybody",
    fix: 'the vendor sends no such body: somebody tried to forge one',
  },
  ERR_HMAC_REPLAYED: {
    status: 401,
    when: 'the same signed request was accepted before',
    fix: 'sign again for a retry; a request that the handler answered with 5xx may be resent as it is',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type HmacCode = keyof typeof hmacCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<HmacCode>(hmacCodes)
