import type { Client } from '@countersign/core'
import { invalidType, invalidValue, isRecord, OptionReader, validityWindow } from '@countersign/core/base'
import { type ApiKeyDigest, ApiKeyMatch, checkedApiKey, DigestTable, digestApiKey, digestHex } from '@countersign/core/keys'

/** The keys of an option, found by digest. */
export class InlineKeys {
  readonly #table = new DigestTable<ApiKeyMatch>()

  find(digest: ApiKeyDigest): ApiKeyMatch | undefined {
    return this.#table.get(digest)
  }

  /** @returns whether the key was not there yet */
  add(match: ApiKeyMatch): boolean {
    return this.#table.add(match) === undefined
  }
}

/** A key on its way in. */
interface Entry {
  readonly where: string
  readonly clientId: string
  readonly id: string
  readonly input: unknown
}

const RECORD = ['key', 'id', 'clientId', 'notBefore', 'notAfter']

/**
 * Reads the option `keys`.
 *
 * @param clientId - the client of keys that name none
 * @throws TypeError when there is none, or one is blank, too short, no text, or there twice; it names the place, never the key
 */
export function readKeys(factory: string, input: unknown, clientId: string, allowWeak: boolean): InlineKeys {
  const keys = new InlineKeys()
  const entries = entriesOf(factory, input, clientId)
  if (entries.length === 0) throw invalidValue(factory, 'keys', 'must contain at least one key')
  for (const entry of entries) {
    if (!keys.add(readEntry(factory, entry, allowWeak)))
      throw invalidValue(factory, entry.where, 'appears twice; each key belongs to one client, once')
  }
  return keys
}

function entriesOf(factory: string, input: unknown, clientId: string): Entry[] {
  if (typeof input === 'string') return [{ where: 'keys', clientId, id: '1', input }]
  if (Array.isArray(input)) return listed('keys', input, clientId)
  if (!isRecord(input)) throw invalidType(factory, 'keys', 'a key, a list of keys, or an object from client id to key', input)
  refuseSource(factory, 'keys', input)
  return Object.entries(input).flatMap(([name, own]) => {
    if (name.trim() === '') throw invalidValue(factory, 'keys', 'names a client with a blank id')
    return Array.isArray(own) ? listed(`keys.${name}`, own, name) : [{ where: `keys.${name}`, clientId: name, id: '1', input: own }]
  })
}

function listed(where: string, keys: readonly unknown[], clientId: string): Entry[] {
  return Array.from(keys, (input, i) => ({ where: `${where}[${i}]`, clientId, id: String(i + 1), input }))
}

function readEntry(factory: string, { where, clientId, id, input }: Entry, allowWeak: boolean): ApiKeyMatch {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return matchOf(clientId, id, checkedApiKey(factory, where, input, allowWeak))
  refuseSource(factory, where, input)
  const reader = new OptionReader(`${factory}: ${where}`, input, RECORD)
  const window = validityWindow(factory, where, reader.raw('notBefore'), reader.raw('notAfter'))
  const key = checkedApiKey(factory, `${where}.key`, reader.raw('key'), allowWeak)
  return matchOf(reader.text('clientId', clientId), reader.text('id', id), key, window.from, window.until)
}

/** What outgoing credentials and the secrets of signatures may be, and who has read of those writes here as well. */
function refuseSource(factory: string, where: string, input: object): void {
  if (typeof (input as { current?: unknown }).current === 'function')
    throw invalidValue(
      factory,
      where,
      'must be the key as text, such as process.env.ACME_KEY; secretFromEnv and secretFromFile are not for keys',
    )
}

function matchOf(
  clientId: string,
  id: string,
  key: string,
  from = Number.NEGATIVE_INFINITY,
  until = Number.POSITIVE_INFINITY,
): ApiKeyMatch {
  const credential = Object.freeze({
    kind: 'api-key' as const,
    id,
    sha256: digestHex(digestApiKey(key)),
    ...(Number.isFinite(from) && { notBefore: new Date(from).toISOString() }),
    ...(Number.isFinite(until) && { notAfter: new Date(until).toISOString() }),
  })
  const client: Client = Object.freeze({
    id: clientId,
    groups: Object.freeze([]),
    disabled: false,
    credentials: Object.freeze([credential]),
  })
  return new ApiKeyMatch(client, credential)
}
