/**
 * Remembers what was accepted, so that it is accepted once.
 *
 * A store that is full or down must throw: a claim that could not be made is never a claim.
 */
export interface ReplayStore {
  /**
   * Claims a key, atomically among all users of the store.
   *
   * @param key - a digest of fixed length; never a value that a sender chose
   * @param ttlSeconds - how long the claim is kept, seconds, more than 0
   * @param signedAt - the time that the request carries under its signature, milliseconds since the epoch; absent where it carries
   *   none. A store that can lose what it remembers refuses with it what may have been accepted before the loss
   * @returns a token that names this claim, or undefined when the key is claimed already
   */
  claim(key: string, ttlSeconds: number, signedAt?: number): string | undefined | Promise<string | undefined>
  /** Gives a claim back; does nothing unless the key is still held by this very token. */
  release(key: string, token: string): void | Promise<void>
}
