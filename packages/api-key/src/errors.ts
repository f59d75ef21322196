import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code with which api-key refuses, beside those of core. */
export const apiKeyCodes = {
  ERR_API_KEY_DUPLICATE: {
    status: 401,
    when: 'a key was sent more than once: in several fields, in several parameters, or in both places',
    fix: 'send the key once',
  },
  ERR_API_KEY_EMPTY: {
    status: 401,
    when: 'the field or parameter of the key is there and holds none',
    fix: 'send the key; check that the variable that it comes from is set',
  },
  ERR_API_KEY_MALFORMED: {
    status: 401,
    when: 'the field lacks the prefix that stands before the key, or the parameter is not percent-encoded UTF-8',
    fix: 'write the prefix, one space or more, and the key; encode the parameter',
  },
  ERR_API_KEY_WEAK: {
    status: 401,
    when: 'the key has under 16 octets, so that no key that may be kept fits it',
    fix: 'send the whole key; for short ones of tests and samples set allowWeakKey',
  },
  ERR_API_KEY_MISTYPED: {
    status: 401,
    when: 'nobody has the key, and the checksum that issued keys end with is wrong: it was mistyped or cut',
    fix: 'copy the key once more',
  },
  ERR_API_KEY_UNKNOWN: {
    status: 401,
    when: 'nobody has the key: it was revoked, or was never issued here',
    fix: 'ask for a new key',
  },
  ERR_API_KEY_DISABLED: {
    status: 401,
    when: 'the client whose key it is has been disabled',
    fix: 'enable the client',
  },
  ERR_API_KEY_EARLY: {
    status: 401,
    when: 'the key does not hold yet (notBefore)',
    fix: 'wait, or change its dates',
  },
  ERR_API_KEY_EXPIRED: {
    status: 401,
    when: 'the key does not hold any more (notAfter)',
    fix: 'use the key that took its place, or ask for a new one',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type ApiKeyCode = keyof typeof apiKeyCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<ApiKeyCode>(apiKeyCodes)
