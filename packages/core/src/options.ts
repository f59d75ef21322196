import { nearest } from './nearest.js'

/** Options of a caller that others read, by the object that is left without them. */
const readElsewhere = new WeakMap<object, readonly string[]>()

/** Says that an object of options lacks some that its caller may give too, and that others read: what lists the known ones lists these. */
export function noteReadElsewhere(options: object, names: readonly string[]): void {
  readElsewhere.set(options, names)
}

/** Reads a factory's options: own properties only, unknown names refused, every mistake a TypeError that says what to write. */
export class OptionReader {
  readonly factory: string
  readonly #own: Readonly<Record<string, unknown>>

  /**
   * @param factory - the public name of the factory, for messages
   * @param input - what the caller passed; undefined counts as `{}`
   * @param known - every option name that the factory understands
   * @throws TypeError `ERR_INVALID_ARG_TYPE` when input is no object, `ERR_INVALID_ARG_VALUE` when it holds an unknown name
   */
  constructor(factory: string, input: unknown, known: readonly string[]) {
    this.factory = factory
    if (input !== undefined && !isRecord(input)) {
      throw invalidType(factory, 'options', 'an object', input)
    }
    if (input !== undefined && isRequest(input)) throw invalidType(factory, 'options', `an object; use what ${factory}(...) returns`, input)
    this.#own = { ...(input as object | undefined) }
    for (const name of Object.keys(this.#own)) {
      if (!known.includes(name)) throw unknownOption(factory, name, [...known, ...(readElsewhere.get(input as object) ?? [])])
    }
  }

  /** The option as given, undefined when it was left out. The caller judges it. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#own, name) ? this.#own[name] : undefined
  }

  /** Whether the option was given with a value other than undefined. */
  has(name: string): boolean {
    return this.raw(name) !== undefined
  }

  /**
   * Whether an option was given that asks for a check. What is there and undefined, such as a variable that is not set, would skip it.
   *
   * @throws TypeError for what is there and undefined
   */
  asksFor(name: string): boolean {
    if (!Object.hasOwn(this.#own, name)) return false
    if (this.#own[name] !== undefined) return true
    throw invalidValue(this.factory, name, 'is undefined; check the variable or setting that it comes from, or leave it out')
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.raw(name)
    if (value === undefined) return fallback
    if (typeof value !== 'boolean') throw invalidType(this.factory, name, 'true or false', value)
    return value
  }

  /** A safe integer of at least `least`; `unit` is named in the message. */
  integer(name: string, fallback: number, unit: string, least = 1): number {
    const value = this.raw(name)
    if (value === undefined) return fallback
    if (typeof value !== 'number') throw invalidType(this.factory, name, `a whole number of ${unit}`, value)
    if (!Number.isSafeInteger(value) || value < least) {
      throw invalidValue(this.factory, name, `must be a whole number of ${unit}, at least ${least}; got ${value}`)
    }
    return value
  }

  /** A string that is not blank. */
  text(name: string): string | undefined
  text(name: string, fallback: string): string
  text(name: string, fallback?: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined) return fallback
    if (typeof value !== 'string') throw invalidType(this.factory, name, 'a string', value)
    if (value.trim() === '') throw invalidValue(this.factory, name, 'must not be blank')
    return value
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const value = this.raw(name)
    if (value === undefined) return fallback
    if (!values.includes(value as T)) {
      throw invalidValue(this.factory, name, `must be one of ${values.map((v) => `'${v}'`).join(', ')}; got ${shown(value)}`)
    }
    return value as T
  }

  // biome-ignore lint/complexity/noBannedTypes: the caller names the exact function type
  callback<F extends Function>(name: string): F | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (typeof value !== 'function') throw invalidType(this.factory, name, 'a function', value)
    return value as F
  }
}

/** A TypeError with code `ERR_INVALID_ARG_VALUE`. `problem` says what is wrong and what to write instead; it holds no secret. */
export function invalidValue(factory: string, option: string, problem: string): TypeError {
  return coded(`${factory}: option "${option}" ${problem}`, 'ERR_INVALID_ARG_VALUE')
}

/** A TypeError with code `ERR_INVALID_ARG_TYPE`. Of what came only the type is shown. */
export function invalidType(factory: string, option: string, wanted: string, got: unknown): TypeError {
  return coded(`${factory}: option "${option}" must be ${wanted}; got ${typeName(got)}`, 'ERR_INVALID_ARG_TYPE')
}

/** Whether the own properties of a value are meant. A list, a Map, a Set, octets and a promise would hold none, and nobody would be told. */
export function isRecord(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !(Symbol.iterator in input) && !(input instanceof Promise)
}

/** What Express, Koa and axios hand to a middleware or interceptor, as to a factory that stands in its place uncalled. */
function isRequest(input: object): boolean {
  return Object.hasOwn(input, 'rawHeaders') || Object.hasOwn(input, 'req') || Object.hasOwn(input, 'transformRequest')
}

/** The TypeError of a name that no option has: it tells the one that is meant, or all. `option` is where the name stands, if not alone. */
export function unknownOption(factory: string, name: string, known: readonly string[], option = name): TypeError {
  const near = nearest(name, known)
  return invalidValue(factory, option, `is unknown; ${near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`}`)
}

function coded(message: string, code: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Map || value instanceof Set) return value instanceof Map ? 'a Map' : 'a Set'
  if (value instanceof Promise) return 'a promise'
  return typeof value
}

function shown(value: unknown): string {
  return typeof value === 'string' && value.length <= 40 ? `'${value}'` : typeName(value)
}
