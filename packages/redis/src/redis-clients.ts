import {
  type ApiKeyCredential,
  type ApiKeyDigest,
  type BasicCredential,
  type CertificateCredential,
  ChangeableClients,
  type Client,
  type ClientReader,
  type ClientRegistry,
  type CredentialUse,
  digestHex,
  type Edit,
  type HmacCredential,
  type Match,
  type Maybe,
  type PasswordPolicy,
} from '@countersign/core'
import { ChangeFeed } from './change-feed.js'
import { namesOf } from './client-record.js'
import { findScript } from './client-scripts.js'
import { ClientWriter, channelOf } from './client-writer.js'
import { type RedisClientsOptions, type RedisClientsSettings, readClientsOptions } from './clients-options.js'
import { listOf, textOf } from './commands.js'
import { redisError } from './errors.js'
import { lookForEviction } from './eviction.js'
import { NearCache } from './near-cache.js'
import { UsesLog } from './uses-log.js'

/** A registry that is kept in Redis. */
export interface RedisClients extends ClientRegistry {
  list(): AsyncIterable<Client>
  /** Looks for changes at once; resolves when that was answered or has failed, and never rejects. */
  refresh(): Promise<void>
  /** Ends following the changes, and writes the last-used times that are not written yet. */
  close(): Promise<void>
}

/**
 * A registry of clients in one Redis for all processes, of any number of clients: what is looked up is remembered in bounded memory, and
 * what changes is forgotten. Redis holds digests, and HMAC secrets sealed with `sealingKey` or not at all.
 *
 * A change holds from the next request in this process, and in all others after `pollMs` and two ways to Redis; after `maxStaleSeconds` at the
 * latest, since a process that could not look for changes for so long serves nothing that it remembers, asks Redis itself, and refuses with
 * 503 when it gets no answer. A change is one script: it holds whole or not at all, whatever becomes of who made it.
 *
 * A Redis that lost its data knows no client, and every request is refused with 401 (persistence: the README). It is not noticed when Redis
 * comes back with an older state: what was revoked since then holds again.
 *
 * Look-ups reject with CountersignError (503): `ERR_STORE_DOWN`, `ERR_LOOKUP_TIMEOUT`, `ERR_REDIS_BAD_RECORD`. Nothing is asked of Redis to make
 * the registry, so that a process starts without it.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @example
 * const clients = redisClients({ send: (...args) => redis.call(...args) })
 * app.use(apiKey({ clients }))
 */
export function redisClients(options: RedisClientsOptions): RedisClients {
  return new ClientsInRedis(readClientsOptions(options))
}

type Find<T> = (near: NearCache) => T | undefined

class ClientsInRedis extends ChangeableClients implements RedisClients {
  protected override readonly reader: ClientReader
  readonly #settings: RedisClientsSettings
  readonly #near: NearCache
  readonly #feed: ChangeFeed
  readonly #writer: ClientWriter
  readonly #uses: UsesLog
  /** Counted up by all that may have changed a client: what was asked before may not be remembered after. */
  #generation = 0
  readonly #asked = new Map<string, Promise<Client | undefined>>()
  #unsubscribe: unknown
  #isClosed = false

