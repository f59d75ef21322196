import { type Clock, invalidType, invalidValue, OptionReader, type Secret, type SecretInput, secretSet } from '@countersign/core/base'
import { compileScheme } from './compile.js'
import type { CompiledScheme } from './compiled-scheme.js'
import type { SchemeDefinition } from './definition.js'
import { plainCopy } from './own-data.js'
import { type RequestInput, requestView } from './request-view.js'
import type { CompileOptions } from './safety.js'
import { type Signed, signRequest } from './sign.js'
import { checkSignature, judged, keyIdsOf, readBody, readHead, type Unverified, type Verified } from './verify.js'

/** A scheme that was checked: deeply frozen data, equal to its own JSON round trip. */
export type Scheme = SchemeDefinition & { readonly [checked]?: true }

declare const checked: unique symbol

/**
 * Checks a scheme that a user writes, as an object or as parsed JSON.
 *
 * Refused: unknown names and words, templates that do not parse or cannot be read back, a message that two requests share, a body,
 * timestamp or nonce that is not signed. Each with its place and what to write instead, all at once.
 *
 * @returns a frozen copy, for `hmacVerify({ scheme })`, `sign`, `verify` and `explain`
 * @throws TypeError `ERR_INVALID_ARG_VALUE`
 * @see LANGUAGE.md
 */
export function scheme(definition: SchemeDefinition): Scheme {
  const copy = frozenCopy(definition)
  compileScheme(copy, { params: placeholders(copy), allowInsecureScheme: true })
  return copy
}

/** Freezes a definition of the catalogue. It is checked when it is first used, and by the tests. */
export function preset(definition: SchemeDefinition): Scheme {
  return deepFreeze(definition)
}

/** Params without default stand for any token while a scheme is only checked. */
function placeholders(definition: SchemeDefinition): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(definition?.params ?? {})) if (value === null) params[name] = 'x'
  return params
}

function frozenCopy(definition: SchemeDefinition): Scheme {
  if (typeof definition !== 'object' || definition === null) throw invalidType('scheme', 'definition', 'an object', definition)
  return deepFreeze(plainCopy(definition))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

/** What `verify` and `sign` share. */
export interface SetUpOptions extends CompileOptions {
  /** The secret or secrets: text as the vendor shows it, octets, a KeyObject, records with id and dates. No look-up. */
  readonly secret: Exclude<SecretInput, (...args: never[]) => unknown>
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
  /** Where the request was sent to, `https://api.example.com`, when the received Host is another's. Default: the URL's own origin. */
  readonly publicOrigin?: string
  /** Accepts secrets of fewer than 16 octets. Default false. */
  readonly allowWeakSecret?: boolean
}

/** What `verify` takes. */
export interface VerifySchemeOptions extends SetUpOptions {
  /** Accepts requests of which the scheme signs nothing: an empty body, and neither method, path, time nor nonce. Default false. */
  readonly allowEmptyBody?: boolean
}

/** What `sign` takes. */
export interface SignSchemeOptions extends SetUpOptions {
  readonly keyId?: string
  /** Default random. False leaves it out where the scheme lets it. */
  readonly nonce?: string | false
  /** The timestamp's text; default the clock's. */
  readonly timestamp?: string
  /** The wire's name of the algorithm, where the scheme carries one. False leaves it out where the scheme lets it. */
  readonly algorithm?: string | false
  /** Names to put on the list of what is signed, beside the scheme's. */
  readonly sign?: readonly string[]
  /** Values for fields of the scheme. */
  readonly fields?: Readonly<Record<string, string>>
}

const SHARED = [
  'secret',
  'now',
  'publicOrigin',
  'allowWeakSecret',
  'params',
  'toleranceSeconds',
  'mustInclude',
  'allowUnboundBody',
  'allowInsecureScheme',
] as const

/**
 * Verifies one request of which everything is at hand.
 *
 * Not checked: whether it was seen before. `hmacVerify` does that, and reads the body itself.
 *
 * @throws TypeError when the scheme or an option is wrong; never because of the request
 */
export function verify(scheme: Scheme, request: RequestInput, options: VerifySchemeOptions): Verified | Unverified {
  const reader = new OptionReader('verify', options, [...SHARED, 'allowEmptyBody'])
  const { compiled, now, secrets } = setUp('verify', scheme, reader)
  const { view, body } = requestView('verify', request, reader.text('publicOrigin'))
  const allowEmptyBody = reader.boolean('allowEmptyBody', false)
  return judged(() => {
    const reading = readHead(compiled, view, now)
    readBody(compiled, reading, body, now)
    const offers = keyIdsOf(compiled, reading).map((keyId) => ({ keyId, secrets: secrets(keyId) }))
    return checkSignature(compiled, reading, offers, { now, allowEmptyBody })
  })
}

/**
 * Signs one request of which everything is at hand.
 *
 * @returns the fields to add, and what to send where the scheme writes into the query or the body
 * @throws TypeError when the scheme, an option or the request cannot be signed with
 */
export function sign(scheme: Scheme, request: RequestInput, options: SignSchemeOptions): Signed {
  const own = ['keyId', 'nonce', 'timestamp', 'algorithm', 'sign', 'fields'] as const
  const reader = new OptionReader('sign', options, [...SHARED, ...own])
  const { compiled, now, secrets } = setUp('sign', scheme, reader)
  const { view, body } = requestView('sign', request, reader.text('publicOrigin'))
  const keyId = reader.text('keyId')
  return signRequest(compiled, view, body, secrets(keyId), {
    now,
    keyId,
    nonce: reader.raw('nonce') === false ? false : reader.text('nonce'),
    timestamp: reader.text('timestamp'),
    algorithm: reader.raw('algorithm') === false ? false : reader.text('algorithm'),
    sign: namesOption(reader),
    fields: fieldsOption(reader),
  })
}

function namesOption(reader: OptionReader): readonly string[] | undefined {
  const names = reader.raw('sign')
  if (names !== undefined && !(Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '')))
    throw invalidType(reader.factory, 'sign', 'a list of names', names)
  return names as readonly string[] | undefined
}

