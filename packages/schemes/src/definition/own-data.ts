import { invalidType, invalidValue } from '@countersign/core/base'

/** Deeper than any definition goes; one that holds itself ends here. */
const MAX_DEPTH = 32

/**
 * A copy of plain data: objects and lists of them, without members that are undefined, as its JSON round trip is. What JSON cannot hold
 * stays as it is, for whoever checks the data to name it.
 *
 * @throws TypeError when it is nested too deeply, or holds an object of a class
 */
export function plainCopy<T>(value: T): T {
  return copy(value, 'definition', 0, (members) => Object.fromEntries(members)) as T
}

/** The same, whose objects have no prototype: what somebody put on Object.prototype is then no member of them. */
export function ownCopy<T>(value: T): T {
  return copy(value, 'definition', 0, (members) => Object.assign(Object.create(null), Object.fromEntries(members))) as T
}

type Members = readonly (readonly [string, unknown])[]

function copy(value: unknown, path: string, depth: number, made: (members: Members) => object): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw invalidValue('scheme', path, `is nested deeper than ${MAX_DEPTH}, or holds itself`)
  if (Array.isArray(value)) return Array.from(value, (entry, i) => copy(entry, `${path}[${i}]`, depth + 1, made))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw invalidType('scheme', path, 'plain data, as JSON has it', value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return made(members.map(([name, member]) => [name, copy(member, `${path}.${name}`, depth + 1, made)]))
}

const fixed = new WeakSet<object>()

/** Whether plain data can never say something else: frozen at every depth, without getters. */
export function isFixed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  if (fixed.has(value)) return true
  const held =
    Object.isFrozen(value) && Object.values(Object.getOwnPropertyDescriptors(value)).every((own) => 'value' in own && isFixed(own.value))
  if (held) fixed.add(value)
  return held
}
