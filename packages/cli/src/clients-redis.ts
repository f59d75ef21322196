import { outOfReach, usageError } from './exit-codes.js'
import type { Flags } from './flags.js'
import type { OpenClients } from './open-clients.js'
import type { Terminal } from './terminal.js'

/** A connection of whatever client is installed. */
interface Connection {
  readonly send: (...args: [command: string, ...args: string[]]) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

const CONNECT_MS = 5_000

/**
 * Opens the registry of a Redis over ioredis or node-redis, whichever is installed.
 *
 * @throws CommandError (out of reach) when neither is installed, or Redis does not answer; it names no password
 */
export async function openRedisClients(flags: Flags, terminal: Terminal, setUp: { readonly keyPrefix?: string }): Promise<OpenClients> {
  const url = redisUrl(flags, terminal)
  if (flags.has('create')) throw usageError('--create goes with --file')
  const prefix = flags.text('prefix')
  const { redisClients } = await import('@countersign/redis')
  const { send, close } = await connected(url)
  try {
    const clients = redisClients({ ...setUp, ...(prefix !== undefined && { prefix }), send, lastUsedSeconds: 0, timeoutMs: CONNECT_MS })
    return {
      clients,
      close: async () => {
        await clients.close()
        await close()
      },
    }
  } catch (error) {
    // A connection that is open would keep the command from ending.
    await close()
    throw error
  }
}

function redisUrl(flags: Flags, terminal: Terminal): string {
  const [typed, name] = [flags.text('redis'), flags.text('redis-env')]
  if (typed !== undefined && name !== undefined) throw usageError('give --redis or --redis-env')
  const text = typed ?? terminal.streams.env[name ?? '']
  if (text === undefined) throw usageError('the variable that --redis-env names is not set')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['redis:', 'rediss:', 'unix:'].includes(url.protocol))
    throw usageError('the URL of the Redis must start with redis:// or rediss://')
  if (typed !== undefined && url.password !== '')
    throw usageError('every user of the machine can read a password in the arguments; put the URL into a variable: --redis-env NAME')
  return text
}

async function connected(url: string): Promise<Connection> {
  const ioredis = await installed<IoredisModule>('ioredis')
  const nodeRedis = ioredis === undefined ? await installed<NodeRedisModule>('redis') : undefined
  try {
    if (ioredis !== undefined) return await overIoredis(ioredis, url)
    if (nodeRedis !== undefined) return await overNodeRedis(nodeRedis, url)
  } catch {
    // What the client says may hold the URL, and so the password.
    throw outOfReach('Redis could not be reached, or refused the connection; check the URL and the password')
  }
  throw outOfReach('--redis needs a Redis client next to countersign: npm install ioredis (or redis)')
}

/** What is used of ioredis. */
interface IoredisModule {
  readonly default: new (
    url: string,
    options: object,
  ) => {
    on(event: 'error', listener: () => void): unknown
    connect(): Promise<unknown>
    call(...args: string[]): Promise<unknown>
    quit(): Promise<unknown>
    disconnect(): void
  }
}

async function overIoredis(module: IoredisModule, url: string): Promise<Connection> {
  const redis = new module.default(url, { lazyConnect: true, retryStrategy: null, connectTimeout: CONNECT_MS, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    throw error
  }
  return { send: (...args) => redis.call(...args), close: () => redis.quit() }
}

/** What is used of node-redis. */
interface NodeRedisModule {
  readonly createClient: (options: object) => {
    on(event: 'error', listener: () => void): unknown
    connect(): Promise<unknown>
    sendCommand(args: string[]): Promise<unknown>
    quit(): Promise<unknown>
  }
}

async function overNodeRedis(module: NodeRedisModule, url: string): Promise<Connection> {
  const redis = module.createClient({ url, socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS } })
  redis.on('error', () => undefined)
  await redis.connect()
  return { send: (...args) => redis.sendCommand(args), close: () => redis.quit() }
}

/** A package that countersign does not bring; undefined when it is not installed. */
async function installed<T>(name: string): Promise<T | undefined> {
  try {
    return (await import(name)) as T
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
