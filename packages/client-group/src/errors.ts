import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code with which client-group refuses, beside those of api-key and core. */
export const clientGroupCodes = {
  ERR_BASIC_DUPLICATE: {
    status: 401,
    when: 'Authorization was sent more than once',
    fix: 'send it once',
  },
  ERR_BASIC_MALFORMED: {
    status: 401,
    when: 'behind Basic stands no strict base64 of UTF-8 text with a user name and a colon, or the text holds control characters',
    fix: 'send base64(user ":" password) with its padding, both in UTF-8 (RFC 7617)',
  },
  ERR_BASIC_EMPTY_PASSWORD: {
    status: 401,
    when: 'the password is empty',
    fix: 'send the password; where an empty one is meant, set allowEmptyPassword',
  },
  ERR_BASIC_WRONG: {
    status: 401,
    when: 'nobody has the user name, or the password is another',
    fix: 'correct user name and password',
  },
  ERR_BASIC_DISABLED: {
    status: 401,
    when: 'user name and password are right, and the client has been disabled',
    fix: 'enable the client',
  },
  ERR_BASIC_EARLY: {
    status: 401,
    when: 'user name and password are right, and do not hold yet (notBefore)',
    fix: 'wait, or change the dates',
  },
  ERR_BASIC_EXPIRED: {
    status: 401,
    when: 'user name and password were right, and do not hold any more (notAfter)',
    fix: 'use the password that took its place, or ask for a new one',
  },
  ERR_BASIC_BUSY: {
    status: 503,
    when: 'as many passwords are being checked and waiting as may (maxConcurrentHashes, maxQueuedHashes)',
    fix: 'send the request again after Retry-After; find out who sends so many wrong passwords',
  },
  ERR_GROUP_NOT_MEMBER: {
    status: 403,
    when: 'the credentials are right, and their client is in none of the groups of the route',
    fix: 'add the client to a group, or call as another client',
  },
  ERR_GROUP_OTHER_CLIENT: {
    status: 403,
    when: 'credentials of two clients were sent together',
    fix: 'send those of one client',
  },
  ERR_GROUP_NO_CLIENT: {
    status: 403,
    when: 'an authenticator proved a client that the registry does not hold, or that has been disabled',
    fix: 'add or enable the client',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type ClientGroupCode = keyof typeof clientGroupCodes

/** Builds a refusal with a code of this package. */
export const refuse = refusals<ClientGroupCode>(clientGroupCodes)
