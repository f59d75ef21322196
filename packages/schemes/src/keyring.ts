import type { Secret } from '@countersign/core'
import { SchemeRefusal } from './refusal.js'

/** The secrets that a key id of the request was found to have. */
export interface OfferedSecrets {
  readonly keyId: string | undefined
  readonly secrets: readonly Secret[]
}

export type KeyIds = readonly (string | undefined)[]

/**
 * Each secret once, with the key ids that it answers to: a MAC is made once for it, and proves a signature of one of its own key ids
 * only. Otherwise whoever has any secret could sign under the key id of another.
 */
export function keyringOf(offers: readonly OfferedSecrets[]): Iterable<readonly [Secret, KeyIds]> {
  if (offers.every(({ secrets }) => secrets.length === 0))
    throw new SchemeRefusal('ERR_HMAC_UNKNOWN_KEY', 'no active secret belongs to the key id')
  const [only] = offers
  if (only !== undefined && offers.length === 1) {
    const keyIds = [only.keyId]
    return only.secrets.map((secret) => [secret, keyIds] as const)
  }
  const keyring = new Map<Secret, (string | undefined)[]>()
  for (const { keyId, secrets } of offers) {
    for (const secret of secrets) {
      const known = keyring.get(secret)
      if (known === undefined) keyring.set(secret, [keyId])
      else known.push(keyId)
    }
  }
  return keyring
}
