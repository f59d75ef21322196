import { CountersignError } from '../errors.js'
import { invalidType, invalidValue, OptionReader } from '../options.js'
import { ChangeableClients, type ClientsSetup } from './changeable-clients.js'
import type { ApiKeyCredential, BasicCredential, CertificateCredential, Client, ClientInput, HmacCredential } from './client.js'
import { ClientEvents } from './client-events.js'
import { ClientIndex } from './client-index.js'
import { ClientReader } from './client-reader.js'
import {
  asksForScrypt,
  type ClientsOptions,
  clientsOptionNames,
  readAllowances,
  readClientsSetup,
  readPasswordPolicy,
} from './clients-options.js'
import type { ApiKeyDigest } from './digest-table.js'
import type { Edit } from './edits.js'
import type { Match } from './match.js'
import type { PasswordPolicy } from './passwords.js'
import type { ClientLookup, ClientRegistry, CredentialUse } from './registry.js'

/** What `memoryClients` can be told. */
export interface MemoryClientsOptions extends ClientsOptions {
  /** The clients that are there from the start. Default none. */
  readonly clients?: readonly ClientInput[]
}

/** A registry whose look-ups all answer at once. */
export interface MemoryClients extends ClientRegistry {
  findApiKey(digest: ApiKeyDigest): Match<ApiKeyCredential> | undefined
  findUser(name: string): readonly Match<BasicCredential>[] | undefined
  findHmacKey(keyId: string): readonly Match<HmacCredential>[] | undefined
  findCertificate(pin: string): Match<CertificateCredential> | undefined
  find(clientId: string): Client | undefined
  list(): Iterable<Client>
  lastUsed(clientId: string): readonly CredentialUse[] | undefined
}

/**
 * A registry of clients that lives as long as the process does. Of keys and passwords it keeps digests alone.
 *
 * A change holds as soon as its method was called, before its promise resolves, unless a password has to be derived first.
 *
 * @param options.passwords - `scrypt` or `random`. Default `scrypt` when a client comes with a password or verifier of scrypt, or an
 *   option of scrypt is given; else `random`. Passwords given here are derived at once, 0.13 s each; give verifiers where they are many
 * @throws TypeError `ERR_INVALID_ARG_VALUE` or `_TYPE` when an option or a client is wrong, or two clients share a credential
 * @example
 * const clients = memoryClients({
 *   clients: [{ id: 'acme', groups: ['partners'], credentials: [{ kind: 'api-key', key: process.env.ACME_KEY }] }],
 * })
 * const { key } = await clients.issueKey('acme')
 * await clients.disable('acme')
 */
export function memoryClients(options: MemoryClientsOptions = {}): MemoryClients {
  const reader = new OptionReader('memoryClients', options, [...clientsOptionNames, 'clients'])
  const given = reader.raw('clients') ?? []
  if (!Array.isArray(given)) throw invalidType('memoryClients', 'clients', 'a list of clients', given)
  const isScrypt = asksForScrypt(reader) || given.some(holdsScrypt)
  const passwords = readPasswordPolicy(reader, isScrypt ? 'scrypt' : 'random')
  const setup = { ...readClientsSetup(reader), events: new ClientEvents() }
  return new HeldClients(setup, new ClientReader({ ...readAllowances(reader), passwords }), given)
}

class HeldClients extends ChangeableClients implements ClientLookup {
  readonly passwords: PasswordPolicy
  protected override readonly reader: ClientReader
  readonly #index: ClientIndex
  readonly #events: ClientEvents

  constructor(setup: ClientsSetup, reader: ClientReader, given: readonly unknown[]) {
    super(setup)
    this.reader = reader
    this.passwords = reader.rules.passwords
    this.#events = setup.events
    this.#index = new ClientIndex(given.length)
    for (let i = 0; i < given.length; i += 1) insert(this.#index, reader.client(given[i], 'clients', i), this.passwords, i)
  }

  findApiKey(digest: ApiKeyDigest): Match<ApiKeyCredential> | undefined {
    return this.#index.apiKey(digest)
  }

  findUser(name: string): readonly Match<BasicCredential>[] | undefined {
    return this.#index.user(name)
  }

  findHmacKey(keyId: string): readonly Match<HmacCredential>[] | undefined {
    return this.#index.hmacKey(keyId)
  }

  findCertificate(pin: string): Match<CertificateCredential> | undefined {
    return this.#index.certificate(pin)
  }

  find(clientId: string): Client | undefined {
    return this.#index.client(clientId)
  }

  list(): Iterable<Client> {
    return [...this.#index.clients()]
  }

  used(match: Match, nowMs: number): void {
    match.lastUsedMs = nowMs
  }

  lastUsed(clientId: string): readonly CredentialUse[] | undefined {
    return this.#index.uses(clientId)
  }

  protected override async change<T>(clientId: string, edit: Edit<T>): Promise<T> {
    const { client, answer } = edit(this.#index.client(clientId))
    if (client === undefined) this.#index.delete(clientId)
    else this.#index.put(client, this.passwords)
    this.#events.changed(clientId)
    return answer
  }
}

/** What stands in the configuration twice is a mistake of the option. */
function insert(index: ClientIndex, client: Client, passwords: PasswordPolicy, at: number): void {
  try {
    index.insert(client, passwords)
  } catch (error) {
    throw error instanceof CountersignError ? invalidValue('memoryClients', `clients[${at}]`, `is not valid: ${error.message}`) : error
  }
}

function holdsScrypt(client: unknown): boolean {
  const credentials: unknown = own(client, 'credentials')
  if (!Array.isArray(credentials)) return false
  return credentials.some((credential) => {
    const verifier = own(credential, 'verifier')
    return own(credential, 'password') !== undefined || (typeof verifier === 'string' && verifier.startsWith('$scrypt$'))
  })
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}
