import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code with which api-key refuses, beside those of core. */
export const apiKeyCodes = {
  ERR_API_KEY_DUPLICATE: {
    status: 401,
    when: 'the key was sent more than once: in several fields, in several parameters, or in both places',
    fix: 'send the key once',
  },
  ERR_API_KEY_EMPTY: {
    status: 401,
    when: 'the header field or query parameter for the key is present but empty',
    fix: 'send the key; check that the variable it comes from is set',
  },
  ERR_API_KEY_MALFORMED: {
    status: 401,
    when: 'the field lacks the configured prefix before the key, or the parameter is not percent-encoded UTF-8',
    fix: 'write the prefix, at least one space, and the key; percent-encode the parameter',
  },
  ERR_API_KEY_WEAK: {
    status: 401,
    when: 'the key is shorter than 16 octets, so it cannot be a configured key',
    fix: 'send the whole key; for short keys in tests and samples set allowWeakKey',
  },
  ERR_API_KEY_MISTYPED: {
    status: 401,
    when: 'no client has the key, and its checksum is wrong: it was mistyped or truncated',
    fix: 'copy the key again',
  },
  ERR_API_KEY_UNKNOWN: {
    status: 401,
    when: 'no client has the key: it was revoked, or never issued here',
    fix: 'ask for a new key',
  },
  ERR_API_KEY_DISABLED: {
    status: 401,
    when: 'the client that owns the key has been disabled',
    fix: 'enable the client',
  },
  ERR_API_KEY_EARLY: {
    status: 401,
    when: 'the key is not valid yet (notBefore)',
    fix: 'wait, or change its dates',
  },
  ERR_API_KEY_EXPIRED: {
    status: 401,
    when: 'the key is no longer valid (notAfter)',
    fix: 'use the key that replaced it, or ask for a new one',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type ApiKeyCode = keyof typeof apiKeyCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<ApiKeyCode>(apiKeyCodes)
