/**
 * Keeps tokens and sessions that cost a request to get, for one process (`memoryTokenStore`) or for many.
 *
 * A key is a digest of fixed length; a value is text of its user, which a store that leaves the process keeps sealed.
 * A store that is down throws; who asked then works as if it held nothing.
 */
export interface TokenStore {
  /** What is kept under a key; undefined when nothing is, or its time is over. */
  get(key: string): string | undefined | Promise<string | undefined>
  /** Keeps a value in place of whatever was there; `ttlSeconds` is more than 0 and finite. */
  set(key: string, value: string, ttlSeconds: number): void | Promise<void>
  /** Forgets a key if `value` is still what it holds: a newer token outlives the news that an older one was refused. */
  delete(key: string, value: string): void | Promise<void>
  /**
   * Takes the right to fetch what belongs under a key, for `ttlSeconds` at most, so that one of many does.
   *
   * @returns the lock, or undefined while another holds it: look at `get` again, and after a while fetch without it
   */
  lock(key: string, ttlSeconds: number): TokenLock | undefined | Promise<TokenLock | undefined>
}

/** The right to fetch a token, until it is given back or its time is over. */
export interface TokenLock {
  /** Gives the right back; does nothing when it has passed to another since. */
  release(): void | Promise<void>
}
