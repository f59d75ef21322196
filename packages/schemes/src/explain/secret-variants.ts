import { createHash, KeyObject } from 'node:crypto'
import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { decodeBase32 } from '../text/base32.js'
import { type Told, told } from './causes.js'

/** Another secret that the sender may have used, made of one of ours. */
export interface SecretVariant extends Told {
  readonly secret: Secret
  /** Whether it is tried together with another change too. */
  readonly usual: boolean
}

interface Made extends Told {
  readonly material: string | Uint8Array
  readonly usual?: boolean
}

/** What a scheme decodes its secrets from. */
type Decodes = 'base64' | 'hex' | undefined

type Maker = (text: string, decodes: Decodes) => readonly Made[]

const FRAMES: Maker = (text) => [
  ...made('secret-newline', 'our secret ends with a line feed, and that of the sender does not', text.replace(/[\r\n]{1,4}$/, ''), true),
  ...made('secret-newline', 'our secret ends with the two characters \\n, which were to be a line feed', withoutEscape(text)),
  ...made('secret-newline', 'the secret of the sender ends with a line feed, and ours does not', `${text}\n`, true),
  ...made('secret-newline', 'the secret of the sender ends with CR LF, and ours does not', `${text}\r\n`),
  ...made('secret-bom', 'our secret begins with a byte order mark', text.replace(/^\ufeff/, '')),
  ...made('secret-bom', 'the secret of the sender begins with a byte order mark', `\ufeff${text}`),
  ...made('secret-blanks', 'our secret has blanks around it, and that of the sender has not', text.trim(), true),
  ...made('secret-blanks', 'the secret of the sender has a blank behind it', `${text} `, true),
  ...made('secret-blanks', 'the secret of the sender has a blank in front of it', ` ${text}`),
  ...made('secret-quotes', 'our secret stands in quotes, and that of the sender does not', unquoted(text), true),
  ...made('secret-quotes', 'the secret of the sender stands in double quotes', `"${text}"`, true),
  ...made('secret-quotes', 'the secret of the sender stands in single quotes', `'${text}'`),
]

const DECODED: Maker = (text, decodes) => [
  ...(decodes === 'hex'
    ? made('secret-hex', 'the sender uses the text of the secret as the key; the scheme decodes it', utf8(text), true)
    : []),
  ...made('secret-base64', 'our secret was given as octets, which are not decoded; the scheme decodes text', text, true),
  ...(decodes === 'base64'
    ? made('secret-base64', 'the sender uses the text of the secret as the key; the scheme decodes it', utf8(text), true)
    : []),
  ...made('secret-base64', 'the sender decodes the secret from base64; the scheme takes its text', fromBase64(text), true),
  ...made('secret-hex', 'the sender decodes the secret from hex; the scheme does not', fromHex(text), true),
  ...made('secret-base32', 'the sender decodes the secret from base32; the scheme takes its text', fromBase32(text)),
  ...made('secret-base64', 'our secret is the base64 of that of the sender and a line feed', withoutLineEnd(fromBase64(text))),
  ...made('secret-base64', 'the sender uses the base64 of the secret as the key', utf8(utf8(text).toString('base64'))),
  ...made('secret-hex', 'the sender uses the hex of the secret as the key', utf8(utf8(text).toString('hex'))),
]

/** What vendors put in front of secrets; other prefixes are part of what may not be shown. */
const PUBLIC_PREFIXES = ['v1,whsec_', 'whsec_', 'sk_live_', 'sk_test_', 'shpss_', 'v1,']

const PREFIXES: Maker = (text) => {
  const bare = withoutPrefixes(text)
  return [
    ...bare.flatMap((rest) => leftOff(text.slice(0, text.length - rest.length), rest)),
    ...made('secret-prefix', 'the sender has "whsec_" in front of the secret and takes it all as text', utf8(`whsec_${text}`), true),
    ...(bare.length > 0 ? made('secret-prefix', 'the sender keeps the prefix and takes the secret as text', utf8(text), true) : []),
  ]
}

function leftOff(prefix: string, rest: string): readonly Made[] {
  const gone = PUBLIC_PREFIXES.includes(prefix) ? `"${prefix}"` : 'its prefix'
  return [
    ...made('secret-prefix', `the sender leaves ${gone} off the secret and takes the rest as text`, utf8(rest), true),
    ...made('secret-prefix', `the sender leaves ${gone} off the secret`, rest, true),
    ...made('secret-prefix', `the sender leaves ${gone} off the secret and decodes the rest from base64`, fromBase64(rest), true),
  ]
}

