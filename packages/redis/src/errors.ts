import { CountersignError, type RefusalRow } from '@countersign/core'

/** Every code of this package beside those of core: status, when it is used, what to do. */
export const redisCodes = {
  ERR_REDIS_DATA_LOST: {
    status: 503,
    when: 'Redis has lost data (restart, failover, flush, eviction) since a request this old may have been accepted',
    fix: 'sign the request again; keep Redis from losing data (persistence, maxmemory-policy noeviction)',
  },
  ERR_REDIS_BAD_RECORD: {
    status: 503,
    when: 'Redis holds a client that cannot be read: sealed with another key, stored under other password rules, or not written by this package',
    fix: 'give every process the same sealingKey and the same rules; look at the cause of the error',
  },
  ERR_REDIS_CONTENDED: {
    status: 503,
    when: 'other processes kept changing the same client, so the change could not be made',
    fix: 'try again',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of this package's table. */
export type RedisCode = keyof typeof redisCodes

/** An error with a code of this package's table; `reason` defaults to the row's `when`. */
export function redisError(code: RedisCode, reason?: string, cause?: unknown): CountersignError {
  const row = redisCodes[code]
  return new CountersignError(code, `${reason ?? row.when}; ${row.fix}`, { status: row.status, cause })
}
