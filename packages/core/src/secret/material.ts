import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { types } from 'node:util'
import { invalidType, invalidValue } from '../options.js'
import { latePattern } from './late-pattern.js'

/**
 * What a secret is given as. A string is the vendor's text, which the scheme turns into the key (as UTF-8, base64, hex, with a
 * prefix cut). Octets and a KeyObject of type `secret` are the key itself and are never decoded, even where they spell base64.
 */
export type SecretMaterial = string | Uint8Array | KeyObject

/** The fewest octets of a secret, without `allowWeakSecret`. */
export const LEAST_SECRET_OCTETS = 16
/** The most octets of a secret: what is longer is a file given by mistake. */
export const MOST_SECRET_OCTETS = 65_536

const visible = latePattern('[^\\0\\p{White_Space}\\p{Default_Ignorable_Code_Point}]')
// The same for octets that may be no text: a key of 20 vertical tabs is a fair key (RFC 4231 section 4.2).
const visibleOctets = latePattern('[^\\0\\t\\n\\r\\u0085\\p{Z}\\p{Default_Ignorable_Code_Point}]')

/**
 * Whether a value holds no secret at all: undefined, null, text without a visible character, no octets, or octets that are NUL or
 * blanks alone. HMAC pads a key with NUL, so a key of NULs is the empty key (RFC 2104 section 2).
 */
export function isBlankSecret(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return !visible().test(value)
  const octets = secretOctets(value)
  return octets !== undefined && !visibleOctets().test(Buffer.from(octets).toString('utf8'))
}

/**
 * Checks one secret and returns a copy that nobody else can write to.
 *
 * Not checked: how the secret was made. Not known yet: what the text decodes to; whoever decodes it checks the length again.
 *
 * @param option - where it stands, such as `secret[0]`, for messages, which never hold the secret
 * @param allowWeak - whether fewer than 16 octets pass (of a string its UTF-8 length counts)
 * @throws TypeError when it is of another type, blank, too short or too long, no well-formed text, or a public or private key file
 */
export function checkedMaterial(factory: string, option: string, value: unknown, allowWeak: boolean): SecretMaterial {
  const octets = secretOctets(value)
  if (octets === undefined) throw invalidType(factory, option, wantedFor(value), value)
  const problem = blankProblem(value) ?? textProblem(value) ?? lengthProblem(octets, allowWeak) ?? keyFileProblem(octets)
  if (problem !== undefined) throw invalidValue(factory, option, problem)
  // `new Uint8Array` and not Buffer.from: no shared pool, and no subclass with methods of its own.
  return types.isUint8Array(value) ? new Uint8Array(value) : (value as SecretMaterial)
}

/** How many octets a secret has; of a string, its UTF-8. */
export function secretLength(material: SecretMaterial): number {
  if (typeof material === 'string') return Buffer.byteLength(material)
  return types.isUint8Array(material) ? material.length : (material.symmetricKeySize as number)
}

function secretOctets(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value)
  if (types.isUint8Array(value)) return value
  return types.isKeyObject(value) && value.type === 'secret' ? value.export() : undefined
}

function wantedFor(value: unknown): string {
  if (types.isKeyObject(value)) return `a KeyObject of type secret (createSecretKey), not of type ${value.type}`
  if (value === undefined || value === null) {
    return 'a secret, such as text or secretFromEnv(name): check that the variable or file it comes from is set'
  }
  if (types.isPromise(value)) return 'a secret; await the promise, or pass a function that returns it'
  return 'a secret (text, a Uint8Array, a KeyObject of type secret), { id, secret, notBefore, notAfter }, a source such as secretFromEnv(name), a list of these, or a function that finds them'
}

function blankProblem(value: unknown): string | undefined {
  if (!isBlankSecret(value)) return undefined
  return 'must not be blank: everybody can compute the HMAC of an empty key; check that the variable or file it comes from is set'
}

function textProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (!value.isWellFormed()) return 'must be well-formed text: it contains half of a surrogate pair'
  if (value.includes('\uFFFD'))
    return 'contains U+FFFD, so octets were decoded as text and some of them are lost; pass the octets themselves'
  return undefined
}

function lengthProblem(octets: Uint8Array, allowWeak: boolean): string | undefined {
  if (octets.length > MOST_SECRET_OCTETS) return `must be at most ${MOST_SECRET_OCTETS} octets; it has ${octets.length}`
  if (allowWeak || octets.length >= LEAST_SECRET_OCTETS) return undefined
  return (
    `must be at least ${LEAST_SECRET_OCTETS} octets; it has ${octets.length}, and a short secret can be guessed offline from one signed ` +
    'request. Generate one with "openssl rand -hex 32". allowWeakSecret: true accepts it anyway, for tests and documentation samples'
  )
}

const ARMOUR = ['-----BEGIN', '---- BEGIN']
const SSH = ['ssh-rsa ', 'ssh-dss ', 'ssh-ed25519', 'ecdsa-sha2-', 'sk-ssh-', 'sk-ecdsa-sha2-']

// CVE-2023-48223, CVE-2026-34950: with a public key as the HMAC secret, everybody who has the public key can sign.
function keyFileProblem(octets: Uint8Array): string | undefined {
  const text = fromVisible(Buffer.from(octets).toString('utf8'))
  const isKeyFile = isArmoured(text) || isAsymmetricJwk(text) || isDer(octets) || isBase64Der(text)
  return isKeyFile ? 'is a public or private key or a certificate (PEM, DER, SSH or JWK); HMAC needs a shared secret' : undefined
}

function fromVisible(text: string): string {
  const start = text.search(visible())
  return start === -1 ? '' : text.slice(start)
}

function isArmoured(text: string): boolean {
  return ARMOUR.some((mark) => text.includes(mark)) || SSH.some((mark) => text.startsWith(mark))
}

function isAsymmetricJwk(text: string): boolean {
  if (!text.includes('"kty"')) return false
  try {
    const jwk = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as { kty?: unknown; keys?: unknown }
    const keys = Array.isArray(jwk.keys) ? (jwk.keys as { kty?: unknown }[]) : [jwk]
    return keys.some((key) => key?.kty !== undefined && key.kty !== 'oct')
  } catch {
    return false
  }
}

function isBase64Der(text: string): boolean {
  // A DER SEQUENCE of more than 127 octets starts with M in base64, a shorter one too.
  if (!text.startsWith('M')) return false
  return isDer(Buffer.from(text, 'base64'))
}

function isDer(octets: Uint8Array): boolean {
  if (octets[0] !== 0x30) return false
  const key = Buffer.from(octets)
  return parses(() => createPublicKey({ key, format: 'der', type: 'spki' })) || parses(() => new X509Certificate(key))
}

function parses(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
