import { timingSafeEqual } from 'node:crypto'

/**
 * Compares octets in a time that depends on their lengths alone. Never throws.
 *
 * Not hidden: whether the lengths differ. Compare digests where the length is a secret.
 */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
