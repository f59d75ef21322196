import type { KeyObject, webcrypto } from 'node:crypto'
import { types } from 'node:util'
import {
  type Clock,
  invalidType,
  invalidValue,
  type OptionReader,
  type SecretList,
  type SecretMaterial,
  secretSet,
} from '@countersign/core/base'
import { axiosAuthError } from '../errors.js'
import type { Client } from './client.js'
import { type AssertionAlgorithm, byPrivateKey, bySecretAssertion } from './client-assertion.js'
import { formEncoded } from './fields.js'

/**
 * How a client says who it is: RFC 6749 section 2.3.1, OpenID Connect Core section 9, RFC 8705 section 2. `basic_unencoded` is RFC 7617 alone,
 * for services that do not decode what section 2.3.1 has clients encode.
 */
export type ClientAuthentication = 'post' | 'basic' | 'basic_unencoded' | 'private_key_jwt' | 'client_secret_jwt' | 'tls' | 'none'

/** The options that say who the client is. */
export interface ClientOptions {
  /** The client's id; needed but for `none`. */
  readonly clientId?: string
  /** Its secret: text, octets of text, or a source such as `secretFromEnv(name)`; for `post`, both kinds of `basic`, and `client_secret_jwt`. */
  readonly clientSecret?: SecretList | undefined
  /** Default `post`. */
  readonly clientAuthentication?: ClientAuthentication
  /** The field of the id with `post` and `none`. Default `client_id`. */
  readonly clientIdField?: string
  /** The field of the secret with `post`. Default `client_secret`. */
  readonly clientSecretField?: string
  /** For `private_key_jwt`: PEM text, a JWK, or a KeyObject of type private. RSA has at least 2048 bits. */
  readonly privateKey?: string | KeyObject | webcrypto.JsonWebKey
  /** The `kid` of the assertion. Default none. */
  readonly keyId?: string
  /** Default by the key: RS256, ES256, ES384, ES512 or EdDSA. */
  readonly assertionAlgorithm?: AssertionAlgorithm
  /** The `aud` of the assertion. Default tokenUrl; some servers want their issuer. */
  readonly assertionAudience?: string
  /** Takes a secret under 16 octets for `client_secret_jwt`. Default false. */
  readonly allowWeakSecret?: boolean
}

/** The names of the options of `ClientOptions`. */
export const clientOptionNames = [
  'clientId',
  'clientSecret',
  'clientAuthentication',
  'clientIdField',
  'clientSecretField',
  'privateKey',
  'keyId',
  'assertionAlgorithm',
  'assertionAudience',
  'allowWeakSecret',
] as const satisfies readonly (keyof ClientOptions)[]

const KINDS: readonly ClientAuthentication[] = ['post', 'basic', 'basic_unencoded', 'private_key_jwt', 'client_secret_jwt', 'tls', 'none']
const WITH_SECRET: readonly ClientAuthentication[] = ['post', 'basic', 'basic_unencoded', 'client_secret_jwt']

/**
 * Checks who the client is.
 *
 * @throws TypeError when an option is missing, wrong, or has no use with clientAuthentication
 */
export function readClient(reader: OptionReader, tokenUrl: string, now: Clock): Client {
  const kind = reader.oneOf('clientAuthentication', KINDS, 'post')
  const id = reader.text('clientId')
  if (id === undefined && kind !== 'none') {
    throw invalidValue(
      reader.factory,
      'clientId',
      "is required; for a service without client authentication set clientAuthentication: 'none'",
    )
  }
  refuseUseless(reader, kind)
  const audience = reader.text('assertionAudience', tokenUrl)
  if (kind === 'private_key_jwt') return byPrivateKey(reader, id as string, audience, now)
  if (!WITH_SECRET.includes(kind)) return bare(id, reader.text('clientIdField', 'client_id'))
  const secret = readSecret(reader, kind, now)
  if (kind === 'client_secret_jwt') return bySecretAssertion(id as string, secret, audience, now)
  if (kind === 'basic') return byBasic(id as string, secret, formEncoded)
  return kind === 'basic_unencoded' ? byPlainBasic(reader, id as string, secret) : byPost(reader, id as string, secret)
}

function refuseUseless(reader: OptionReader, kind: ClientAuthentication): void {
  if (reader.has('clientSecret') && !WITH_SECRET.includes(kind)) {
    throw invalidValue(reader.factory, 'clientSecret', `has no effect with clientAuthentication '${kind}'`)
  }
  for (const name of ['privateKey', 'keyId', 'assertionAlgorithm']) {
    if (reader.has(name) && kind !== 'private_key_jwt') {
      throw invalidValue(reader.factory, name, "has no effect without clientAuthentication: 'private_key_jwt'")
    }
  }
}

function readSecret(reader: OptionReader, kind: ClientAuthentication, now: Clock): () => string {
  const given = reader.raw('clientSecret')
  if (typeof given === 'function')
    throw invalidType(reader.factory, 'clientSecret', 'a secret, or a source such as secretFromEnv(name)', given)
  // A secret that is sent is as long as its server made it; one that signs can be guessed from what it signed.
  const allowWeak = reader.boolean('allowWeakSecret', false) || kind !== 'client_secret_jwt'
  const set = secretSet(reader.factory, 'clientSecret', given, { now, timeoutMs: 1, allowWeak })
  return () => {
    const [first] = set.active(undefined) as readonly { readonly material: SecretMaterial }[]
    if (first === undefined) throw axiosAuthError('ERR_AXIOS_NO_SECRET', 'bearer has no clientSecret that is valid now')
    return secretText(first.material)
  }
}

function secretText(material: SecretMaterial): string {
  if (typeof material === 'string') return material
  return Buffer.from(types.isUint8Array(material) ? material : (material as KeyObject).export()).toString()
}

function bare(id: string | undefined, field: string): Client {
  return {
    id,
    fields: id === undefined ? [] : [field],
    secrets: () => [],
    sign({ fields }) {
      if (id !== undefined) fields.set(field, id)
    },
  }
}

function byPost(reader: OptionReader, id: string, secret: () => string): Client {
  const idField = reader.text('clientIdField', 'client_id')
  const secretField = reader.text('clientSecretField', 'client_secret')
  if (idField === secretField) throw invalidValue(reader.factory, 'clientSecretField', 'must differ from clientIdField')
  return {
    id,
    fields: [idField, secretField],
    secrets: () => [secret()],
    sign({ fields }) {
      fields.set(idField, id).set(secretField, secret())
    },
  }
}

function byPlainBasic(reader: OptionReader, id: string, secret: () => string): Client {
  if (id.includes(':'))
    throw invalidValue(reader.factory, 'clientId', "must not contain ':', which ends it, with clientAuthentication 'basic_unencoded'")
  return byBasic(id, secret, (text) => text)
}

function byBasic(id: string, secret: () => string, encoded: (text: string) => string): Client {
  return {
    id,
    fields: [],
    secrets: () => [secret()],
    sign({ headers }) {
      const pair = `${encoded(id)}:${encoded(secret())}`
      headers['Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
    },
  }
}
