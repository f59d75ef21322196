import { CountersignError } from '../errors.js'
import type { RefusalRow } from '../verdict.js'

/** Every code of the client registries: status, when it is used, what to do. A request only ever meets the 503s. */
export const clientCodes = {
  ERR_CLIENT_UNKNOWN: {
    status: 404,
    when: 'a change names a client that is not in the registry',
    fix: 'add the client first, or correct its id',
  },
  ERR_CLIENT_EXISTS: {
    status: 409,
    when: 'a client is added under an id that is already in the registry',
    fix: 'choose another id, or change the existing client',
  },
  ERR_CLIENT_NO_CREDENTIAL: {
    status: 404,
    when: 'a change names a credential that the client does not have',
    fix: "check the client's credentials for the right id",
  },
  ERR_CLIENT_CREDENTIAL_EXISTS: {
    status: 409,
    when: 'a credential is added under an id that the client already has',
    fix: 'choose another id, or omit it to have one generated',
  },
  ERR_CLIENT_CREDENTIAL_TAKEN: {
    status: 409,
    when: 'the key, user name, key id or pin already belongs to a client, so it would no longer identify the caller',
    fix: 'give each client its own credentials; to move one, revoke it first',
  },
  ERR_CLIENT_FILE_LOCKED: {
    status: 503,
    when: 'another process held the lock on the clients file for longer than lockTimeoutMs',
    fix: 'try again; if no process is writing, the left-over lock file is taken over automatically',
  },
  ERR_CLIENT_FILE_BAD: {
    status: 503,
    when: 'the clients file is missing, unreadable, not JSON, or contains an invalid record',
    fix: 'correct the file; until then its last good state is used for maxStaleSeconds',
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
