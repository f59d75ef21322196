import { randomBytes } from 'node:crypto'
import type { Secret } from '@countersign/core'
import type { CompiledScheme } from './compiled-scheme.js'
import { stringOfText } from './compiled-text.js'
import { type CompiledField, exactText } from './fields.js'
import type { Captures } from './format.js'
import type { HashName, HmacKey, MessageParts } from './hmac.js'
import type { Outgoing } from './home.js'
import { readHome } from './homes.js'
import { type Json, pointed } from './json.js'
import { checkKeyId } from './key-id.js'
import { joined, MessageBuilder } from './message.js'
import { encodeRfc3986 } from './pipes.js'
import { Reading, type RequestView } from './reading.js'
import { SchemeRefusal } from './refusal.js'
import { UNITS } from './units.js'

/** What a signer needs beside the request. */
export interface SignInputs {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The key id; default the id of the first secret. */
  readonly keyId?: string | undefined
  /** The timestamp as text, in place of the clock's; for the sender who has one already. */
  readonly timestamp?: string | undefined
  /** The nonce; default random. */
  readonly nonce?: string | undefined
  /** What is signed beside the scheme's own list. */
  readonly sign?: readonly string[] | undefined
  /** Values for fields that the scheme leaves to the caller. */
  readonly fields?: Readonly<Record<string, string>> | undefined
  readonly algorithm?: string | undefined
}

/** What a signature adds to a request. */
export interface Signed {
  /** The fields to set, lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Path and query to send; other than the request's where the scheme writes into the query. */
  readonly target: string
  /** The body to send; other than the request's where the scheme writes into the body. */
  readonly body: Uint8Array
  /** The octets that were signed. */
  readonly message: Uint8Array
}

/** The most secrets that a signer signs with at once. */
const MAX_SIGNERS = 100

/**
 * Signs a request: makes timestamp and nonce, writes every field, then the signature; one per secret where the scheme carries several.
 *
 * @throws TypeError when the request cannot be signed: a field that the scheme signs is not there, or a value cannot be read back
 */
export function signRequest(
  scheme: CompiledScheme,
  request: RequestView,
  body: Uint8Array,
  secrets: readonly Secret[],
  inputs: SignInputs,
): Signed {
  try {
    return new Signer(scheme, request, body, inputs).sign(secrets.slice(0, scheme.signature.home.several ? MAX_SIGNERS : 1))
  } catch (error) {
    if (!(error instanceof SchemeRefusal)) throw error
    throw unsignable(scheme, error.message)
  }
}

function unsignable(scheme: CompiledScheme, problem: string): TypeError {
  return Object.assign(new TypeError(`scheme '${scheme.definition.name}': the request cannot be signed: ${problem}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  })
}

class Signer {
  readonly #scheme: CompiledScheme
  readonly #inputs: SignInputs
  readonly #out: MutableOutgoing
  readonly #captures: Captures = new Map()
  /** For fields that are HMACs themselves. */
  #fieldKey: HmacKey | undefined

  constructor(scheme: CompiledScheme, request: RequestView, body: Uint8Array, inputs: SignInputs) {
    this.#scheme = scheme
    this.#inputs = inputs
    this.#out = new MutableOutgoing(request, body)
  }

  sign(secrets: readonly Secret[]): Signed {
    const scheme = this.#scheme
    const [first] = secrets
    if (first === undefined) throw unsignable(scheme, 'there is no secret')
    this.#roles(first)
    if (!scheme.key.derived) this.#fieldKey = scheme.key.make(first, this.#hash(), this.#reading())
    for (const field of scheme.fields) this.#field(field)
    this.#carry()
    const items = scheme.scope === undefined ? [undefined] : itemPaths(JSON.parse(Buffer.from(this.#out.octets).toString()), scheme.scope)
    const messages = items.map((item) => this.#signItem(secrets, item))
    return {
      headers: Object.fromEntries(this.#out.headers),
      target: this.#out.target,
      body: this.#out.octets,
      message: Buffer.concat(messages),
    }
  }

  /** Writes the signatures of the request, or of one item of it. */
  #signItem(secrets: readonly Secret[], item: readonly string[] | undefined): Uint8Array {
    const { message, mac, key, signature, names } = this.#scheme
    this.#out.item = item ?? []
    const hash = this.#hash()
    let signed: MessageParts = []
    const rounds = secrets.map((secret) => {
      const reading = this.#reading()
      if (item !== undefined) reading.item = pointed(reading.json, item)
      reading.key = key.make(secret, hash, reading)
      const out = new MessageBuilder()
      message.emit(reading, out)
      signed = out.parts
      const one: Captures = new Map(this.#captures)
      if (secret.id !== undefined && one.has('keyId') && secrets.length > 1) one.set('keyId', secret.id)
      return one.set('signature', mac.write(reading.key, signed))
    })
    const { home, list } = signature
    home.write(this.#out, this.#captures, rounds)
    if (home.phase === 'head') checkReadBack(readHome(home, home.texts(new Reading(this.#out.view, names.size)), list, MAX_SIGNERS), rounds)
    return joined(signed)
  }

  #roles(secret: Secret): void {
    const { names, facts, nonceOctets, algorithms } = this.#scheme
    const { now, timestamp, nonce, keyId, algorithm } = this.#inputs
    if (facts.timestamp !== undefined) this.#captures.set('timestamp', timestamp ?? UNITS[facts.timestamp.unit].print(now))
    if (names.has('nonce')) this.#captures.set('nonce', nonce ?? randomBytes(nonceOctets).toString('base64url'))
    const id = keyId ?? secret.id
    if (id !== undefined && names.has('keyId')) {
      checkKeyId(id)
      this.#captures.set('keyId', id)
    }
    if (id === undefined && facts.keyId)
      throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'the scheme carries a key id; give keyId, or a secret with an id')
    if (algorithms !== undefined) this.#captures.set('algorithm', algorithm ?? (algorithms.keys().next().value as string))
  }

  #field(field: CompiledField): void {
    const { name, definition } = field
    const given = this.#inputs.fields?.[name]
    const reading = this.#reading()
    reading.key = this.#fieldKey
    if (field.when !== undefined && !field.when(reading)) return
    const [value] = field.values
    const text = given ?? this.#listed(field, reading) ?? (value === undefined ? field.param : stringOfText(value, reading))
    if (text === undefined || text === '') return
    this.#captures.set(name, text)
    const carried = this.#scheme.carried.find((entry) => entry.name === name)
    if (carried !== undefined && definition.names === undefined) carried.home.write(this.#out, this.#captures, [this.#captures])
  }

  /** What our signer lists: the scheme's list, the caller's additions, without the digest of a body that is not there. */
  #listed(field: CompiledField, reading: Reading): string | undefined {
    const { definition } = field
    if (definition.names === undefined) return undefined
    if (definition.exactly !== undefined) return exactText(definition)
    const idle = new Set(field.must.filter(({ when }) => when !== undefined && !when(reading)).map(({ name }) => name))
    const wanted = [...(definition.sign ?? definition.mustInclude ?? []), ...(this.#inputs.sign ?? [])].filter((name) => !idle.has(name))
    const list = [...new Set(wanted)]
    return (definition.sort === true ? list.sort() : list).join(definition.names)
  }

  #carry(): void {
    for (const { home } of this.#scheme.carried) {
      if (home.format.names.some((name) => this.#captures.has(name))) home.write(this.#out, this.#captures, [this.#captures])
    }
  }

  #hash(): HashName {
    const { algorithms, hash } = this.#scheme
    return algorithms?.get((this.#captures.get('algorithm') ?? '').toLowerCase()) ?? hash
  }

  /** The request as it stands now, with everything captured so far. */
  #reading(): Reading {
    const reading = new Reading(this.#out.view, this.#scheme.names.size)
    reading.body = this.#out.octets
    for (const [name, value] of this.#captures) reading.captured[this.#scheme.names.index(name)] = value
    return reading
  }
}

/** A value that holds a separator of its format would be read as another. */
function checkReadBack(found: readonly Captures[], written: readonly Captures[]): void {
  for (const [i, one] of written.entries()) {
    for (const [name, value] of found[i] ?? []) {
      if (one.get(name) !== value) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} holds a character that ends it in the format`)
    }
  }
}

