import type { Secret } from '@countersign/core/base'
import type { HmacKey } from '../hash/hmac.js'

/** The most derived keys that are kept for one secret. */
const MAX_DERIVED = 64

/** Keys by the secret that they were made of, and by what else. */
export class KeyCache {
  readonly #keys = new WeakMap<Secret, Map<string, HmacKey>>()

  get(secret: Secret, id: string): HmacKey | undefined {
    return this.#keys.get(secret)?.get(id)
  }

  set(secret: Secret, id: string, key: HmacKey): void {
    const keys = this.#keys.get(secret) ?? new Map<string, HmacKey>()
    this.#keys.set(secret, keys)
    if (keys.size >= MAX_DERIVED) keys.delete(keys.keys().next().value as string)
    keys.set(id, key)
  }
}
