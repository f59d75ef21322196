import type { Secret } from '@countersign/core/base'
import { SchemeRefusal } from '../refusal.js'

/** The secrets that a key id of the request was found to have. */
export interface OfferedSecrets {
  readonly keyId: string | undefined
  readonly secrets: readonly Secret[]
  /** Whether they were looked up by it, so that another key id has others. Default false: a secret without an id answers to any. */
  readonly own?: boolean
}

/** The key ids that a secret answers to; undefined where the scheme carries none. */
export type KeyIds = readonly (string | undefined)[] | undefined

/**
 * The secrets that are tried, each once, and the key ids of each: a MAC is made once for a secret, and proves a signature of one of its
 * own key ids only. Otherwise whoever has any secret could sign under the key id of another.
 */
export interface Keyring {
  readonly secrets: Iterable<Secret>
  readonly keyIds: (secret: Secret) => KeyIds
}

/**
 * Puts together what was found for the key ids of a request.
 *
 * @param keyed - whether the scheme carries a key id
 * @throws SchemeRefusal `ERR_HMAC_UNKNOWN_KEY` when nothing was found
 */
export function keyringOf(offers: readonly OfferedSecrets[], keyed: boolean): Keyring {
  const [only] = offers
  if (only !== undefined && offers.length === 1) {
    if (only.secrets.length === 0) throw unknownKey()
    if (!keyed) return { secrets: only.secrets, keyIds: NONE }
    const ids = [only.keyId]
    return { secrets: only.secrets, keyIds: () => ids }
  }
  const keyring = new Map<Secret, (string | undefined)[]>()
  for (const { keyId, secrets } of offers) {
    for (const secret of secrets) {
      const known = keyring.get(secret)
      if (known === undefined) keyring.set(secret, [keyId])
      else known.push(keyId)
    }
  }
  if (keyring.size === 0) throw unknownKey()
  return { secrets: keyring.keys(), keyIds: (secret) => keyring.get(secret) ?? [] }
}

const NONE = (): undefined => undefined

function unknownKey(): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_UNKNOWN_KEY', 'no active secret belongs to the key id')
}
