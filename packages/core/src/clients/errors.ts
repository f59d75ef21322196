import { CountersignError } from '../errors.js'
import type { RefusalRow } from '../verdict.js'

/** Every code of the client registries: status, when it is used, what to do. A request only ever meets the 503s. */
export const clientCodes = {
  ERR_CLIENT_UNKNOWN: {
    status: 404,
    when: 'a change names a client that the registry does not hold',
    fix: 'add the client first, or correct its id',
  },
  ERR_CLIENT_EXISTS: {
    status: 409,
    when: 'a client is added under an id that the registry holds already',
    fix: 'choose another id, or change the client that is there',
  },
  ERR_CLIENT_NO_CREDENTIAL: {
    status: 404,
    when: 'a change names a credential that the client does not have',
    fix: 'look at the credentials of the client for the right id',
  },
  ERR_CLIENT_CREDENTIAL_EXISTS: {
    status: 409,
    when: 'a credential is added under an id that the client has already',
    fix: 'choose another id, or leave it out to have one made',
  },
  ERR_CLIENT_CREDENTIAL_TAKEN: {
    status: 409,
    when: 'a key, user name, key id or pin belongs to a client already, so that it would no longer say who called',
    fix: 'give each client credentials of its own; revoke the one that is there first if it is to move',
  },
  ERR_CLIENT_FILE_LOCKED: {
    status: 503,
    when: 'another process kept the lock of the clients file for longer than lockTimeoutMs',
    fix: 'try again; if no process writes, the lock file is left over and is taken over by itself',
  },
  ERR_CLIENT_FILE_BAD: {
    status: 503,
    when: 'the clients file is missing, unreadable, no JSON, or holds a record that is not one',
    fix: 'correct the file; until then its last good state serves for maxStaleSeconds',
  },
  ERR_CLIENT_FILE_STALE: {
    status: 503,
    when: 'the clients file has been bad or missing for longer than maxStaleSeconds',
    fix: 'restore the file',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of the client registries' table. */
export type ClientCode = keyof typeof clientCodes

/** An error with a code of the registries' table; `reason` defaults to the row's `when`. It holds no secret. */
export function clientError(code: ClientCode, reason?: string, cause?: unknown): CountersignError {
  const row = clientCodes[code]
  return new CountersignError(code, `${reason ?? row.when}; ${row.fix}`, { status: row.status, cause })
}
