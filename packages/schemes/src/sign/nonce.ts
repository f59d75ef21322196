import { randomFillSync, randomInt, randomUUID } from 'node:crypto'
import type { SchemeDefinition } from '../definition/definition.js'

/** A new nonce, as the scheme writes it. */
export function makeNonce({ random = 16, as = 'base64url' }: NonNullable<SchemeDefinition['nonce']> = {}): string {
  if (as === 'uuid') return randomUUID()
  if (as === 'digits') return Array.from({ length: random }, () => randomInt(10)).join('')
  return randomOctets(random).toString(as)
}

/** Asking for randomness costs more than what it is asked for, so that it is asked for in store. Each octet is given out once. */
const store = Buffer.alloc(4096)
let given = store.length

function randomOctets(count: number): Buffer {
  if (given + count > store.length) {
    randomFillSync(store)
    given = 0
  }
  given += count
  return store.subarray(given - count, given)
}
