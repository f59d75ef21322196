import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { invalidType, OptionReader } from '../options.js'
import type {
  ApiKeyCredential,
  BasicCredential,
  CertificateCredential,
  Client,
  ClientInput,
  Credential,
  CredentialInput,
  HmacCredential,
} from './client.js'
import type { ClientEvents } from './client-events.js'
import { digested } from './client-intake.js'
import { type ClientReader, verifierBeside } from './client-reader.js'
import type { ApiKeyDigest } from './digest-table.js'
import {
  changed,
  credentialOf,
  type Edit,
  known,
  withCredential,
  withGroup,
  withoutCredential,
  withoutGroup,
  withReplaced,
} from './edits.js'
import { clientError } from './errors.js'
import { newApiKey, newSecret } from './issued-keys.js'
import type { Match } from './match.js'
import type { PasswordPolicy } from './passwords.js'
import { Place } from './place.js'
import type {
  ClientChange,
  ClientProblem,
  ClientRegistry,
  CredentialUse,
  IssuedKey,
  IssuedPassword,
  IssueOptions,
  Maybe,
  Rotated,
  RotateOptions,
} from './registry.js'
import { asInput, ending, rotationPlan } from './rotation.js'
import { checkedName, checkedUser } from './text-rules.js'

const ARGUMENT = new Place('options')

/** What every registry is made with. */
export interface ClientsSetup {
  readonly now: Clock
  /** What issued keys begin with. */
  readonly keyPrefix: string
  readonly events: ClientEvents
}

/**
 * The changes of a registry, all of them in terms of one: `change`. A registry over another store is a subclass that answers look-ups
 * and applies an edit; rules, issuing, rotation and events are then the same everywhere.
 */
export abstract class ChangeableClients implements ClientRegistry {
  readonly #setup: ClientsSetup

  constructor(setup: ClientsSetup) {
    this.#setup = setup
  }

  abstract readonly passwords: PasswordPolicy
  abstract findApiKey(digest: ApiKeyDigest): Maybe<Match<ApiKeyCredential>>
  abstract findUser(name: string): Maybe<readonly Match<BasicCredential>[]>
  abstract findHmacKey(keyId: string): Maybe<readonly Match<HmacCredential>[]>
  abstract findCertificate(pin: string): Maybe<Match<CertificateCredential>>
  abstract find(clientId: string): Maybe<Client>
  abstract used(match: Match, nowMs: number): void
  abstract lastUsed(clientId: string): Maybe<readonly CredentialUse[]>
  abstract list(): Iterable<Client> | AsyncIterable<Client>

  /** The rules for what comes in. */
  protected abstract readonly reader: ClientReader
  /**
   * Applies an edit to one client as it stands in the store, whole or not at all, and tells the listeners.
   *
   * @throws what the edit throws, and CountersignError when a credential is taken or the store is out of reach
   */
  protected abstract change<T>(clientId: string, edit: Edit<T>): Promise<T>

  async add(input: ClientInput): Promise<Client> {
    const ready = await digested(this.reader, input, [])
    const client = this.reader.client(ready, 'client')
    return this.change(client.id, (before) => {
      if (before !== undefined) throw clientError('ERR_CLIENT_EXISTS', `there already is a client "${client.id}"`)
      return { client, answer: client }
    })
  }

  async remove(clientId: string): Promise<void> {
    return this.change(clientId, (client) => {
      known(client, clientId)
      return { client: undefined, answer: undefined }
    })
  }

  async addCredential(clientId: string, input: CredentialInput): Promise<Credential> {
    const client = known(await this.find(clientId), clientId)
    const { credentials } = await digested(this.reader, { id: clientId, credentials: [input] }, client.credentials)
    return this.#put(clientId, credentials?.[0])
  }

