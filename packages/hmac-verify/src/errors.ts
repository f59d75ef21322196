import { type RefusalRow, refusals } from '@countersign/core/base'
import { schemeCodes } from '@countersign/schemes/verifier'

/** Every code with which hmac-verify refuses, beside those of core. */
export const hmacCodes = {
  ...schemeCodes,
  ERR_HMAC_HANDSHAKE: {
    status: 401,
    when: "the request is the vendor's handshake, and is not one that the route may answer",
    fix: 'compare the verify token; a handshake that brings a secret is taken only while handshake.pending() says so and none is there',
  },
  ERR_HMAC_SIGNED_FOR_ANYBODY: {
    status: 401,
    when: "the body is of the form of a challenge, which the route's handshake signs for whoever asks",
    fix: 'the vendor sends no such body; somebody tried to forge one',
  },
  ERR_HMAC_REPLAYED: {
    status: 401,
    when: 'the same signed request was accepted before',
    fix: 'sign again for a retry; a request whose handler answered 5xx may be sent again as it is',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type HmacCode = keyof typeof hmacCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<HmacCode>(hmacCodes)
