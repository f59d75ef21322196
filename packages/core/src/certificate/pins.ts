import { invalidType, invalidValue, isRecord, OptionReader } from '../options.js'
import { isOpen, type ValidityWindow, validityWindow } from '../validity.js'
import type { PinKind } from './certificate.js'

/** One pin as text says it. */
export interface ParsedPin {
  readonly kind: PinKind
  /** The digest in lower-case hex. */
  readonly digest: string
  /** The one spelling under which a pin is stored and looked up: `sha256:<64 hex>`, `sha256/<base64>` (SPKI) or `sha1:<40 hex>`. */
  readonly text: string
  /** SHA-1. It still names one certificate, but whoever may have two certificates made can make them share it. */
  readonly legacy: boolean
}

/** A pin with the name that logs show and the time in which it counts. */
export interface Pin extends ParsedPin {
  readonly name: string | undefined
  readonly window: ValidityWindow
}

/** A pin as configured: its text, or the text with a name and a window. */
export type PinInput = string | PinRecord

/** A pin with what goes with it. */
export interface PinRecord {
  readonly pin: string
  /** Shown as `credentialId`, and in what operators read. Not a secret. */
  readonly name?: string
  /** From when on the pin counts; a Date or RFC 3339 text. Default: always. */
  readonly notBefore?: Date | string
  /** When the pin stops to count; a Date or RFC 3339 text. Default: never. */
  readonly notAfter?: Date | string
}

/** Pins as configured: one, a list, or an object from name to pin. */
export type PinsInput = PinInput | readonly PinInput[] | Readonly<Record<string, PinInput>>

const COLONS = /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/
const HEX = /^[0-9a-f]+$/
// The line that openssl x509 -fingerprint prints, and the two prefixes of our own spelling.
const LABEL = /^(sha-?1|sha-?256)(?: fingerprint=|:)/
const BASE64_SHA256 = /^[A-Za-z0-9+/]{43}=$/

/**
 * Reads a pin. Letters of hex may have either case, and the octets colons between them, or none.
 *
 * - SHA-256 of the certificate's DER: `3f:a0:...` (64 hex digits), also after `sha256:` or openssl's `sha256 Fingerprint=`
 * - SHA-256 of the public key (SubjectPublicKeyInfo), which survives a renewal under the same key: `sha256/<base64>` (RFC 7469), or
 *   with curl's two slashes, `sha256//<base64>`
 * - SHA-1 of the certificate's DER, legacy: `E3:25:11:...` (40 hex digits), also after `sha1:` or `SHA1 Fingerprint=`
 *
 * @returns undefined when the text is none of these
 */
export function parsePin(text: string): ParsedPin | undefined {
  // The longest form is the label of openssl's line and 64 hex digits with colons.
  if (text.length > 128) return undefined
  const trimmed = text.trim()
  return trimmed.startsWith('sha256/') ? parseSpki(trimmed) : parseFingerprint(trimmed.toLowerCase())
}

/** Hex with colons between the octets or without, of any case, as lower-case hex without; undefined when it is neither. */
export function fingerprintHex(text: string): string | undefined {
  const lower = text.toLowerCase()
  if (COLONS.test(lower)) return lower.replaceAll(':', '')
  return HEX.test(lower) ? lower : undefined
}

function parseSpki(text: string): ParsedPin | undefined {
  // Base64 may itself start with a slash, so the length tells curl's second slash from it.
  const base64 = text.length === 52 && text.startsWith('sha256//') ? text.slice(8) : text.slice(7)
  if (!BASE64_SHA256.test(base64)) return undefined
  const octets = Buffer.from(base64, 'base64')
  // Strict: the last character carries two bits that no octet has, and they must be zero (RFC 4648 section 3.5).
  if (octets.toString('base64') !== base64) return undefined
  return { kind: 'spki', digest: octets.toString('hex'), text: `sha256/${base64}`, legacy: false }
}

function parseFingerprint(text: string): ParsedPin | undefined {
  const label = LABEL.exec(text)
  const digest = fingerprintHex(label === null ? text : text.slice(label[0].length))
  if (digest === undefined) return undefined
  const algorithm = label?.[1]?.replace('-', '')
  if (digest.length === 64 && algorithm !== 'sha1') return { kind: 'sha256', digest, text: `sha256:${digest}`, legacy: false }
  if (digest.length === 40 && algorithm !== 'sha256') return { kind: 'sha1', digest, text: `sha1:${digest}`, legacy: true }
  return undefined
}

/** The canonical text of a digest; what a look-up by pin is asked for. */
export function pinText(kind: PinKind, digest: string): string {
  return kind === 'spki' ? `sha256/${Buffer.from(digest, 'hex').toString('base64')}` : `${kind}:${digest}`
}