function fieldsOption(reader: OptionReader): Readonly<Record<string, string>> | undefined {
  const fields = reader.raw('fields')
  if (fields === undefined) return undefined
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw invalidType(reader.factory, 'fields', 'an object', fields)
  for (const [name, value] of Object.entries(fields))
    if (typeof value !== 'string') throw invalidType(reader.factory, `fields.${name}`, 'a string', value)
  return Object.assign(Object.create(null), fields) as Record<string, string>
}

/** A year: whoever needs more means no limit, or milliseconds. */
const MOST_TOLERANCE_SECONDS = 86_400 * 366

function toleranceOption(reader: OptionReader): number {
  const seconds = reader.integer('toleranceSeconds', 300, 'seconds')
  if (seconds <= MOST_TOLERANCE_SECONDS) return seconds
  throw invalidValue(reader.factory, 'toleranceSeconds', `must be at most ${MOST_TOLERANCE_SECONDS} seconds; got ${seconds}`)
}

/** Reads the options that say how a scheme is compiled. */
export function compileOptions(reader: OptionReader): CompileOptions {
  const params = reader.raw('params')
  if (params !== undefined && (typeof params !== 'object' || params === null))
    throw invalidType(reader.factory, 'params', 'an object', params)
  const mustInclude = reader.raw('mustInclude')
  if (mustInclude !== undefined && !(Array.isArray(mustInclude) && mustInclude.every((name) => typeof name === 'string'))) {
    throw invalidType(reader.factory, 'mustInclude', 'a list of names', mustInclude)
  }
  return {
    ...(params !== undefined && { params: { ...params } as Record<string, string> }),
    ...(reader.has('toleranceSeconds') && { toleranceSeconds: toleranceOption(reader) }),
    ...(mustInclude !== undefined && { mustInclude: mustInclude as string[] }),
    allowUnboundBody: reader.boolean('allowUnboundBody', false),
    allowInsecureScheme: reader.boolean('allowInsecureScheme', false),
  }
}

function setUp(factory: 'verify' | 'sign', definition: Scheme, reader: OptionReader) {
  const compiled = compiledOnce(factory, definition, compileOptions(reader))
  const clock = reader.callback<Clock>('now') ?? Date.now
  const allowWeak = reader.boolean('allowWeakSecret', false)
  if (typeof reader.raw('secret') === 'function')
    throw invalidType(factory, 'secret', 'a secret; look-ups are for hmacVerify', reader.raw('secret'))
  const now = clock()
  const set = secretSet(factory, 'secret', reader.raw('secret'), { now: () => now, timeoutMs: 1, allowWeak })
  const secrets = (keyId: string | undefined) => {
    const active = set.active(keyId) as readonly Secret[]
    for (const secret of active) checkDecoded(factory, compiled, secret, allowWeak)
    return active
  }
  return { compiled, now, secrets }
}

/**
 * Asks a secret to decode as the scheme says, and its key to be long enough.
 *
 * @throws TypeError that names the factory; it does not hold the secret
 */
export function checkDecoded(factory: string, compiled: CompiledScheme, secret: Secret, allowWeak: boolean): void {
  if (compiled.facts.secretInMessage && typeof secret.material !== 'string')
    throw invalidValue(factory, 'secret', 'must be the text that the vendor shows: the scheme signs it with the rest')
  const octets = compiled.key.octets(secret)
  if (octets.length === 0) throw invalidValue(factory, 'secret', 'decodes to no octets at all')
  if (octets.length >= LEAST_KEY_OCTETS || allowWeak) return
  throw invalidValue(
    factory,
    'secret',
    `gives a key of ${octets.length} octets once it is decoded; use at least ${LEAST_KEY_OCTETS}, or say allowWeakSecret: true knowing that it can be guessed`,
  )
}

const LEAST_KEY_OCTETS = 16

const compiledByScheme = new WeakMap<SchemeDefinition, Map<string, CompiledScheme>>()
const MAX_SET_UPS = 32

/** Compiles a frozen scheme once per set-up; one that can still change, every time. */
function compiledOnce(factory: string, definition: Scheme, options: CompileOptions): CompiledScheme {
  if (typeof definition !== 'object' || definition === null) throw invalidType(factory, 'scheme', 'a scheme', definition)
  if (!Object.isFrozen(definition)) return compileScheme(definition, options)
  const id = JSON.stringify(options)
  const known = compiledByScheme.get(definition) ?? new Map<string, CompiledScheme>()
  compiledByScheme.set(definition, known)
  const compiled = known.get(id) ?? compileScheme(definition, options)
  if (known.size >= MAX_SET_UPS) known.clear()
  known.set(id, compiled)
  return compiled
}
