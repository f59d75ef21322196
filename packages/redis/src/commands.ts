import { CountersignError, coreError, invalidType, invalidValue, type OptionReader, within } from '@countersign/core'
import { messageOf } from './error-message.js'
import type { Script } from './script.js'

/**
 * Sends one command to Redis or Valkey: its name and arguments, all of them text, and answers what Redis does (RESP2 or RESP3).
 *
 * @example
 * const send: Send = (...args) => ioredis.call(...args)
 * @example
 * const send: Send = (...args) => nodeRedis.sendCommand(args)
 */
export type Send = (...args: [command: string, ...args: string[]]) => Promise<unknown>

/** What all stores of this package take. */
export interface RedisOptions {
  /** Sends a command over whatever client there is. */
  readonly send: Send
  /** What all keys begin with, in braces, so that a cluster keeps them in one slot. Visible ASCII without braces. Default `countersign`. */
  readonly prefix?: string | undefined
  /** How long an answer of Redis is waited for, milliseconds. Default 1000. */
  readonly timeoutMs?: number | undefined
  /** The most commands that may be unanswered at once, those included that nobody waits for any more; beyond, 503. Default 10000. */
  readonly maxPending?: number | undefined
}

/** The names of RedisOptions. */
export const redisOptionNames = ['send', 'prefix', 'timeoutMs', 'maxPending'] as const satisfies readonly (keyof RedisOptions)[]

const PREFIX = /^[\x21-\x7a\x7c\x7e]{1,64}$/
const LONGEST_REASON = 300

/**
 * Runs commands and scripts: each within `timeoutMs`, no more than `maxPending` unanswered. Whatever fails is a CountersignError with
 * status 503: `ERR_STORE_FULL` when Redis is out of memory, else `ERR_STORE_DOWN`, or `ERR_LOOKUP_TIMEOUT`.
 */
export class Commands {
  readonly #send: Send
  readonly #tag: string
  readonly #timeoutMs: number
  readonly #maxPending: number
  #pending = 0

  constructor(reader: OptionReader) {
    const { factory } = reader
    const send = reader.callback<Send>('send')
    if (send === undefined) throw invalidType(factory, 'send', 'a function, such as (...args) => redis.call(...args)', undefined)
    const prefix = reader.text('prefix', 'countersign')
    if (!PREFIX.test(prefix)) throw invalidValue(factory, 'prefix', 'must be 1 to 64 characters of visible ASCII without braces')
    this.#send = send
    this.#tag = `{${prefix}}:`
    this.#timeoutMs = reader.integer('timeoutMs', 1000, 'milliseconds')
    this.#maxPending = reader.integer('maxPending', 10_000, 'commands')
  }

  /** A key of the one slot. */
  key(name: string): string {
    return this.#tag + name
  }

  /** Sends a command. @throws CountersignError (503) */
  command(...args: [command: string, ...args: string[]]): Promise<unknown> {
    return this.#bounded(() => this.#send(...args))
  }

  /**
   * Runs a script.
   *
   * @param late - gets an answer that came after it was given up
   * @throws CountersignError (503)
   */
  run(script: Script, keys: readonly string[], args: readonly string[], late?: (answer: unknown) => void): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    return this.#bounded(() => this.#evaluated(script, rest), late)
  }

  async #evaluated(script: Script, rest: readonly string[]): Promise<unknown> {
    try {
      return await this.#send('EVALSHA', script.sha, ...rest)
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error
      return this.#send('EVAL', script.text, ...rest)
    }
  }

  async #bounded(work: () => Promise<unknown>, late?: (answer: unknown) => void): Promise<unknown> {
    if (this.#pending >= this.#maxPending) {
      throw coreError('ERR_STORE_DOWN', `${this.#maxPending} commands are waiting for a reply from Redis`)
    }
    this.#pending += 1
    const answer = started(work)
    answer.then(this.#answered, this.#answered)
    try {
      return await within(this.#timeoutMs, () => answer, 'ERR_STORE_DOWN')
    } catch (error) {
      if (late !== undefined) answer.then(late).catch(() => undefined)
      throw outage(error)
    }
  }

  readonly #answered = (): void => {
    this.#pending -= 1
  }
}

/** A client that throws at once fails like one that rejects. */
async function started(work: () => Promise<unknown>): Promise<unknown> {
  return work()
}

/** The client's own error holds the whole command with its arguments; only what it says goes on. */
function outage(error: unknown): CountersignError {
  if (!(error instanceof CountersignError)) return coreError('ERR_STORE_DOWN', undefined, error)
  if (error.code !== 'ERR_STORE_DOWN' || error.cause === undefined) return error
  const told = messageOf(error.cause).slice(0, LONGEST_REASON)
  if (told.startsWith('OOM')) return coreError('ERR_STORE_FULL', 'Redis is out of memory (maxmemory)', new Error(told))
  return coreError('ERR_STORE_DOWN', undefined, new Error(told))
}

/** The text of an answer; undefined for none. Some clients answer octets. @throws CountersignError `ERR_STORE_DOWN` for anything else */
export function textOf(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer
  if (answer === null || answer === undefined) return undefined
  if (answer instanceof Uint8Array) return Buffer.from(answer.buffer, answer.byteOffset, answer.length).toString()
  if (typeof answer === 'number' || typeof answer === 'bigint') return String(answer)
  throw unexpected()
}

/** The members of an answer. @throws CountersignError `ERR_STORE_DOWN` when it is no list */
export function listOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer
  throw unexpected()
}

/** An answer that Redis does not give to what it was asked: the client of Redis took it for that of another command. */
export function unexpected(): CountersignError {
  const known = 'node-redis 5 does this after a connection has broken, unless it is created with disableOfflineQueue: true'
  return coreError('ERR_STORE_DOWN', `the Redis client gave a command the reply to another (${known})`)
}