const SPELLINGS: Maker = (text) => [
  ...made('secret-prefix', 'our secret has the name of a variable and "=" in front of it', withoutName(text)),
  ...made('secret-escaped', 'our secret is percent-encoded, and that of the sender is not', percentDecoded(text)),
  ...made('secret-escaped', 'the sender percent-encodes the secret', encodeURIComponent(text)),
  ...made('secret-case', 'the sender has the secret in lower case', text.toLowerCase()),
  ...made('secret-case', 'the sender has the secret in capitals', text.toUpperCase()),
  ...made('secret-hashed', 'the sender uses the hex SHA-256 of the secret as the key', utf8(sha256(text).toString('hex'))),
  ...made('secret-hashed', 'the sender uses the SHA-256 of the secret as the key', sha256(text)),
  ...made('secret-hashed', 'the sender uses the hex MD5 of the secret as the key', utf8(createHash('md5').update(text).digest('hex'))),
]

/** What stands in the place of a secret that is not set. */
const UNSET: readonly Made[] = ['undefined', 'null', 'None', 'nil', '[object Object]', 'changeme', 'secret'].map((text) => ({
  ...told('secret-unset', `the sender signs with the word "${text}" for a secret`),
  material: utf8(text),
}))

/** The secrets that may have been meant, by how usual each mistake is; equal ones stand once, ours not at all. */
export function secretVariants(scheme: CompiledScheme, ours: readonly Secret[]): readonly SecretVariant[] {
  const known = new Set(ours.map((secret) => keyText(scheme, secret)))
  const variants: SecretVariant[] = []
  const [, from] = /\|from(Base64|Hex)/.exec(JSON.stringify(scheme.definition.key ?? '')) ?? []
  const decodes = from === undefined ? undefined : from === 'Hex' ? 'hex' : 'base64'
  for (const group of [FRAMES, DECODED, PREFIXES, SPELLINGS, () => UNSET, () => EMPTY]) {
    for (const own of ours) {
      for (const { material, usual = false, ...line } of group(textOf(own), decodes)) {
        const secret: Secret = { material }
        const key = keyText(scheme, secret)
        if (key === undefined || known.has(key)) continue
        known.add(key)
        variants.push({ ...line, secret, usual })
      }
    }
  }
  return variants
}

const EMPTY: readonly Made[] = [{ ...told('secret-unset', 'the sender signs with an empty secret'), material: new Uint8Array(0) }]

/** The secrets that decode as the scheme says. */
export function decodable(scheme: CompiledScheme, secrets: readonly Secret[]): readonly Secret[] {
  return secrets.filter((secret) => keyText(scheme, secret) !== undefined)
}

/** What tells one key from another; undefined where the secret does not decode, or the scheme cannot use it. */
function keyText(scheme: CompiledScheme, secret: Secret): string | undefined {
  const { material } = secret
  if (scheme.facts.secretInMessage) return typeof material === 'string' && material !== '' ? material : undefined
  try {
    return Buffer.from(scheme.key.octets(secret)).toString('latin1')
  } catch {
    return undefined
  }
}

/** The text of a secret; of octets, each as a character. */
export function textOf({ material }: Secret): string {
  if (typeof material === 'string') return material
  return Buffer.from(material instanceof KeyObject ? material.export() : material).toString('latin1')
}

function made(cause: Told['cause'], title: string, material: string | Uint8Array | undefined, usual = false): readonly Made[] {
  return material === undefined || material.length === 0 ? [] : [{ cause, title, material, usual }]
}

function unquoted(text: string): string | undefined {
  const first = text[0]
  return text.length > 2 && (first === '"' || first === "'" || first === '`') && text.endsWith(first) ? text.slice(1, -1) : undefined
}

/** Vendors put a word and an underscore in front: `whsec_`, `sk_live_`. A secret that begins with such itself may stand behind another's. */
function withoutPrefixes(text: string): readonly string[] {
  const all = /^(?:v1,)?(?:[A-Za-z0-9]{1,12}_){1,3}(?=.)/.exec(text)?.[0]
  const first = PUBLIC_PREFIXES.find((prefix) => text.startsWith(prefix) && text.length > prefix.length)
  const prefixes = new Set([all, first])
  return [...prefixes].flatMap((prefix) => (prefix === undefined ? [] : [text.slice(prefix.length)]))
}

/** A line of a .env file that was taken whole. */
function withoutName(text: string): string | undefined {
  return /^(?:export )?[A-Z][A-Z0-9_]{1,63}=(.+)$/s.exec(text)?.[1]
}

function withoutEscape(text: string): string | undefined {
  return text.endsWith('\\n') ? text.slice(0, text.endsWith('\\r\\n') ? -4 : -2) : undefined
}

function withoutLineEnd(octets: Buffer | undefined): Buffer | undefined {
  if (octets === undefined || octets.at(-1) !== 0x0a) return undefined
  return octets.subarray(0, octets.at(-2) === 0x0d ? -2 : -1)
}

function utf8(text: string): Buffer {
  return Buffer.from(text)
}

function fromBase64(text: string): Buffer | undefined {
  return text.length >= 4 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

function fromHex(text: string): Buffer | undefined {
  return text.length >= 2 && /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
}

function fromBase32(text: string): Uint8Array | undefined {
  return text.length >= 8 && /^[A-Z2-7]+=*$/.test(text) ? decodeBase32(text) : undefined
}

function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
