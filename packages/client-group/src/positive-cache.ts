import type { BasicCredential } from '@countersign/core'
import type { Match } from '@countersign/core/keys'

/** That a user name and password were right, for a while. */
export interface Positive {
  readonly user: string
  readonly clientId: string
  readonly credentialId: string
  /** What the password was right for. Another one means another password. */
  readonly verifier: string
  readonly sinceMs: number
}

/**
 * Remembers which credentials were right, under keys that tell nothing of them. Only what was right is remembered, so it cannot be
 * filled by guessing; beyond its bound the oldest goes.
 *
 * That a remembered password is still the user's is not for it to know: whoever finds a positive compares it with the registry.
 */
export class PositiveCache {
  readonly #most: number
  readonly #positives = new Map<string, Positive>()
  readonly #byClient = new Map<string, Set<string>>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#positives.size
  }

  get(key: string): Positive | undefined {
    return this.#positives.get(key)
  }

  set(key: string, positive: Positive): void {
    this.delete(key)
    if (this.#positives.size >= this.#most) this.delete(this.#positives.keys().next().value as string)
    this.#positives.set(key, positive)
    const keys = this.#byClient.get(positive.clientId)
    if (keys === undefined) this.#byClient.set(positive.clientId, new Set([key]))
    else keys.add(key)
  }

  delete(key: string): void {
    const positive = this.#positives.get(key)
    if (positive === undefined) return
    this.#positives.delete(key)
    const keys = this.#byClient.get(positive.clientId)
    keys?.delete(key)
    if (keys?.size === 0) this.#byClient.delete(positive.clientId)
  }

  /** Forgets all of a client; without an id, all. */
  forget(clientId: string | undefined): void {
    if (clientId === undefined) {
      this.#positives.clear()
      this.#byClient.clear()
      return
    }
    for (const key of this.#byClient.get(clientId) ?? []) this.#positives.delete(key)
    this.#byClient.delete(clientId)
  }
}

/** The credential that a positive was about, if the user still has it as it was. */
export function stillThere(found: readonly Match<BasicCredential>[] | undefined, positive: Positive): Match<BasicCredential> | undefined {
  return found?.find(
    ({ client, credential }) =>
      credential.verifier === positive.verifier && credential.id === positive.credentialId && client.id === positive.clientId,
  )
}