  constructor(settings: RedisClientsSettings) {
    super(settings)
    const { commands, events, lastUsedMs, cacheSize } = settings
    this.reader = settings.reader
    this.#settings = settings
    this.#near = new NearCache(this.passwords, cacheSize)
    this.#writer = new ClientWriter(settings)
    this.#uses = new UsesLog(commands, lastUsedMs, cacheSize, (error) => events.failed(error))
    this.#feed = new ChangeFeed({
      ...settings,
      key: commands.key('client-changes'),
      onChange: (clientId, names) => this.#changed(clientId, names),
      onGap: () => this.#forgotten(),
      onProblem: (error) => events.failed(error),
    })
    void this.#feed.look()
    void this.#subscribed()
    void lookForEviction(commands, commands.key('clients'), 'redisClients', 'forgets clients, who are refused from then on')
  }

  get passwords(): PasswordPolicy {
    return this.reader.rules.passwords
  }

  findApiKey(digest: ApiKeyDigest): Maybe<Match<ApiKeyCredential>> {
    if (this.#feed.isFresh(this.#settings.now())) {
      const match = this.#near.apiKey(digest)
      if (match !== undefined) return match
    }
    return this.#found(`k${digestHex(digest)}`, (near) => near.apiKey(digest))
  }

  findUser(name: string): Maybe<readonly Match<BasicCredential>[]> {
    return this.#found(`u${name}`, (near) => near.user(name))
  }

  findHmacKey(keyId: string): Maybe<readonly Match<HmacCredential>[]> {
    return this.#found(`h${keyId}`, (near) => near.hmacKey(keyId))
  }

  findCertificate(pin: string): Maybe<Match<CertificateCredential>> {
    return this.#found(`p${pin}`, (near) => near.certificate(pin))
  }

  find(clientId: string): Maybe<Client> {
    return this.#found(`i${clientId}`, (near) => near.client(clientId))
  }

  async *list(): AsyncGenerator<Client> {
    const { commands, records } = this.#settings
    const seen = new Set<string>()
    let cursor: string | undefined = '0'
    do {
      const [next, page] = listOf(await commands.command('HSCAN', commands.key('clients'), cursor, 'COUNT', '500'))
      const values: (string | undefined)[] = listOf(page).map(textOf)
      for (let i = 0; i + 1 < values.length; i += 2) {
        const [id, text] = [values[i], values[i + 1]]
        // HSCAN may show one twice.
        if (id === undefined || text === undefined || seen.has(id)) continue
        seen.add(id)
        yield records.read(text).client
      }
      cursor = textOf(next)
    } while (cursor !== undefined && cursor !== '0')
  }

  used(match: Match, nowMs: number): void {
    this.#uses.used(match, nowMs)
  }

  async lastUsed(clientId: string): Promise<readonly CredentialUse[] | undefined> {
    const client = await this.find(clientId)
    if (client === undefined) return undefined
    const written = await this.#uses.read(clientId)
    const unwritten = this.#uses.unwritten(clientId)
    return client.credentials.map(({ id }) => {
      const latest = Math.max(written.get(id) ?? 0, unwritten.get(id) ?? 0)
      return { credentialId: id, lastUsed: latest === 0 ? undefined : new Date(latest) }
    })
  }

  async refresh(): Promise<void> {
    await this.#feed.look()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#feed.close()
    await this.#uses.flush()
    await this.#unsubscribed()
  }

  protected override async change<T>(clientId: string, edit: Edit<T>): Promise<T> {
    try {
      const { answer, changeId, names } = await this.#writer.change(clientId, edit)
      if (changeId !== undefined) this.#feed.ignore(changeId)
      this.#changed(clientId, names)
      return answer
    } catch (error) {
      // Whether it was stored is not known when the answer was lost.
      this.#drop(clientId, [])
      throw error
    }
  }

  #found<T>(name: string, find: Find<T>): T | undefined | Promise<T | undefined> {
    const now = this.#settings.now()
    if (this.#feed.isFresh(now)) {
      const known = find(this.#near)
      if (known !== undefined) return known
      if (this.#near.isUnknown(name, now)) return undefined
    }
    return this.#lookedUp(name, find)
  }

  async #lookedUp<T>(name: string, find: Find<T>): Promise<T | undefined> {
    const client = await this.#ask(name)
    if (client === undefined) return undefined
    const known = find(this.#near)
    // The very record that came, or one that is newer than the question; what stands under the name now is not to be mixed with it.
    if (known !== undefined && this.#near.client(client.id) === client) return known
    const alone = new NearCache(this.passwords, Number.POSITIVE_INFINITY)
    alone.put(client)
    return find(alone)
  }

  /** Those who ask for one name at once ask Redis once, unless a change came between. */
  #ask(name: string): Promise<Client | undefined> {
    const asked = this.#asked.get(name)
    if (asked !== undefined) return asked
    const asking = this.#fetched(name).finally(() => {
      if (this.#asked.get(name) === asking) this.#asked.delete(name)
    })
    this.#asked.set(name, asking)
    return asking
  }

  async #fetched(name: string): Promise<Client | undefined> {
    // On its way to Redis half a surrogate pair becomes another character, which may be somebody's.
    if (/\p{Surrogate}/u.test(name)) return undefined
    const { commands, records, unknownMs, now } = this.#settings
    const generation = this.#generation
    const clients = commands.key('clients')
    const answer = name.startsWith('i')
      ? await commands.command('HGET', clients, name.slice(1))
      : await commands.run(findScript, [commands.key('client-names'), clients], [name])
    const text = textOf(answer)
    const client = text === undefined ? undefined : records.read(text).client
    if (client !== undefined && name !== `i${client.id}` && !namesOf(client).has(name)) {
      throw redisError('ERR_REDIS_BAD_RECORD', 'a client in Redis is stored under a name that it does not have')
    }
    const mayRemember = generation === this.#generation && this.#feed.isFresh(now())
    if (mayRemember && client !== undefined) this.#near.put(client)
    else if (mayRemember && unknownMs > 0) this.#near.putUnknown(name, now() + unknownMs)
    return client
  }

  #changed(clientId: string, names: readonly string[]): void {
    this.#drop(clientId, names)
    this.#settings.events.changed(clientId)
  }

  #drop(clientId: string, names: readonly string[]): void {
    this.#generation += 1
    this.#asked.clear()
    this.#near.drop(clientId)
    this.#near.dropUnknown(`i${clientId}`)
    for (const name of names) this.#near.dropUnknown(name)
  }

  #forgotten(): void {
    this.#generation += 1
    this.#asked.clear()
    this.#near.clear()
    this.#settings.events.changed()
  }

  /** Changes are seen without it, so that nothing depends on whether it works. */
  async #subscribed(): Promise<void> {
    const { subscribe, events } = this.#settings
    if (subscribe === undefined) return
    // By then whoever made the registry listens to its problems.
    await Promise.resolve()
    try {
      const subscribing: Promise<unknown> = subscribe(channelOf(this.#settings), () => void this.#feed.look())
      this.#unsubscribe = await subscribing
      if (this.#isClosed) await this.#unsubscribed()
    } catch (error) {
      events.failed(error)
    }
  }

  async #unsubscribed(): Promise<void> {
    const unsubscribe = this.#unsubscribe
    this.#unsubscribe = undefined
    if (typeof unsubscribe === 'function') await unsubscribe()
  }
}
