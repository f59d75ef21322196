import { invalidType, invalidValue, isRecord, nearest } from '@countersign/core/base'
import { type AlternativeName, fingerprintHex, parsePin } from '@countersign/core/certificates'
import { addressOctets } from './addresses.js'
import { attributeType, attributeValues, parseName, sameName } from './dn.js'
import { CERTIFICATE_KEYS, type CertificateSource, type Presented } from './source.js'
import { certificateTime } from './times.js'

/** Conditions as configured: lines `KEY=value`, or an object from key to a value or to several, which must all hold. */
export type ConditionsInput = string | Readonly<Record<string, string | readonly string[]>>

/** One condition, compiled. */
export interface Condition {
  readonly key: string
  /** Whether it names one certificate or one key, as a pin does, rather than something that others can have too. */
  readonly identifies: boolean
  /** Whether it does so by SHA-1. */
  readonly legacy: boolean
  /** Whether it holds; `empty`: the proxy sent the field without a value. */
  readonly judge: (presented: Presented) => boolean | 'empty'
}

const KEY = /^[A-Z0-9][A-Z0-9._-]*$/
const IDENTITY_KEYS: ReadonlySet<string> = new Set(['FINGERPRINT', 'FINGERPRINT256', 'SPKI'])

/**
 * Reads the conditions of a factory; all of them must hold.
 *
 * @throws TypeError when there is none, a line has no `=`, a key is one that the source cannot answer, or a value is none of its key
 */
export function readConditions(factory: string, option: string, input: unknown, source: CertificateSource): readonly Condition[] {
  const pairs = conditionPairs(factory, option, input)
  if (pairs.length === 0) throw invalidValue(factory, option, 'must contain at least one condition KEY=value')
  return pairs.map(([key, value]) => {
    checkKey(factory, option, key, source)
    if (value.trim() === '')
      throw invalidValue(factory, option, `has no value for ${key}; an empty value would match certificates that have none`)
    const legacy = key === 'FINGERPRINT' && fingerprintHex(value)?.length === 40
    return Object.freeze({ key, identifies: IDENTITY_KEYS.has(key), legacy, judge: compile(factory, option, key, value, source) })
  })
}

function conditionPairs(factory: string, option: string, input: unknown): [string, string][] {
  if (typeof input === 'string') return linePairs(factory, option, input)
  if (!isRecord(input)) {
    throw invalidType(factory, option, 'lines KEY=value, or an object from KEY to value', input)
  }
  return Object.entries(input).flatMap(([name, given]) => {
    const values: readonly unknown[] = Array.isArray(given) ? given : [given]
    if (values.length === 0) throw invalidValue(factory, option, `has no value for ${name}`)
    return values.map((value): [string, string] => {
      if (typeof value !== 'string') throw invalidType(factory, `${option}.${name}`, 'a string, or a list of strings', value)
      return [name.trim().toUpperCase(), value]
    })
  })
}

function linePairs(factory: string, option: string, text: string): [string, string][] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const equals = line.indexOf('=')
      if (equals === -1) throw invalidValue(factory, option, 'must be lines KEY=value, one condition on each; one line has no "="')
      return [line.slice(0, equals).trim().toUpperCase(), line.slice(equals + 1).trim()]
    })
}

function checkKey(factory: string, option: string, key: string, source: CertificateSource): void {
  if (!KEY.test(key)) throw invalidValue(factory, option, 'must have keys of letters, digits, "-", "." and "_"')
  const { keys } = source
  if (keys === undefined || keys.has(key)) return
  const hint = nearest(key, [...keys])
  const others = hint === undefined ? `it provides ${[...keys].join(', ')}` : `did you mean ${hint}?`
  const fields = CERTIFICATE_KEYS.has(key)
    ? ''
    : '; if the source has the option "fields", name a header there that the proxy sets on every request'
  throw invalidValue(factory, option, `has the key ${key.slice(0, 40)}, which ${source.name}() does not provide; ${others}${fields}`)
}

type Judge = Condition['judge']

