import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../clock.js'
import { warnOnce } from '../events.js'
import { invalidType, OptionReader } from '../options.js'
import { ChangeableClients } from './changeable-clients.js'
import type { ApiKeyCredential, BasicCredential, CertificateCredential, Client, HmacCredential } from './client.js'
import { ClientEvents } from './client-events.js'
import type { ClientReader } from './client-reader.js'
import { ClientsFile } from './clients-file.js'
import { type ClientsOptions, clientsOptionNames, readClientsSetup } from './clients-options.js'
import type { ApiKeyDigest } from './digest-table.js'
import type { Edit } from './edits.js'
import { FileRules } from './file-rules.js'
import { LastUsedLog } from './last-used-log.js'
import { WhileListened } from './listened.js'
import type { Match } from './match.js'
import type { PasswordPolicy } from './passwords.js'
import type { ClientRegistry, CredentialUse, Maybe } from './registry.js'

/** What `fileClients` can be told. */
export interface FileClientsOptions extends ClientsOptions {
  /** How often the file is looked at, at most, milliseconds. Default 500. */
  readonly pollMs?: number
  /** How long the last good state serves while the file is bad or missing, seconds. Default 300. */
  readonly maxStaleSeconds?: number
  /** How long a change waits for the lock of the file, milliseconds. Default 5000. */
  readonly lockTimeoutMs?: number
  /** How often last-used times are written to `<path>.used`, seconds; 0: never. Default 60. */
  readonly lastUsedSeconds?: number
  /** Makes an empty file where there is none. Default false. */
  readonly create?: boolean
}

/** A registry that is kept in a file. */
export interface FileClients extends ClientRegistry {
  /** Counted up by each change of the file. */
  readonly revision: number
  /**
   * Writes the last-used times that are not written yet, and tells listeners of what others change with look-ups alone from then on. The
   * registry can still be used.
   */
  close(): Promise<void>
}

/**
 * A registry of clients in a JSON file, which people and other processes may change at any time: an editor, a deployment, the
 * `countersign client` command. The file holds digests, never secrets.
 *
 * Shape: `{ "revision": 1, "passwords": "random", "clients": [{ "id": "acme", "groups": ["partners"], "credentials": [{ "kind":
 * "api-key", "id": "k1", "sha256": "<64 hex digits>" }] }] }`; with `"passwords": "scrypt"` also `"scrypt": { "cost": 16384,
 * "blockSize": 8, "parallelization": 5 }`.
 *
 * A change by anybody holds within `pollMs`: a look-up that comes later first looks at the file, and waits for it to be read when it
 * has changed; who listens (`on`) hears of it without a look-up too. A file that cannot be used leaves the last good state for
 * `maxStaleSeconds`, with an `error` event and a warning; then look-ups throw. A reload takes effect whole or not at all. Changes made here take a lock file, start from what is in the file, and
 * replace it in one step.
 *
 * @param path - the file; paths of secrets in it are relative to its folder
 * @param options.passwords - only for a file that is made; one that is there says itself how its passwords are kept. Default `random`,
 *   or `scrypt` when an option of scrypt is given
 * @throws TypeError when an option is wrong (the promise rejects), CountersignError `ERR_CLIENT_FILE_BAD` when the file is
 * @example
 * const clients = await fileClients('clients.json')
 * app.use(apiKey({ clients }))
 */
