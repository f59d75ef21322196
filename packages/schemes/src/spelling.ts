import { KeyObject } from 'node:crypto'

/** What options say, piece by piece: two with the same pieces say the same. */
export type Spelling = readonly unknown[]

const LIST = Symbol('list')
const RECORD = Symbol('record')
const OCTETS = Symbol('octets')

/** Deeper than any option. */
const MAX_DEPTH = 4

/** Spells values out; undefined where one holds an object or a function that could say something else later. */
export function spelledOut(values: readonly unknown[]): Spelling | undefined {
  if (!values.some(isObject)) return values
  const pieces: unknown[] = []
  return values.every((value) => spell(value, pieces, 0)) ? pieces : undefined
}

/** Whether two spellings are the same, piece by piece. */
export function isSameSpelling(a: Spelling, b: Spelling): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function spell(value: unknown, pieces: unknown[], depth: number): boolean {
  if (!isObject(value) || value instanceof KeyObject) {
    pieces.push(value)
    return true
  }
  if (depth === MAX_DEPTH) return false
  if (value instanceof Uint8Array) {
    pieces.push(OCTETS, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1'))
    return true
  }
  if (Array.isArray(value)) {
    // How many follow, so that no two lists spell each other's ends.
    pieces.push(LIST, value.length)
    return value.every((one) => spell(one, pieces, depth + 1))
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  const names = Object.keys(value)
  pieces.push(RECORD, names.length)
  return names.every((name) => pieces.push(name) > 0 && spell((value as Record<string, unknown>)[name], pieces, depth + 1))
}
