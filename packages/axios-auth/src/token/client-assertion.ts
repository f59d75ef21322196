import { createPrivateKey, type JsonWebKeyInput, type KeyObject, webcrypto } from 'node:crypto'
import { types } from 'node:util'
import { type Clock, invalidValue, type OptionReader } from '@countersign/core/base'
import type { Client, TokenMessage } from './client.js'

/** An algorithm of a signed assertion (RFC 7518 section 3.1, RFC 8037). */
export type AssertionAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA'

const FIELDS = ['client_id', 'client_assertion', 'client_assertion_type']

/** A client that signs an assertion with its secret, HS256 (OpenID Connect Core section 9). */
export function bySecretAssertion(id: string, secret: () => string, audience: string, now: Clock): Client {
  return {
    id,
    fields: FIELDS,
    secrets: () => [secret()],
    async sign(message) {
      const oauth = await import('oauth4webapi')
      const assert = oauth.ClientSecretJwt(secret(), { [oauth.modifyAssertion]: (_header, payload) => timed(payload, now) })
      await asserted(message, id, audience, assert)
    },
  }
}

/**
 * A client that signs an assertion with its private key (RFC 7523 section 2.2), good for once, and for 60 seconds that began 10 s ago.
 *
 * @throws TypeError when the key is none, too short, or fits no algorithm
 */
export function byPrivateKey(reader: OptionReader, id: string, audience: string, now: Clock): Client {
  const key = readPrivateKey(reader)
  const kid = reader.text('keyId')
  const algorithm = assertionAlgorithm(reader, key)
  let imported: Promise<webcrypto.CryptoKey> | undefined
  return {
    id,
    fields: FIELDS,
    secrets: () => [],
    async sign(message) {
      const oauth = await import('oauth4webapi')
      imported ??= importKey(key, algorithm)
      const named = { key: await imported, ...(kid === undefined ? {} : { kid }) }
      const assert = oauth.PrivateKeyJwt(named, {
        [oauth.modifyAssertion]: (header, payload) => {
          // RFC 8037 section 3.1; the library writes Ed25519, the name of RFC 9864, which few servers know yet.
          if (algorithm === 'EdDSA') header['alg'] = 'EdDSA'
          timed(payload, now)
        },
      })
      await asserted(message, id, audience, assert)
    },
  }
}

type Assert = (as: { issuer: string }, client: { client_id: string }, body: URLSearchParams, headers: Headers) => void | Promise<void>

async function asserted({ fields }: TokenMessage, id: string, audience: string, assert: Assert): Promise<void> {
  const body = new URLSearchParams()
  await assert({ issuer: audience }, { client_id: id }, body, new Headers())
  for (const [name, value] of body) fields.set(name, value)
}

const LIFE_SECONDS = 60
/** Servers that allow for no difference between clocks refuse what begins in their future, be it by a second. */
const BEGUN_SECONDS = 10

/** The library goes by Date.now. */
function timed(payload: Record<string, unknown>, now: Clock): void {
  const begin = Math.floor(now() / 1000) - BEGUN_SECONDS
  payload['iat'] = begin
  payload['nbf'] = begin
  payload['exp'] = begin + LIFE_SECONDS
}

function readPrivateKey(reader: OptionReader): KeyObject {
  const given = reader.raw('privateKey')
  const key = types.isKeyObject(given) ? given : parsedKey(given)
  if (key?.type === 'private') {
    const bits = key.asymmetricKeyDetails?.modulusLength
    if (bits !== undefined && bits < 2048) throw invalidValue(reader.factory, 'privateKey', `must have at least 2048 bits; it has ${bits}`)
    return key
  }
  throw invalidValue(
    reader.factory,
    'privateKey',
    'must be a private key: PEM text without a passphrase, a JWK, or a KeyObject of type private',
  )
}

function parsedKey(given: unknown): KeyObject | undefined {
  try {
    // What is neither text nor a JWK throws.
    return createPrivateKey(typeof given === 'string' ? given : ({ key: given, format: 'jwk' } as JsonWebKeyInput))
  } catch {
    return undefined
  }
}

const CURVES: ReadonlyMap<string, AssertionAlgorithm> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
])
const RSA: readonly AssertionAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

function assertionAlgorithm(reader: OptionReader, key: KeyObject): AssertionAlgorithm {
  const fitting = fittingAlgorithms(key)
  const [first] = fitting
  if (first === undefined) throw invalidValue(reader.factory, 'privateKey', 'must be of RSA, Ed25519, or the curves P-256, P-384 and P-521')
  return reader.oneOf('assertionAlgorithm', fitting, first)
}

function fittingAlgorithms(key: KeyObject): readonly AssertionAlgorithm[] {
  if (key.asymmetricKeyType === 'rsa') return RSA
  if (key.asymmetricKeyType === 'ed25519') return ['EdDSA']
  const byCurve = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '')
  return byCurve === undefined ? [] : [byCurve]
}

function importKey(key: KeyObject, algorithm: AssertionAlgorithm): Promise<webcrypto.CryptoKey> {
  const octets = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', octets, webAlgorithm(algorithm), false, ['sign'])
}

function webAlgorithm(algorithm: AssertionAlgorithm): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | { name: string } {
  const bits = algorithm.slice(2)
  if (algorithm === 'EdDSA') return { name: 'Ed25519' }
  if (algorithm.startsWith('ES')) return { name: 'ECDSA', namedCurve: algorithm === 'ES512' ? 'P-521' : `P-${bits}` }
  return { name: algorithm.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` }
}