  async issueKey(clientId: string, options: IssueOptions = {}): Promise<IssuedKey> {
    const named = issueFields('issueKey', options, [])
    const key = newApiKey(this.#setup.keyPrefix)
    const credential = await this.addCredential(clientId, asInput({ id: newId('api-key'), ...named, kind: 'api-key', key }))
    return { key, credential: credential as ApiKeyCredential }
  }

  async issuePassword(clientId: string, options: IssueOptions & { readonly user?: string } = {}): Promise<IssuedPassword> {
    const named = issueFields('issuePassword', options, ['user'])
    const user = checkedUser('issuePassword', ARGUMENT, 'user', named['user'] ?? clientId)
    const password = newSecret()
    const { credentials } = known(await this.find(clientId), clientId)
    const verifier = await this.passwords.verifierOf(password, verifierBeside(user, credentials))
    const credential = await this.#put(clientId, asInput({ id: newId('basic'), ...named, kind: 'basic', user, verifier }))
    return { user, password, credential: credential as BasicCredential }
  }

  async rotate(clientId: string, credentialId: string, options?: RotateOptions): Promise<Rotated> {
    const old = credentialOf(known(await this.find(clientId), clientId), credentialId)
    const { input, overlapMs } = rotationPlan('rotate', old, options)
    const issued: { key?: string; password?: string } = {}
    if (old.kind === 'api-key') {
      issued.key = newApiKey(this.#setup.keyPrefix)
      input['key'] = issued.key
    } else if (old.kind === 'basic' && input['password'] === undefined) {
      issued.password = newSecret()
      input['verifier'] = await this.passwords.verifierOf(issued.password, old.verifier)
    }
    const siblings = known(await this.find(clientId), clientId).credentials
    const { credentials } = await digested(
      this.reader,
      { id: clientId, credentials: [asInput({ id: newId(old.kind), ...input })] },
      siblings,
    )
    return this.change(clientId, (client) => this.#rotated(known(client, clientId), credentialId, credentials?.[0], overlapMs, issued))
  }

  async revoke(clientId: string, credentialId?: string): Promise<void> {
    return this.change(clientId, (client) => ({ client: withoutCredential(known(client, clientId), credentialId), answer: undefined }))
  }

  async disable(clientId: string): Promise<Client> {
    return this.#edit(clientId, (client) => changed(client, { disabled: true }))
  }

  async enable(clientId: string): Promise<Client> {
    return this.#edit(clientId, (client) => changed(client, { disabled: false }))
  }

  async setGroups(clientId: string, groups: readonly string[]): Promise<Client> {
    if (groups === undefined) throw invalidType('setGroups', 'groups', 'a list of group names', groups)
    const checked = this.reader.groups(groups, new Place('client'))
    return this.#edit(clientId, (client) => changed(client, { groups: checked }))
  }

  async join(clientId: string, group: string): Promise<Client> {
    const name = checkedName('join', ARGUMENT, 'group', group)
    return this.#edit(clientId, (client) => withGroup(client, name))
  }

  async leave(clientId: string, group: string): Promise<Client> {
    return this.#edit(clientId, (client) => withoutGroup(client, group))
  }

  on(event: 'change', listener: (change: ClientChange) => void): () => void
  on(event: 'error', listener: (problem: ClientProblem) => void): () => void
  on(event: string, listener: unknown): () => void {
    return this.#setup.events.on(this.reader.rules.factory, event, listener)
  }

  #edit(clientId: string, edit: (client: Client) => Client): Promise<Client> {
    return this.change(clientId, (before) => {
      const client = edit(known(before, clientId))
      return { client, answer: client }
    })
  }

  /** Adds a credential whose secrets are digests already. */
  #put(clientId: string, input: unknown): Promise<Credential> {
    return this.change(clientId, (before) => {
      const client = known(before, clientId)
      const credential = this.reader.credential(input, new Place('client').atCredential(0), clientId, client.credentials)
      return { client: withCredential(client, credential), answer: credential }
    })
  }

  #rotated(client: Client, oldId: string, input: unknown, overlapMs: number, issued: object) {
    const old = credentialOf(client, oldId)
    const credential = this.reader.credential(input, new Place('client').atCredential(0), client.id, client.credentials)
    const now = this.#setup.now()
    const previous = ending(old, now, now + overlapMs)
    const left = previous === undefined ? withoutCredential(client, oldId) : withReplaced(client, old, previous)
    return { client: withCredential(left, credential), answer: Object.freeze({ credential, previous, ...issued }) }
  }
}

/** Not counted up, so that an id that was revoked is not given again. */
function newId(kind: Credential['kind']): string {
  return `${kind}-${randomBytes(6).toString('hex')}`
}

/** The options of what is issued, undefined ones left out. Without a prototype, from which a name could come. */
function issueFields(factory: string, options: IssueOptions, further: readonly string[]): Record<string, unknown> {
  const names = ['id', 'notBefore', 'notAfter', ...further]
  const reader = new OptionReader(factory, options, names)
  const fields: Record<string, unknown> = Object.create(null)
  for (const name of names) if (reader.has(name)) fields[name] = reader.raw(name)
  return fields
}
