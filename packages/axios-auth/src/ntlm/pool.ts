import type { InternalAxiosRequestConfig } from 'axios'
import { onGivenUp, timeoutOf } from '../carrier/abort.js'
import { axiosAuthError } from '../errors.js'
import { NtlmConnection, type NtlmTarget } from './connection.js'

/** Bounds of a pool. */
export interface PoolBounds {
  /** The most connections at once; requests beyond that wait in order. */
  readonly maxConnections: number
  /** How long a connection is kept that nobody uses, milliseconds. */
  readonly idleTimeoutMs: number
}

/** The scheme that carries the messages of handshakes. */
export type NtlmScheme = 'ntlm' | 'negotiate'

interface Waiter {
  readonly resolve: (connection: NtlmConnection) => void
  readonly reject: (error: unknown) => void
}

/** The connections of one user to one target. Each is in the hands of one request at a time. */
export class NtlmPool {
  /** What the server took last, or is to be tried first. */
  scheme: NtlmScheme = 'ntlm'
  readonly #target: NtlmTarget
  readonly #bounds: PoolBounds
  readonly #onEmpty: () => void
  readonly #all = new Set<NtlmConnection>()
  /** Those that nobody uses, the one that was used last at the end. */
  readonly #idle: NtlmConnection[] = []
  readonly #timers = new Map<NtlmConnection, NodeJS.Timeout>()
  readonly #waiting = new Set<Waiter>()
  #disposed = false

  /** @param onEmpty - called when it has come to hold neither connections nor requests that wait */
  constructor(target: NtlmTarget, bounds: PoolBounds, onEmpty: () => void) {
    this.#target = target
    this.#bounds = bounds
    this.#onEmpty = onEmpty
  }

  /**
   * The connection that was used last among those that nobody uses, or a new one.
   *
   * @param config - of the request, which may be given up, and waits no longer than its `timeout`
   * @throws AxiosAuthError `ERR_AXIOS_NTLM_BUSY`, `ERR_AXIOS_NTLM_DISPOSED`, `ERR_AXIOS_NTLM_AGENT`; CanceledError
   */
  async acquire(config: Readonly<InternalAxiosRequestConfig>): Promise<NtlmConnection> {
    if (this.#disposed) throw axiosAuthError('ERR_AXIOS_NTLM_DISPOSED')
    try {
      return this.#available() ?? (await this.#turn(config))
    } catch (error) {
      this.#next()
      throw error
    }
  }

  /** A new connection in the place of one that is closed for it; the caller had that one in its hands. */
  replaced(connection: NtlmConnection): NtlmConnection {
    if (this.#disposed) throw axiosAuthError('ERR_AXIOS_NTLM_DISPOSED')
    this.#drop(connection)
    return this.#opened()
  }

  /** Gives a connection back; another request gets it once nothing is under way over it. */
  release(connection: NtlmConnection): void {
    connection.whenFree(() => {
      if (connection.alive && connection.reusable && !this.#disposed) this.#keep(connection)
      else this.#drop(connection)
      this.#next()
    })
  }

  /** Refuses whoever waits and comes, closes the connections that nobody uses, and the others once they are given back. */
  dispose(): void {
    this.#disposed = true
    for (const waiter of this.#waiting) waiter.reject(axiosAuthError('ERR_AXIOS_NTLM_DISPOSED'))
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
    this.#next()
  }

  #available(): NtlmConnection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      clearTimeout(this.#timers.get(last))
      this.#timers.delete(last)
      if (last.alive && last.trusted) return last
      this.#drop(last)
    }
    return this.#all.size < this.#bounds.maxConnections ? this.#opened() : undefined
  }

  #opened(): NtlmConnection {
    const connection: NtlmConnection = new NtlmConnection(this.#target, () => this.#expire(connection))
    this.#all.add(connection)
    return connection
  }

  #keep(connection: NtlmConnection): void {
    const timer = setTimeout(() => this.#expire(connection), this.#bounds.idleTimeoutMs)
    timer.unref()
    this.#timers.set(connection, timer)
    this.#idle.push(connection)
  }

  /** A connection in somebody's hands is left to them: it counts until they give it back. */
  #expire(connection: NtlmConnection): void {
    const at = this.#idle.indexOf(connection)
    if (at === -1) return
    this.#idle.splice(at, 1)
    this.#drop(connection)
    this.#next()
  }

  #drop(connection: NtlmConnection): void {
    clearTimeout(this.#timers.get(connection))
    this.#timers.delete(connection)
    this.#all.delete(connection)
    connection.close()
  }

  /** Serves who has waited longest. */
  #next(): void {
    for (const waiter of this.#waiting) {
      try {
        const connection = this.#available()
        if (connection === undefined) return
        waiter.resolve(connection)
      } catch (error) {
        waiter.reject(error)
      }
    }
    if (this.#all.size === 0) this.#onEmpty()
  }

  #turn(config: Readonly<InternalAxiosRequestConfig>): Promise<NtlmConnection> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        release?.()
        this.#waiting.delete(waiter)
      }
      const waiter: Waiter = {
        resolve: (connection) => {
          settle()
          resolve(connection)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      const late = () => waiter.reject(axiosAuthError('ERR_AXIOS_NTLM_BUSY'))
      const timeoutMs = timeoutOf(config)
      const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs)
      let release: (() => void) | undefined
      this.#waiting.add(waiter)
      release = onGivenUp(config, waiter.reject)
    })
  }
}