/** Where the items of a scope stand, as pointers into the body. */
function itemPaths(json: Json, pointer: readonly string[]): readonly (readonly string[])[] {
  const star = pointer.indexOf('*')
  if (star < 0) return [pointer]
  const list = pointed(json, pointer.slice(0, star))
  if (!Array.isArray(list) || list.length === 0) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'the body has no item to sign')
  return list.map((_item, i) => pointer.map((token, at) => (at === star ? String(i) : token)))
}

/** The request as it grows while it is signed. */
class MutableOutgoing implements Outgoing {
  readonly headers = new Map<string, string>()
  /** Where the item stands that is being signed. */
  item: readonly string[] = []
  readonly #request: RequestView
  #target: string
  #octets: Uint8Array

  constructor(request: RequestView, body: Uint8Array) {
    this.#request = request
    this.#target = request.target
    this.#octets = body
  }

  get target(): string {
    return this.#target
  }

  get octets(): Uint8Array {
    return this.#octets
  }

  get view(): RequestView {
    const kept: string[] = []
    const { rawHeaders } = this.#request
    for (let i = 0; i < rawHeaders.length; i += 2) {
      if (!this.headers.has((rawHeaders[i] as string).toLowerCase())) kept.push(rawHeaders[i] as string, rawHeaders[i + 1] as string)
    }
    return { ...this.#request, target: this.#target, rawHeaders: [...kept, ...[...this.headers].flat()] }
  }

  query(name: string, value: string): void {
    const pair = `${encodeRfc3986(name)}=${encodeRfc3986(value)}`
    const [path = '', query] = splitOnce(this.#target)
    const others = (query ?? '').split('&').filter((one) => one !== '' && one.split('=', 1)[0] !== encodeRfc3986(name))
    this.#target = `${path}?${[...others, pair].join('&')}`
  }

  itemBody(pointer: readonly string[], value: string): void {
    this.body([...this.item, ...pointer], value)
  }

  body(pointer: readonly string[], value: string): void {
    let json: unknown
    try {
      json = this.#octets.length === 0 ? {} : JSON.parse(Buffer.from(this.#octets).toString())
    } catch {
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature stands in a JSON body, and this one is no JSON')
    }
    let at = json as Record<string, unknown>
    for (const token of pointer.slice(0, -1)) {
      const next = Object.hasOwn(at, token) ? at[token] : undefined
      if (typeof next !== 'object' || next === null)
        Object.defineProperty(at, token, { value: {}, enumerable: true, writable: true, configurable: true })
      at = at[token] as Record<string, unknown>
    }
    Object.defineProperty(at, pointer.at(-1) as string, { value, enumerable: true, writable: true, configurable: true })
    this.#octets = Buffer.from(JSON.stringify(json))
  }
}

function splitOnce(target: string): [string, string | undefined] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, undefined] : [target.slice(0, mark), target.slice(mark + 1)]
}