/** Whatever digests can be asked of, such as a Certificate. Undefined: not known. */
export interface Digests {
  digest(kind: PinKind): string | undefined
}

/** Strongest first: a certificate that several pins name is reported under the first of them. */
const KINDS: readonly PinKind[] = ['sha256', 'spki', 'sha1']

/**
 * The pins of one factory, found by digest in a time that does not grow with their number.
 *
 * Not checked: the certificate's own dates, and who issued it. Pins are public values, so their comparison need not be constant-time.
 */
export class PinSet {
  readonly pins: readonly Pin[]
  /** Which kinds occur. */
  readonly kinds: readonly PinKind[]
  /** When the last pin stops to count; milliseconds since the epoch, infinite as long as one has no end. */
  readonly until: number
  readonly #index: ReadonlyMap<PinKind, ReadonlyMap<string, readonly Pin[]>>

  constructor(pins: readonly Pin[]) {
    this.pins = Object.freeze([...pins])
    this.kinds = KINDS.filter((kind) => pins.some((pin) => pin.kind === kind))
    this.until = Math.max(...pins.map((pin) => pin.window.until))
    this.#index = new Map(this.kinds.map((kind) => [kind, groupByDigest(pins.filter((pin) => pin.kind === kind))]))
  }

  /**
   * The pin that a certificate fits now.
   *
   * @returns `closed` when pins fit it, but none of them counts at `now`; undefined when none fits
   */
  match(digests: Digests, now: number): Pin | 'closed' | undefined {
    let closed: 'closed' | undefined
    for (const kind of this.kinds) {
      const digest = digests.digest(kind)
      const pins = digest === undefined ? undefined : this.#index.get(kind)?.get(digest)
      if (pins === undefined) continue
      for (const pin of pins) if (isOpen(pin.window, now)) return pin
      closed = 'closed'
    }
    return closed
  }
}

function groupByDigest(pins: readonly Pin[]): Map<string, Pin[]> {
  const groups = new Map<string, Pin[]>()
  for (const pin of pins) {
    const group = groups.get(pin.digest)
    if (group === undefined) groups.set(pin.digest, [pin])
    else group.push(pin)
  }
  return groups
}

/**
 * Reads the pins of a factory.
 *
 * @param option - the option's name, for messages
 * @throws TypeError when there is none, when one is malformed, when its window is none, or when it has two names
 */
export function readPins(factory: string, option: string, input: unknown): PinSet {
  const entries = pinEntries(factory, option, input)
  if (entries.length === 0)
    throw invalidValue(factory, option, 'must contain at least one pin: without any, every request would be refused')
  return new PinSet(entries.map(([where, entry, name]) => readPin(factory, where, entry, name)))
}

function pinEntries(factory: string, option: string, input: unknown): [string, unknown, string | undefined][] {
  if (typeof input === 'string') return [[option, input, undefined]]
  if (Array.isArray(input)) return input.map((entry, i) => [`${option}[${i}]`, entry, undefined])
  if (!isRecord(input)) {
    throw invalidType(factory, option, 'a pin, a list of pins, or an object from name to pin', input)
  }
  if (Object.hasOwn(input, 'pin')) return [[option, input, undefined]]
  return Object.entries(input).map(([name, entry]) => [`${option}.${name}`, entry, name])
}

function readPin(factory: string, where: string, entry: unknown, key: string | undefined): Pin {
  if (typeof entry === 'string') return Object.freeze({ ...checkedPin(factory, where, entry), name: key, window: ALWAYS })
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw invalidType(factory, where, 'a pin or { pin, name, notBefore, notAfter }', entry)
  }
  const reader = new OptionReader(factory, entry, ['pin', 'name', 'notBefore', 'notAfter'])
  const name = reader.text('name') ?? key
  if (key !== undefined && name !== key) throw invalidValue(factory, where, 'has two names: its key and "name"; leave "name" out')
  const window = validityWindow(factory, where, reader.raw('notBefore'), reader.raw('notAfter'))
  return Object.freeze({ ...checkedPin(factory, `${where}.pin`, reader.raw('pin')), name, window })
}

const ALWAYS: ValidityWindow = Object.freeze({ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY })

function checkedPin(factory: string, where: string, text: unknown): ParsedPin {
  if (typeof text !== 'string') throw invalidType(factory, where, 'a string', text)
  const pin = parsePin(text)
  if (pin !== undefined) return pin
  throw invalidValue(
    factory,
    where,
    'is not a pin; write the SHA-256 fingerprint (64 hex digits, with or without colons), "sha256/<base64>" of the public key, or the legacy SHA-1 ' +
      'fingerprint (40 hex digits), as "openssl x509 -noout -fingerprint -sha256 -in client.pem" prints it',
  )
}
