import { types } from 'node:util'
import {
  type Client,
  type ClientReader,
  CountersignError,
  type Credential,
  type HmacCredential,
  invalidValue,
  type TokenSealer,
} from '@countersign/core'
import { messageOf } from './error-message.js'
import { redisError } from './errors.js'

const VERSION = 1

/** A client as Redis holds it, whole in one value. */
export interface ClientRecord {
  readonly client: Client
  /** Counted up by each change. */
  readonly revision: number
}

/**
 * Writes and reads the value that a client is in Redis: `{ "v": 1, "revision": 3, "by": "<token>", "client": { "id": "acme", "groups": [],
 * "credentials": [...] } }`. Of API keys and passwords it holds digests; of HMAC keys where they are, or the secret sealed for its place.
 */
export class ClientRecords {
  readonly #factory: string
  readonly #reader: ClientReader
  readonly #sealer: TokenSealer | undefined

  constructor(reader: ClientReader, sealer: TokenSealer | undefined) {
    this.#factory = reader.rules.factory
    this.#reader = reader
    this.#sealer = sealer
  }

  /**
   * @param by - names this very writing
   * @throws TypeError when an HMAC secret would have to be kept, and there is no sealing key or it cannot be sealed
   */
  text(client: Client, revision: number, by: string): string {
    const { id, groups, disabled } = client
    const credentials = client.credentials.map((credential) => this.#stored(id, credential))
    return JSON.stringify({ v: VERSION, revision, by, client: { id, groups, ...(disabled && { disabled }), credentials } })
  }

  /** @throws CountersignError `ERR_REDIS_BAD_RECORD` (503) when it is none of ours */
  read(text: string): ClientRecord {
    try {
      const record: unknown = JSON.parse(text)
      const own = new Map<string, unknown>(typeof record === 'object' && record !== null ? Object.entries(record) : [])
      const revision = own.get('revision')
      if (own.get('v') !== VERSION || !Number.isSafeInteger(revision)) throw new SyntaxError('it is not a record of this version')
      return { client: this.#reader.client(this.#opened(own.get('client')), 'record'), revision: revision as number }
    } catch (error) {
      if (error instanceof CountersignError) throw error
      // What JSON.parse says quotes the text.
      const reason = error instanceof SyntaxError ? 'a client in Redis is not a record of this version' : messageOf(error)
      throw redisError('ERR_REDIS_BAD_RECORD', reason)
    }
  }

  #stored(clientId: string, credential: Credential): object {
    if (credential.kind !== 'hmac' || credential.secretFrom !== undefined) return credential
    const { kind, id, keyId, notBefore, notAfter } = credential
    const text = this.#secretText(credential)
    if (this.#sealer === undefined) {
      const problem = 'is required to store the secret of an HMAC key; set it, or say with secretFrom where the secret is'
      throw invalidValue(this.#factory, 'sealingKey', problem)
    }
    const sealed = this.#sealer.seal(text, contextOf(clientId, credential))
    return { kind, id, keyId, sealed, ...(notBefore !== undefined && { notBefore }), ...(notAfter !== undefined && { notAfter }) }
  }

  #secretText(credential: HmacCredential): string {
    const secret = credential.secret()
    if (typeof secret === 'string') return `text:${secret}`
    if (types.isUint8Array(secret)) return octetsText(secret)
    if (types.isKeyObject(secret) && secret.type === 'secret') return octetsText(secret.export())
    throw invalidValue(this.#factory, 'secret', 'must be text, octets or a secret KeyObject to be stored in Redis; or use secretFrom')
  }

  #opened(client: unknown): unknown {
    if (typeof client !== 'object' || client === null || !Object.hasOwn(client, 'credentials')) return client
    const { id, credentials } = client as { id?: unknown; credentials?: unknown }
    if (!Array.isArray(credentials)) return client
    return { ...client, credentials: credentials.map((credential: unknown) => this.#withSecret(String(id), credential)) }
  }

  #withSecret(clientId: string, credential: unknown): unknown {
    if (typeof credential !== 'object' || credential === null || !Object.hasOwn(credential, 'sealed')) return credential
    const { sealed, ...rest } = credential as { sealed: unknown; id: string; keyId: string }
    const text = this.#sealer?.open(sealed, contextOf(clientId, rest))
    if (text === undefined) {
      const why = this.#sealer === undefined ? 'sealingKey is not given' : 'sealingKey is a different one, or the record was altered'
      throw redisError('ERR_REDIS_BAD_RECORD', `the HMAC secret of client "${clientId}" cannot be decrypted: ${why}`)
    }
    return { ...rest, secret: text.startsWith('text:') ? text.slice(5) : Buffer.from(text.slice(7), 'base64url') }
  }
}

/** A sealed secret opens for its client, credential and key id alone. */
function contextOf(clientId: string, { id, keyId }: { readonly id: string; readonly keyId: string }): string {
  return JSON.stringify(['client', clientId, id, keyId])
}

function octetsText(octets: Uint8Array): string {
  return `octets:${Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')}`
}

/** What the credentials of a client are found by, each once: `k<sha256>`, `u<user>`, `h<key id>`, `p<pin>`. */
export function namesOf(client: Client | undefined): Set<string> {
  return new Set(client?.credentials.map(nameOf))
}

function nameOf(credential: Credential): string {
  switch (credential.kind) {
    case 'api-key':
      return `k${credential.sha256}`
    case 'basic':
      return `u${credential.user}`
    case 'hmac':
      return `h${credential.keyId}`
    case 'certificate':
      return `p${credential.pin}`
  }
}