function compile(factory: string, option: string, key: string, value: string, source: CertificateSource): Judge {
  const wrong = (what: string) => invalidValue(factory, option, `has a value for ${key} that is ${what}`)
  switch (key) {
    case 'FINGERPRINT':
    case 'FINGERPRINT256':
    case 'SPKI':
      return digestJudge(key, value, source, wrong)
    case 'SUBJECT':
    case 'ISSUER':
      return nameJudge(key, value, wrong)
    case 'CN':
    case 'O':
    case 'OU':
      return attributeJudge(key, value)
    case 'SERIAL':
      return serialJudge(value, source.serialBase, wrong)
    case 'SAN':
      return alternativeNameJudge(value, wrong)
    case 'NOTBEFORE':
    case 'NOTAFTER':
      return timeJudge(key, value, wrong)
    default:
      return fieldJudge(key, (text) => text === value)
  }
}

type Wrong = (what: string) => TypeError

function digestJudge(key: string, value: string, source: CertificateSource, wrong: Wrong): Judge {
  const hex = fingerprintHex(value)
  const text = key === 'SPKI' ? (hex?.length === 64 ? spkiText(hex) : `sha256/${value.replace(/^sha256\/\/?(?=.{44}$)/, '')}`) : value
  const pin = parsePin(text)
  const fits = key === 'FINGERPRINT' ? pin?.kind !== 'spki' : pin?.kind === (key === 'SPKI' ? 'spki' : 'sha256')
  if (pin === undefined || !fits) throw wrong(`no ${key === 'FINGERPRINT' ? 'SHA-1 or SHA-256' : 'SHA-256'}, in hex with colons or without`)
  if (!source.kinds.includes(pin.kind)) throw wrong(`a digest (${pin.kind}) that ${source.name}() does not provide, so it can never match`)
  return (presented) => presented.digest(pin.kind) === pin.digest
}

function spkiText(hex: string): string {
  return `sha256/${Buffer.from(hex, 'hex').toString('base64')}`
}

