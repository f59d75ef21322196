import { randomBytes } from 'node:crypto'
import { type Client, ClientIndex, CountersignError, clientError, type Edit, type Edited } from '@countersign/core'
import { namesOf } from './client-record.js'
import { writeScript } from './client-scripts.js'
import type { RedisClientsSettings } from './clients-options.js'
import { listOf, textOf, unexpected } from './commands.js'
import { redisError } from './errors.js'

/** A change that is stored. */
export interface Written<T> {
  readonly answer: T
  /** Undefined: an earlier try had stored it. */
  readonly changeId: string | undefined
  /** The names that the client came to have. */
  readonly names: readonly string[]
}

const MOST_TRIES = 20

/**
 * Changes clients in Redis, each in one script that compares the record with what was read and does everything or nothing: a writer that
 * dies leaves a change that holds whole, or none. Where another was faster, the edit is made again to what is there then.
 */
export class ClientWriter {
  readonly #settings: RedisClientsSettings
  readonly #keys: readonly string[]
  readonly #channel: string

  constructor(settings: RedisClientsSettings) {
    const { commands } = settings
    this.#settings = settings
    this.#keys = ['clients', 'client-names', 'client-changes', 'client-uses'].map((name) => commands.key(name))
    this.#channel = channelOf(settings)
  }

  /** @throws what the edit throws, once the others know of a client that is not there; CountersignError when a credential is taken or Redis is out of reach, and then the change may hold */
  async change<T>(clientId: string, edit: Edit<T>): Promise<Written<T>> {
    let removed: Edited<T> | undefined
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const before = await this.#read(clientId)
      // Somebody else removed it, or this process did, and the client sent the command twice.
      if (removed !== undefined && before.text === '') return { answer: removed.answer, changeId: undefined, names: [] }
      const edited = await this.#edited(clientId, before.client, edit)
      const written = await this.#write(clientId, before, edited)
      if (written !== undefined) return written
      removed = edited.client === undefined ? edited : undefined
    }
    throw redisError('ERR_REDIS_CONTENDED')
  }

  /** Redis may have lost a client that others remember; whoever wants it gone is told that it is unknown, and they that it is. */
  async #edited<T>(clientId: string, client: Client | undefined, edit: Edit<T>): Promise<Edited<T>> {
    try {
      return edit(client)
    } catch (error) {
      if (error instanceof CountersignError && error.code === 'ERR_CLIENT_UNKNOWN') await this.#spread(clientId)
      throw error
    }
  }

  async #spread(clientId: string): Promise<void> {
    const { commands, maxChanges } = this.#settings
    const fields = ['client', clientId, 'names', '']
    await commands.command('XADD', this.#keys[2] as string, 'MAXLEN', '~', String(maxChanges), '*', ...fields)
  }

  async #read(clientId: string) {
    const { commands, records } = this.#settings
    const text = textOf(await commands.command('HGET', this.#keys[0] as string, clientId)) ?? ''
    return text === '' ? { text, client: undefined, revision: 0 } : { text, ...records.read(text) }
  }

  async #write<T>(
    clientId: string,
    before: { readonly text: string; readonly client: Client | undefined; readonly revision: number },
    { client, answer }: Edited<T>,
  ): Promise<Written<T> | undefined> {
    const { commands, records, reader, maxChanges } = this.#settings
    if (client !== undefined) new ClientIndex().check(client, reader.rules.passwords)
    const by = randomBytes(12).toString('base64url')
    const text = client === undefined ? '' : records.text(client, before.revision + 1, by)
    const [had, has] = [namesOf(before.client), namesOf(client)]
    const gone = [...had].filter((name) => !has.has(name))
    const names = [...has].filter((name) => !had.has(name))
    const args = [clientId, before.text, text, String(maxChanges), this.#channel, by, String(gone.length), ...gone, ...names]
    const [whose, what, ...told] = listOf(await commands.run(writeScript, this.#keys, args)).map(textOf)
    // A client that gave the answer to another command would have a revocation count as made that was not.
    if (whose !== by) throw unexpected()
    if (what === 'done') return { answer, changeId: told[0] === '' ? undefined : told[0], names }
    if (what === 'changed') return undefined
    if (what === 'taken') throw taken(clientId, told[0] ?? '', told[1] ?? '')
    throw unexpected()
  }
}

/** The channel on which changes are published. */
export function channelOf({ commands }: RedisClientsSettings): string {
  return commands.key('client-changes')
}

const KINDS = new Map([
  ['k', 'the API key'],
  ['u', 'the user name'],
  ['h', 'the HMAC key id'],
  ['p', 'the certificate pin'],
])

function taken(clientId: string, name: string, holder: string) {
  const what = KINDS.get(name.charAt(0)) ?? 'a credential'
  return clientError('ERR_CLIENT_CREDENTIAL_TAKEN', `${what} of a credential of client "${clientId}" already belongs to client "${holder}"`)
}
