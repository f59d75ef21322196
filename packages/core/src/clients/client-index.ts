import type { ApiKeyCredential, BasicCredential, CertificateCredential, Client, Credential, HmacCredential } from './client.js'
import { isSameClient } from './client.js'
import { type ApiKeyDigest, DigestTable } from './digest-table.js'
import { clientError } from './errors.js'
import { ApiKeyMatch, Match } from './match.js'
import type { PasswordPolicy } from './passwords.js'
import type { CredentialUse } from './registry.js'

/**
 * The clients of one registry in memory, found by id and by each of their credentials in a time that does not grow with their
 * number. A client is put in whole or not at all.
 */
export class ClientIndex {
  readonly #clients = new Map<string, Client>()
  readonly #keys: DigestTable<ApiKeyMatch>
  readonly #users = new Map<string, readonly Match<BasicCredential>[]>()
  readonly #hmacKeys = new Map<string, readonly Match<HmacCredential>[]>()
  readonly #pins = new Map<string, Match<CertificateCredential>>()

  /** @param expected - how many clients will come */
  constructor(expected = 0) {
    this.#keys = new DigestTable(expected)
  }

  get size(): number {
    return this.#clients.size
  }

  client(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  clients(): IterableIterator<Client> {
    return this.#clients.values()
  }

  apiKey(digest: ApiKeyDigest): Match<ApiKeyCredential> | undefined {
    return this.#keys.get(digest)
  }

  user(name: string): readonly Match<BasicCredential>[] | undefined {
    return this.#users.get(name)
  }

  hmacKey(keyId: string): readonly Match<HmacCredential>[] | undefined {
    return this.#hmacKeys.get(keyId)
  }

  certificate(pin: string): Match<CertificateCredential> | undefined {
    return this.#pins.get(pin)
  }

  /** When the credentials of a client were last accepted. */
  uses(clientId: string): readonly CredentialUse[] | undefined {
    const client = this.#clients.get(clientId)
    return client?.credentials.map((credential) => {
      const usedMs = this.#held(matchOf(client, credential))?.find((match) => match.credential.id === credential.id)?.lastUsedMs
      return { credentialId: credential.id, lastUsed: usedMs === undefined ? undefined : new Date(usedMs) }
    })
  }

  /**
   * Puts a client in, in place of the one with its id.
   *
   * @throws CountersignError `ERR_CLIENT_CREDENTIAL_TAKEN` (409) when one of its credentials belongs to another client; then nothing
   *   has changed
   */
  put(client: Client, passwords: PasswordPolicy): void {
    const matches = matchesOf(client)
    this.#check(client, matches, passwords)
    const before = this.#clients.get(client.id)
    if (before !== undefined) this.#inherit(matches, before)
    this.delete(client.id)
    this.#hold(client, matches)
  }

  /**
   * Puts a client in that must not be there yet, while an index is made. When an earlier index holds the very same client, its record
   * and matches are taken over, so that what did not change keeps its identity.
   *
   * @throws CountersignError `ERR_CLIENT_EXISTS` (409), and as `put` does; the index is not to be used then
   */
  insert(client: Client, passwords: PasswordPolicy, earlier?: ClientIndex): void {
    const before = earlier?.client(client.id)
    const kept = before !== undefined && isSameClient(before, client) ? before : client
    const matches = matchesOf(kept)
    if (earlier !== undefined && before !== undefined) earlier.#inherit(matches, before)
    if (matches.length > 1) checkAmong(kept, passwords)
    const { size } = this.#clients
    this.#hold(kept, matches)
    if (this.#clients.size === size) throw clientError('ERR_CLIENT_EXISTS', `there are two clients "${client.id}"`)
  }

  delete(id: string): void {
    for (const credential of this.#clients.get(id)?.credentials ?? []) this.#drop(credential)
    this.#clients.delete(id)
  }

  /** @throws CountersignError as `put` does; changes nothing */
  check(client: Client, passwords: PasswordPolicy): void {
    this.#check(client, matchesOf(client), passwords)
  }

  #check(client: Client, matches: readonly Match[], passwords: PasswordPolicy): void {
    for (const match of matches) {
      const holder = this.#held(match)?.[0]?.client.id
      if (holder !== undefined && holder !== client.id) throw taken(match.credential, holder, client.id)
    }
    if (matches.length > 1) checkAmong(client, passwords)
  }

  /** Takes over from the former record of a client: the same record is the same match, and a credential that is still there remembers when it was used. */
  #inherit(matches: Match[], before: Client): void {
    for (const [i, match] of matches.entries()) {
      const former = this.#held(match)?.find(({ credential }) => credential.id === match.credential.id)
      if (former?.client !== before) continue
      if (match.client === before) matches[i] = former
      else match.lastUsedMs = former.lastUsedMs
    }
  }

  /** What the index holds under the name that a match would be found by. */
  #held(match: Match): readonly Match[] | undefined {
    if (match instanceof ApiKeyMatch) return single(this.#keys.getHex(match.digestHex))
    const { credential } = match
    if (credential.kind === 'basic') return this.#users.get(credential.user)
    if (credential.kind === 'hmac') return this.#hmacKeys.get(credential.keyId)
    return credential.kind === 'certificate' ? single(this.#pins.get(credential.pin)) : undefined
  }

  #hold(client: Client, matches: readonly Match[]): void {
    this.#clients.set(client.id, client)
    for (const match of matches) {
      const { credential } = match
      if (match instanceof ApiKeyMatch) refuseHeld(match, this.#keys.add(match))
      else if (credential.kind === 'basic') push(this.#users, credential.user, match as Match<BasicCredential>)
      else if (credential.kind === 'hmac') push(this.#hmacKeys, credential.keyId, match as Match<HmacCredential>)
      else if (credential.kind === 'certificate') {
        refuseHeld(match, this.#pins.get(credential.pin))
        this.#pins.set(credential.pin, match as Match<CertificateCredential>)
      }
    }
  }

  #drop(credential: Credential): void {
    switch (credential.kind) {
      case 'api-key':
        this.#keys.deleteHex(credential.sha256)
        break
      case 'basic':
        this.#users.delete(credential.user)
        break
      case 'hmac':
        this.#hmacKeys.delete(credential.keyId)
        break
      case 'certificate':
        this.#pins.delete(credential.pin)
    }
  }
}

function matchesOf(client: Client): Match[] {
  return client.credentials.map((credential) => matchOf(client, credential))
}

function matchOf(client: Client, credential: Credential): Match {
  return credential.kind === 'api-key' ? new ApiKeyMatch(client, credential) : new Match(client, credential)
}

function single<T>(value: T | undefined): readonly T[] | undefined {
  return value === undefined ? undefined : [value]
}

/** A name that several credentials may have as long as they are one client's. */
function push<C extends Credential>(index: Map<string, readonly Match<C>[]>, name: string, match: Match<C>): void {
  const held = index.get(name)
  if (held !== undefined && held[0]?.client.id !== match.client.id) refuseHeld(match, held[0])
  index.set(name, Object.freeze(held === undefined ? [match] : [...held, match]))
}

function refuseHeld(match: Match, held: Match | undefined): void {
  if (held !== undefined) throw taken(match.credential, held.client.id, match.client.id)
}

/** The message names both clients, and the credential by its public parts alone. */
function taken(credential: Credential, holder: string, wanting: string) {
  const what = { 'api-key': 'the API key', basic: 'the user name', hmac: 'the HMAC key id', certificate: 'the certificate pin' }[
    credential.kind
  ]
  const whose = holder === wanting ? `appears twice in client "${holder}"` : `already belongs to client "${holder}"`
  return clientError('ERR_CLIENT_CREDENTIAL_TAKEN', `${what} of credential "${credential.id}" of client "${wanting}" ${whose}`)
}

/** No key or pin twice in one client, and one salt for all passwords of a user. */
function checkAmong(client: Client, passwords: PasswordPolicy): void {
  const own = new Set<string>()
  const verifiers = new Map<string, string>()
  for (const credential of client.credentials) {
    if (credential.kind === 'basic') {
      const beside = verifiers.get(credential.user)
      if (beside === undefined) verifiers.set(credential.user, credential.verifier)
      else if (!passwords.shareDerivation(beside, credential.verifier)) throw clientError('ERR_CLIENT_CREDENTIAL_TAKEN', SALT_HINT)
    } else if (credential.kind !== 'hmac') {
      const name = credential.kind === 'api-key' ? credential.sha256 : credential.pin
      if (own.has(name)) throw taken(credential, client.id, client.id)
      own.add(name)
    }
  }
}

const SALT_HINT =
  'a user has two passwords with different salts, so checking them would take longer than for others and reveal that the user exists; add the second password ' +
  'through the registry, which keeps the salt'
