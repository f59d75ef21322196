import { invalidValue } from '../options.js'
import type { Client, Credential } from './client.js'
import { clientError } from './errors.js'

/** What becomes of a client, undefined when it goes, and what is answered once that is stored. */
export interface Edited<T> {
  readonly client: Client | undefined
  readonly answer: T
}

/**
 * A change of one client, as a function of the record as it stands; undefined: there is none. Synchronous and without effects, so that
 * a registry can run it again on a newer record.
 */
export type Edit<T> = (client: Client | undefined) => Edited<T>

/** @throws CountersignError `ERR_CLIENT_UNKNOWN` (404) */
export function known(client: Client | undefined, clientId: string): Client {
  if (client === undefined) throw clientError('ERR_CLIENT_UNKNOWN', `there is no client "${clientId}"`)
  return client
}

/** A client with other parts. */
export function changed(client: Client, parts: Partial<Client>): Client {
  const { id, groups, disabled, credentials } = { ...client, ...parts }
  return Object.freeze({ id, groups: Object.freeze(groups), disabled, credentials: Object.freeze(credentials) })
}

/** The credential of an id. @throws CountersignError `ERR_CLIENT_NO_CREDENTIAL` (404) */
export function credentialOf(client: Client, credentialId: string): Credential {
  const credential = client.credentials.find(({ id }) => id === credentialId)
  if (credential === undefined) {
    throw clientError('ERR_CLIENT_NO_CREDENTIAL', `client "${client.id}" has no credential "${credentialId}"`)
  }
  return credential
}

/** The client with a further credential. @throws CountersignError `ERR_CLIENT_CREDENTIAL_EXISTS` (409) */
export function withCredential(client: Client, credential: Credential): Client {
  if (client.credentials.some(({ id }) => id === credential.id)) {
    throw clientError('ERR_CLIENT_CREDENTIAL_EXISTS', `client "${client.id}" already has a credential "${credential.id}"`)
  }
  return changed(client, { credentials: [...client.credentials, credential] })
}

/** The client without one credential, or without any. */
export function withoutCredential(client: Client, credentialId: string | undefined): Client {
  if (credentialId === undefined) return changed(client, { credentials: [] })
  const gone = credentialOf(client, credentialId)
  return changed(client, { credentials: client.credentials.filter((credential) => credential !== gone) })
}

/** The client with one credential in the place of another. */
export function withReplaced(client: Client, old: Credential, replacement: Credential): Client {
  return changed(client, { credentials: client.credentials.map((credential) => (credential === old ? replacement : credential)) })
}

/** The client with a group more. */
export function withGroup(client: Client, group: string): Client {
  return client.groups.includes(group) ? client : changed(client, { groups: [...client.groups, group] })
}

/** The client with a group less. */
export function withoutGroup(client: Client, group: string): Client {
  return changed(client, { groups: client.groups.filter((name) => name !== group) })
}

/** @throws TypeError when the overlap is no whole number of seconds */
export function checkedOverlap(factory: string, overlapSeconds: unknown): number {
  if (Number.isSafeInteger(overlapSeconds) && (overlapSeconds as number) >= 0) return overlapSeconds as number
  throw invalidValue(factory, 'overlapSeconds', 'must be a whole number of seconds, 0 or more')
}
