import { type Clock, invalidType, invalidValue, isRecord, type OptionReader, type SecretInput } from '@countersign/core/base'
import {
  type CompiledScheme,
  type CompileOptions,
  checkedOrigin,
  compileOptions,
  compileScheme,
  hexSignature,
  type Scheme,
} from '@countersign/schemes/engine'
import type { InternalAxiosRequestConfig } from 'axios'
import type { CarrierOptions } from '../carrier/carrier-options.js'
import { type HmacSecrets, hmacSecrets, type SecretFromCall } from './secret.js'

/** What `hmac` takes. */
export interface HmacOptions extends Omit<CompileOptions, 'toleranceSeconds'>, CarrierOptions {
  /** The signing scheme; the same object as the verifying side has. Default `hexSignature`: hex HMAC-SHA256 of the body in X-Signature. */
  readonly scheme?: Scheme
  /**
   * The secret or secrets, or a function of the request that finds it. A string is the vendor's text and is decoded as the scheme says;
   * octets and a KeyObject are the key itself. At least 16 octets unless `allowWeakSecret`. Of several the first active one signs, and
   * all of them where the scheme carries several signatures.
   */
  readonly secret: Exclude<SecretInput, (...args: never[]) => unknown> | SecretFromCall
  /** The key id that the scheme carries. Default the id of the secret. */
  readonly keyId?: string
  /** Values for fields that the scheme leaves to the caller; a function: for each request. */
  readonly fields?: Readonly<Record<string, string>> | ((config: Readonly<InternalAxiosRequestConfig>) => Readonly<Record<string, string>>)
  /** Names to put on the list of what is signed, beside the scheme's. */
  readonly sign?: readonly string[]
  /** The wire's name of the algorithm, where the scheme carries one. Default the scheme's first; false leaves it out where the scheme lets it. */
  readonly algorithm?: string | false
  /** False leaves the nonce out where the scheme lets it. Default: a new one for each attempt. */
  readonly nonce?: false
  /** Where the server believes that it is called, `https://api.example.com`, for schemes that sign the URL. Default the request's origin. */
  readonly publicOrigin?: string
  /** Takes the server's clock from the Date of one refusal (401 or 403), over https only, and signs once more. Default false. */
  readonly correctClock?: boolean
  /** The largest correction, seconds. Default 3600. */
  readonly maxClockCorrectionSeconds?: number
  /** How long `secret` may take as a function, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** Accepts secrets of fewer than 16 octets. Default false. */
  readonly allowWeakSecret?: boolean
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

/** The names of the options above. */
export const HMAC_OPTIONS = [
  'scheme',
  'secret',
  'keyId',
  'fields',
  'sign',
  'algorithm',
  'nonce',
  'publicOrigin',
  'params',
  'mustInclude',
  'correctClock',
  'maxClockCorrectionSeconds',
  'timeoutMs',
  'allowWeakSecret',
  'allowUnboundBody',
  'allowInsecureScheme',
  'now',
] as const satisfies readonly (keyof HmacOptions)[]

/** The options, checked and with their defaults. */
export interface HmacSettings {
  readonly scheme: CompiledScheme
  readonly secrets: HmacSecrets
  readonly keyId: string | undefined
  readonly fields: (config: Readonly<InternalAxiosRequestConfig>) => Readonly<Record<string, string>> | undefined
  readonly sign: readonly string[] | undefined
  readonly algorithm: string | false | undefined
  readonly nonce: false | undefined
  readonly publicOrigin: string | undefined
  readonly correctClock: boolean
  readonly maxClockCorrectionSeconds: number
  readonly now: Clock
}

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function hmacSettings(options: HmacOptions, reader: OptionReader): HmacSettings {
  const { factory } = reader
  const now = reader.callback<Clock>('now') ?? Date.now
  const scheme = compileScheme(schemeOf(options, reader), compileOptions(reader), factory)
  const publicOrigin = reader.text('publicOrigin')
  const keyId = reader.text('keyId')
  if (keyId !== undefined && !scheme.facts.keyId)
    throw invalidValue(factory, 'keyId', `cannot be sent: scheme '${scheme.definition.name}' carries no key id; remove it`)
  const algorithm = reader.raw('algorithm') === false ? false : reader.text('algorithm')
  checkAlgorithm(factory, scheme, algorithm)
  return {
    scheme,
    keyId,
    secrets: hmacSecrets(factory, reader.raw('secret'), scheme, {
      now,
      keyId,
      timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
      allowWeak: reader.boolean('allowWeakSecret', false),
    }),
    fields: fieldsOf(reader, scheme),
    sign: namesOf(reader),
    algorithm,
    nonce: nonceOf(reader),
    publicOrigin: publicOrigin === undefined ? undefined : checkedOrigin(factory, publicOrigin),
    correctClock: reader.boolean('correctClock', false),
    maxClockCorrectionSeconds: correctionOf(reader),
    now,
  }
}

/** The name of an algorithm that no request could be signed with. */
function checkAlgorithm(factory: string, { algorithms, definition }: CompiledScheme, algorithm: string | false | undefined): void {
  if (typeof algorithm !== 'string' || algorithms?.has(algorithm.toLowerCase()) === true) return
  const known = algorithms === undefined ? 'does not carry an algorithm name; remove it' : `knows ${[...algorithms.keys()].join(', ')}`
  throw invalidValue(factory, 'algorithm', `cannot be sent: scheme '${definition.name}' ${known}`)
}

/** A `scheme` that is there and undefined is a misspelt import: it may not become the default, which signs something else. */
function schemeOf(options: HmacOptions, reader: OptionReader): Scheme {
  if (!Object.hasOwn(options ?? {}, 'scheme')) return hexSignature
  const scheme = reader.raw('scheme')
  if (typeof scheme !== 'object' || scheme === null || Array.isArray(scheme))
    throw invalidType(reader.factory, 'scheme', "a scheme object, such as github from '@countersign/schemes'", scheme)
  return scheme as Scheme
}

function fieldsOf(reader: OptionReader, scheme: CompiledScheme): HmacSettings['fields'] {
  const given = reader.raw('fields')
  if (typeof given === 'function') return (config) => checkedFields(reader.factory, 'fields()', given(config))
  const fields = given === undefined ? undefined : checkedFields(reader.factory, 'fields', given)
  for (const name of Object.keys(fields ?? {})) {
    if (scheme.fields.some((field) => field.name === name)) continue
    const known = scheme.fields.length === 0 ? 'has no fields' : `has ${scheme.fields.map((field) => field.name).join(', ')}`
    throw invalidValue(reader.factory, `fields.${name}`, `is unknown: scheme '${scheme.definition.name}' ${known}`)
  }
  return () => fields
}

function checkedFields(factory: string, option: string, fields: unknown): Readonly<Record<string, string>> {
  if (!isRecord(fields)) throw invalidType(factory, option, 'an object', fields)
  for (const [name, value] of Object.entries(fields))
    if (typeof value !== 'string') throw invalidType(factory, `${option}.${name}`, 'a string', value)
  return Object.freeze(Object.assign(Object.create(null), fields))
}

function namesOf(reader: OptionReader): readonly string[] | undefined {
  const names = reader.raw('sign')
  if (names === undefined) return undefined
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== ''))
    throw invalidType(reader.factory, 'sign', 'a list of names', names)
  return Object.freeze([...names])
}

function nonceOf(reader: OptionReader): false | undefined {
  const nonce = reader.raw('nonce')
  if (nonce === undefined || nonce === false) return nonce
  throw invalidValue(reader.factory, 'nonce', 'may only be false: every attempt has a new nonce, or none')
}

/** A day: whoever is further off has no clock at all. */
const MOST_CORRECTION_SECONDS = 86_400

function correctionOf(reader: OptionReader): number {
  const seconds = reader.integer('maxClockCorrectionSeconds', 3600, 'seconds')
  if (seconds <= MOST_CORRECTION_SECONDS) return seconds
  throw invalidValue(reader.factory, 'maxClockCorrectionSeconds', `must be at most ${MOST_CORRECTION_SECONDS} seconds; got ${seconds}`)
}