export async function fileClients(path: string | URL, options: FileClientsOptions = {}): Promise<FileClients> {
  const names = [...clientsOptionNames, 'pollMs', 'maxStaleSeconds', 'lockTimeoutMs', 'lastUsedSeconds', 'create']
  const reader = new OptionReader('fileClients', options, names)
  const file = pathOf(path)
  const rules = new FileRules(reader, dirname(file))
  const lockTimeoutMs = reader.integer('lockTimeoutMs', 5000, 'milliseconds')
  const lastUsedSeconds = reader.integer('lastUsedSeconds', 60, 'seconds', 0)
  const events = new ClientEvents((isHeard) => (isHeard ? watch.begin() : watch.end()))
  const { now, keyPrefix } = readClientsSetup(reader)
  const setup = {
    path: file,
    now,
    pollMs: reader.integer('pollMs', 500, 'milliseconds'),
    maxStaleMs: reader.integer('maxStaleSeconds', 300, 'seconds', 0) * 1000,
    lockTimeoutMs,
    rules,
    onChange: (clientId: string) => events.changed(clientId),
    onProblem: (error: unknown) => {
      warnOnce('ERR_CLIENT_FILE_BAD', error instanceof Error ? error.message : String(error))
      events.failed(error)
    },
  }
  if (reader.boolean('create', false)) await ClientsFile.create(setup)
  const clients = await ClientsFile.open(setup)
  const watch = new WhileListened(setup.pollMs, () => clients.refresh())
  const log = new LastUsedLog(`${file}.used`, lastUsedSeconds * 1000, lockTimeoutMs, clients, (error) => events.failed(error))
  return new StoredClients({ now, keyPrefix, events }, clients, log, watch)
}

class StoredClients extends ChangeableClients implements FileClients {
  readonly #file: ClientsFile
  readonly #log: LastUsedLog
  readonly #watch: WhileListened

  constructor(
    setup: { readonly now: Clock; readonly keyPrefix: string; readonly events: ClientEvents },
    file: ClientsFile,
    log: LastUsedLog,
    watch: WhileListened,
  ) {
    super(setup)
    this.#file = file
    this.#log = log
    this.#watch = watch
  }

  get revision(): number {
    return this.#file.state.revision
  }

  get passwords(): PasswordPolicy {
    return this.reader.rules.passwords
  }

  findApiKey(digest: ApiKeyDigest): Maybe<Match<ApiKeyCredential>> {
    const wait = this.#file.refresh()
    return wait === undefined ? this.#file.state.index.apiKey(digest) : wait.then(() => this.#file.state.index.apiKey(digest))
  }

  findUser(name: string): Maybe<readonly Match<BasicCredential>[]> {
    const wait = this.#file.refresh()
    return wait === undefined ? this.#file.state.index.user(name) : wait.then(() => this.#file.state.index.user(name))
  }

  findHmacKey(keyId: string): Maybe<readonly Match<HmacCredential>[]> {
    const wait = this.#file.refresh()
    return wait === undefined ? this.#file.state.index.hmacKey(keyId) : wait.then(() => this.#file.state.index.hmacKey(keyId))
  }

  findCertificate(pin: string): Maybe<Match<CertificateCredential>> {
    const wait = this.#file.refresh()
    return wait === undefined ? this.#file.state.index.certificate(pin) : wait.then(() => this.#file.state.index.certificate(pin))
  }

  find(clientId: string): Maybe<Client> {
    const wait = this.#file.refresh()
    return wait === undefined ? this.#file.state.index.client(clientId) : wait.then(() => this.#file.state.index.client(clientId))
  }

  async *list(): AsyncGenerator<Client> {
    await this.#file.refresh()
    yield* [...this.#file.state.index.clients()]
  }

  used(match: Match, nowMs: number): void {
    this.#log.used(match, nowMs)
  }

  async lastUsed(clientId: string): Promise<readonly CredentialUse[] | undefined> {
    await this.#file.refresh()
    return this.#log.of(clientId)
  }

  async close(): Promise<void> {
    this.#watch.end()
    await this.#log.flush()
  }

  protected override get reader(): ClientReader {
    return this.#file.state.reader
  }

  protected override async change<T>(clientId: string, edit: Edit<T>): Promise<T> {
    return this.#file.change(clientId, edit)
  }
}

function pathOf(path: unknown): string {
  if (path instanceof URL) return fileURLToPath(path)
  if (typeof path !== 'string' || path === '') throw invalidType('fileClients', 'path', 'the path of a file', path)
  return resolve(path)
}