/** Judges the text that the proxy sent, as text: header values are octets to Node, and UTF-8 to whoever wrote them. */
function fieldJudge(key: string, holds: (text: string) => boolean): Judge {
  return (presented) => {
    const text = presented.field(key)
    if (text === undefined) return false
    return text === '' ? 'empty' : holds(utf8Text(text))
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8Text(latin1: string): string {
  if (/^[\0-\x7f]*$/.test(latin1)) return latin1
  try {
    return strictUtf8.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return latin1
  }
}

function nameJudge(key: 'SUBJECT' | 'ISSUER', value: string, wrong: Wrong): Judge {
  const wanted = parseName(value)
  if (wanted === undefined) throw wrong('not a distinguished name; write CN=api,O=My Company,C=US or /C=US/O=My Company/CN=api')
  const types = wanted.name.map((rdn) => rdn[0]?.type)
  const unknown = wanted.name.flat().find(({ type }) => !type.includes('.'))
  if (unknown !== undefined) throw wrong(`a name with the unknown attribute ${unknown.type}; write its object identifier`)
  // In RFC 4514 the country stands last. Whoever pastes openssl's order would get a name that no certificate has. Certificates that
  // begin with CN or end with the country have such names; only the slash form says which of the two orders is meant.
  if (wanted.form === 'rfc4514' && types.length > 1 && (types[0] === CN || types.at(-1) === COUNTRY)) {
    throw wrong(
      `in the order of the certificate, or of one that ${types[0] === CN ? 'begins with CN' : 'ends with the country'}; RFC 4514 starts at the ` +
        'other end. Write it with slashes in the order of the certificate (openssl x509 -nameopt compat): /C=US/.../CN=api or /CN=api/.../C=US',
    )
  }
  const onField = fieldJudge(key, (text) => {
    const name = parseName(text)
    return name !== undefined && sameName(name.name, wanted.name)
  })
  return (presented) => {
    const { certificate } = presented
    if (certificate === undefined) return onField(presented)
    return sameName(key === 'SUBJECT' ? certificate.subject : certificate.issuer, wanted.name)
  }
}

const CN = '2.5.4.3'
const COUNTRY = '2.5.4.6'

/**
 * CN: the one common name of the subject, so that a second one cannot be slipped in. O and OU: one of them. In the slash form even
 * those must stand once: there any value can hold `/OU=...`.
 */
function attributeJudge(key: 'CN' | 'O' | 'OU', value: string): Judge {
  const type = attributeType(key) as string
  const among = (values: readonly string[], isSole: boolean) =>
    isSole ? values.length === 1 && values[0] === value : values.includes(value)
  const onField = fieldJudge(key, (text) => text === value)
  const onSubject = fieldJudge('SUBJECT', (text) => {
    const parsed = parseName(text)
    return parsed !== undefined && among(attributeValues(parsed.name, type), key === 'CN' || parsed.form === 'slash')
  })
  return (presented) => {
    const { certificate } = presented
    if (certificate !== undefined) return among(attributeValues(certificate.subject, type), key === 'CN')
    return presented.field(key) === undefined ? onSubject(presented) : onField(presented)
  }
}

const HEX_SERIAL = /^(?:0x)?[0-9a-f]{1,128}$/
const DECIMAL_SERIAL = /^\d{1,160}$/

/** A serial number as lower-case hex without leading zeros. Digits alone count in the base of whoever wrote them. */
function serialText(text: string, base: 10 | 16): string | undefined {
  const lower = text.toLowerCase()
  const explicit = lower.startsWith('decimal:') ? lower.slice('decimal:'.length) : undefined
  const digits = explicit ?? (lower.includes(':') ? (fingerprintHex(lower) ?? '') : lower)
  if ((explicit !== undefined || base === 10) && DECIMAL_SERIAL.test(digits) && !lower.includes('0x')) return BigInt(digits).toString(16)
  if (explicit !== undefined || !HEX_SERIAL.test(digits)) return undefined
  return BigInt(digits.startsWith('0x') ? digits : `0x${digits}`).toString(16)
}

function serialJudge(value: string, base: 10 | 16, wrong: Wrong): Judge {
  const wanted = serialText(value, base)
  if (wanted === undefined) throw wrong('not a serial number; write hex as openssl prints it (1001, 0x1001, 10:01), or decimal:4097')
  const onField = fieldJudge('SERIAL', (text) => serialText(text, base) === wanted)
  return (presented) => {
    const { certificate } = presented
    return certificate === undefined ? onField(presented) : certificate.serial === wanted
  }
}

const NAME_TYPES = new Map<string, AlternativeName['type']>([
  ['dns', 'dns'],
  ['uri', 'uri'],
  ['email', 'email'],
  ['ip', 'ip'],
  ['ip address', 'ip'],
])

/** `dns:api.example`, `uri:spiffe://...`, `email:a@b`, `ip:10.0.0.1`; without a type what the text looks like. */
function alternativeName(text: string): AlternativeName | undefined {
  const colon = text.indexOf(':')
  const named = colon === -1 ? undefined : NAME_TYPES.get(text.slice(0, colon).trim().toLowerCase())
  const value = named === undefined ? text : text.slice(colon + 1).trim()
  const octets = addressOctets(value)
  const type = named ?? (octets !== undefined ? 'ip' : value.includes('://') ? 'uri' : value.includes('@') ? 'email' : 'dns')
  if (value === '') return undefined
  // DNS names alone ignore case (RFC 4343); a URI and the local part of an address do not.
  if (type === 'dns') return { type, value: value.toLowerCase() }
  if (type !== 'ip') return { type, value }
  return octets === undefined ? undefined : { type, value: Buffer.from(octets).toString('hex') }
}

function alternativeNameJudge(value: string, wrong: Wrong): Judge {
  const wanted = alternativeName(value)
  if (wanted === undefined)
    throw wrong('not an alternative name; write dns:api.example, uri:spiffe://..., email:a@b.example or ip:10.0.0.1')
  const isWanted = (name: AlternativeName | undefined) =>
    name?.type === wanted.type && (name.type === 'dns' ? name.value.toLowerCase() : name.value) === wanted.value
  // One name alone: a list in text can be widened by a name that holds its separator.
  const onField = fieldJudge('SAN', (text) => isWanted(alternativeName(text)))
  return (presented) => {
    const names = presented.alternativeNames ?? presented.certificate?.alternativeNames
    return names === undefined ? onField(presented) : names.some(isWanted)
  }
}

function timeJudge(key: 'NOTBEFORE' | 'NOTAFTER', value: string, wrong: Wrong): Judge {
  const wanted = certificateTime(value)
  if (wanted === undefined) throw wrong('not a date; write 2036-01-01T00:00:00Z or 360101000000Z')
  const onField = fieldJudge(key, (text) => certificateTime(text) === wanted)
  return (presented) => {
    const { certificate } = presented
    if (certificate === undefined) return onField(presented)
    return (key === 'NOTBEFORE' ? certificate.notBefore : certificate.notAfter) === wanted
  }
}
