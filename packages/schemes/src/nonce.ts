import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { SchemeDefinition } from './definition.js'

/** A new nonce, as the scheme writes it. */
export function makeNonce({ random = 16, as = 'base64url' }: NonNullable<SchemeDefinition['nonce']> = {}): string {
  if (as === 'uuid') return randomUUID()
  if (as === 'digits') return Array.from({ length: random }, () => randomInt(10)).join('')
  return randomBytes(random).toString(as)
}
