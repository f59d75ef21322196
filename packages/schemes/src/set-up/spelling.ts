import { KeyObject } from 'node:crypto'

/** What options say, piece by piece. */
export type Spelling = readonly unknown[]

const LIST = Symbol('list')
const RECORD = Symbol('record')
const OCTETS = Symbol('octets')

/** Deeper than any option. */
const MAX_DEPTH = 4

/** Spells values out; undefined where one holds an object or a function that could say something else later. */
export function spelledOut(values: readonly unknown[]): Spelling | undefined {
  const pieces: unknown[] = []
  return values.every((value) => spell(value, pieces, 0)) ? pieces : undefined
}

/** Whether values say what a spelling says, and nothing else. */
export function isSpelling(said: Spelling, values: readonly unknown[]): boolean {
  let at = 0
  for (let i = 0; i < values.length && at >= 0; i += 1) at = endOfSaid(said, at, values[i])
  return at === said.length
}

/** Where the pieces of a value end that begin at an index of a spelling; -1 where other pieces stand there. */
export function endOfSaid(said: Spelling, start: number, value: unknown): number {
  if (isWhole(value)) return start < said.length && said[start] === value ? start + 1 : -1
  if (value instanceof Uint8Array) return said[start] === OCTETS && said[start + 1] === textOfOctets(value) ? start + 2 : -1
  if (Array.isArray(value)) {
    if (said[start] !== LIST || said[start + 1] !== value.length) return -1
    let at = start + 2
    for (let i = 0; i < value.length && at >= 0; i += 1) at = endOfSaid(said, at, value[i])
    return at
  }
  return isPlain(value) ? endOfRecord(said, start, value) : -1
}

function endOfRecord(said: Spelling, start: number, value: Readonly<Record<string, unknown>>): number {
  const names = Object.keys(value)
  if (said[start] !== RECORD || said[start + 1] !== names.length) return -1
  let at = start + 2
  for (let i = 0; i < names.length && at >= 0; i += 1) {
    const name = names[i] as string
    at = said[at] === name ? endOfSaid(said, at + 1, value[name]) : -1
  }
  return at
}

function spell(value: unknown, pieces: unknown[], depth: number): boolean {
  if (isWhole(value)) return pieces.push(value) > 0
  if (depth === MAX_DEPTH) return false
  if (value instanceof Uint8Array) return pieces.push(OCTETS, textOfOctets(value)) > 0
  if (Array.isArray(value)) {
    // How many follow, so that no two lists spell each other's ends.
    pieces.push(LIST, value.length)
    return value.every((one) => spell(one, pieces, depth + 1))
  }
  if (!isPlain(value)) return false
  const names = Object.keys(value)
  pieces.push(RECORD, names.length)
  return names.every((name) => pieces.push(name) > 0 && spell(value[name], pieces, depth + 1))
}

/** Whether a value is one piece, which cannot change. */
function isWhole(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null || value instanceof KeyObject
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object') return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function textOfOctets(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
}
