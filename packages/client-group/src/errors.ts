import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code with which client-group refuses, beside those of api-key and core. */
export const clientGroupCodes = {
  ERR_BASIC_DUPLICATE: {
    status: 401,
    when: 'the Authorization field was sent more than once',
    fix: 'send it once',
  },
  ERR_BASIC_MALFORMED: {
    status: 401,
    when: 'what follows Basic is not strict base64 of UTF-8 text with a user name and a colon, or the text contains control characters',
    fix: 'send base64(user ":" password) with its padding, both in UTF-8 (RFC 7617)',
  },
  ERR_BASIC_EMPTY_PASSWORD: {
    status: 401,
    when: 'the password is empty',
    fix: 'send the password; if an empty one is intended, set allowEmptyPassword',
  },
  ERR_BASIC_WRONG: {
    status: 401,
    when: 'the user name is unknown, or the password is wrong',
    fix: 'correct the user name and password',
  },
  ERR_BASIC_DISABLED: {
    status: 401,
    when: 'user name and password are right, but the client has been disabled',
    fix: 'enable the client',
  },
  ERR_BASIC_EARLY: {
    status: 401,
    when: 'user name and password are right, but not valid yet (notBefore)',
    fix: 'wait, or change the dates',
  },
  ERR_BASIC_EXPIRED: {
    status: 401,
    when: 'user name and password are right, but no longer valid (notAfter)',
    fix: 'use the password that replaced it, or ask for a new one',
  },
  ERR_BASIC_BUSY: {
    status: 503,
    when: 'too many passwords are being checked or waiting to be (maxConcurrentHashes, maxQueuedHashes)',
    fix: 'send the request again after Retry-After; find out who sends so many wrong passwords',
  },
  ERR_GROUP_NOT_MEMBER: {
    status: 403,
    when: "the credentials are right, but the client is in none of the route's groups",
    fix: 'add the client to a group, or call as another client',
  },
  ERR_GROUP_OTHER_CLIENT: {
    status: 403,
    when: 'the request carries credentials of two clients',
    fix: 'send credentials of one client',
  },
  ERR_GROUP_NO_CLIENT: {
    status: 403,
    when: 'an authenticator identified a client that is not in the registry or has been disabled',
    fix: 'add or enable the client',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type ClientGroupCode = keyof typeof clientGroupCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<ClientGroupCode>(clientGroupCodes)
