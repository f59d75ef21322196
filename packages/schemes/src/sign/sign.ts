import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { type CompiledField, fillField, holdsValue } from '../compile/fields.js'
import type { HashName, HmacKey, MessageParts } from '../hash/hmac.js'
import { Captures } from '../home/captured.js'
import type { CompiledHome } from '../home/home.js'
import { notOfTheForm, readHome } from '../home/homes.js'
import { MutableOutgoing } from '../home/outgoing.js'
import { checkKeyId } from '../key/key-id.js'
import { textOfSecret } from '../key/keys.js'
import { namesToSign } from '../list/floor.js'
import { identifierText } from '../list/structured-components.js'
import { SchemeRefusal } from '../refusal.js'
import { itemPaths } from '../request/items.js'
import { parseJson, pointed, textOf } from '../request/json.js'
import { Reading, type RequestView } from '../request/reading.js'
import { stringOfText } from '../template/compiled-text.js'
import { MessageBuilder } from '../template/message.js'
import { unitOf } from '../time/units.js'
import { writingOrder } from './field-order.js'
import { makeNonce } from './nonce.js'
import { refuseMisnamedBody } from './sign-body.js'
import { Signed } from './signed.js'
import { checkChosen, checkHeaders, checkWritten } from './written.js'

/** What a signer needs beside the request. */
export interface SignInputs {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The key id; default the id of the first secret. */
  readonly keyId?: string | undefined
  /** The timestamp as text, in place of the clock's; for the sender who has one already. */
  readonly timestamp?: string | undefined
  /** The nonce; default random. False leaves it out where the scheme lets it. */
  readonly nonce?: string | false | undefined
  /** What is signed beside the scheme's own list. */
  readonly sign?: readonly string[] | undefined
  /** Values for fields that the scheme leaves to the caller. */
  readonly fields?: Readonly<Record<string, string>> | undefined
  /** The wire's name of the algorithm; default the first of the scheme. False leaves it out where the scheme lets it. */
  readonly algorithm?: string | false | undefined
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
  readonly #captures = new Captures()
  /** For fields that are HMACs themselves. */
  #fieldKey: HmacKey | undefined
  #secretText: string | undefined

  constructor(scheme: CompiledScheme, request: RequestView, body: Uint8Array, inputs: SignInputs) {
    this.#scheme = scheme
    this.#inputs = inputs
    this.#out = new MutableOutgoing(request, body, scheme)
  }

  sign(secrets: readonly Secret[]): Signed {
    const scheme = this.#scheme
    const [first] = secrets
    if (first === undefined) throw unsignable(scheme, 'there is no secret')
    checkChosen(scheme, this.#inputs)
    if (/^(?:json|item):/.test(scheme.signature.home.place ?? '')) this.#out.respell()
    this.#roles(first)
    this.#carry()
    if (scheme.fields.length > 0) this.#writeFields(first)
    this.#derive()
    checkWritten(scheme, this.#captures, this.#out.view)
    const items = scheme.scope === undefined ? [undefined] : itemPaths(parseJson(textOf(this.#out.octets)), scheme.scope)
    const messages = items.map((item) => this.#signItem(secrets, item))
    checkHeaders(this.#out.headers)
    return new Signed(this.#out, messages)
  }

  /** Writes the signatures of the request, or of one item of it. */
  #signItem(secrets: readonly Secret[], item: readonly string[] | undefined): MessageParts {
    const { message, mac, key, signature, names } = this.#scheme
    this.#out.item = item ?? []
    const hash = this.#hash()
    let signed: MessageParts = []
    const rounds = secrets.map((secret) => {
      const reading = this.#reading()
      // What counts where nothing is carried, as for the verifier.
      for (const field of this.#scheme.fields) fillField(field, reading)
      if (item !== undefined) reading.item = pointed(reading.json, item)
      reading.key = key.make(secret, hash, reading)
      reading.secretText = textOfSecret(secret)
      const out = new MessageBuilder()
      message.emit(reading, out)
      refuseMisnamedBody(this.#scheme, reading)
      signed = out.parts
      const one = new Captures(this.#captures)
      if (secret.id !== undefined && one.has('keyId')) one.set('keyId', secret.id)
      return one.set('signature', mac.write(reading.key, signed))
    })
    const { home, list } = signature
    home.write(this.#out, this.#captures, rounds)
    // A reading without a body finds nothing of what was written there.
    const texts = home.texts(new Reading(this.#out.view, names.size))
    if (list === undefined && texts.length === 1) checkFilled(home, texts[0] as string, rounds[0] as Captures)
    checkReadBack(readHome(home, texts, list, MAX_SIGNERS), rounds)
    return signed
  }

  #roles(secret: Secret): void {
    const { names, facts, algorithms, definition } = this.#scheme
    const { now, timestamp, nonce, keyId, algorithm } = this.#inputs
    if (facts.timestamp !== undefined) this.#captures.set('timestamp', timestamp ?? unitOf(facts.timestamp.unit).print(now))
    if (names.has('nonce') && nonce !== false) this.#captures.set('nonce', nonce ?? makeNonce(definition.nonce))
    const id = keyId ?? secret.id
    if (id !== undefined && names.has('keyId')) {
      checkKeyId(id)
      this.#captures.set('keyId', id)
    }
    if (id === undefined && facts.keyId && !names.mayLack('keyId'))
      throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'the scheme carries a key id; give keyId, or a secret with an id')
    if (algorithms !== undefined && algorithm !== false)
      this.#captures.set('algorithm', algorithm ?? (Object.keys(definition.algorithm ?? {})[0] as string))
  }

  #writeFields(secret: Secret): void {
    const { key } = this.#scheme
    this.#secretText = textOfSecret(secret)
    if (!key.derived) this.#fieldKey = key.make(secret, this.#hash(), this.#reading())
    for (const field of inWritingOrder(this.#scheme)) this.#field(field)
    this.#carry()
  }

  #field(field: CompiledField): void {
    const { name, definition } = field
    const given = this.#inputs.fields?.[name]
    const reading = this.#reading()
    reading.key = this.#fieldKey
    reading.secretText = this.#secretText
    if (field.when !== undefined && !field.when(reading)) return
    const text =
      this.#listed(field, reading, given) ??
      given ??
      this.#kept(field, reading) ??
      this.#made(field, reading) ??
      this.#there(field, reading)
    const carried = this.#scheme.carried.find((entry) => entry.name === name)
    // An empty list that stands alone is left out, which says the same.
    if (text === undefined || (text === '' && (definition.default !== '' || carried?.home.format.plain !== undefined))) return
    this.#captures.set(name, text)
    if (carried !== undefined && definition.names === undefined) carried.home.write(this.#out, this.#captures, [this.#captures])
  }

  /** A digest that the caller has put on the request, where it is one of those that the scheme takes. */
  #kept(field: CompiledField, reading: Reading): string | undefined {
    if (field.values.length < 2) return undefined
    const [given, ...others] = this.#scheme.carried.find(({ name }) => name === field.name)?.home.texts(reading) ?? []
    return given !== undefined && others.length === 0 && holdsValue(field, given, reading) ? given : undefined
  }

  /** What the caller has put where the field is carried, when nothing else says what it is. */
  #there({ name }: CompiledField, reading: Reading): string | undefined {
    const home = this.#scheme.carried.find((entry) => entry.name === name)?.home
    const [text] = home?.texts(reading) ?? []
    const captures = new Captures()
    if (text !== undefined && home?.format.read(text, captures, []) === true) return captures.get(name)
    if (text !== undefined && /[\n\r\0]/.test(text)) throw notOfTheForm(home as CompiledHome, text)
    return undefined
  }

  #made(field: CompiledField, reading: Reading): string | undefined {
    const [value] = field.values
    if (value !== undefined) return stringOfText(value, reading)
    if (field.written !== undefined) return stringOfText(field.written, reading)
    const { unit } = field.definition
    if (unit === undefined || unit === 'life' || field.param === undefined) return field.param
    return unitOf(unit).print(this.#inputs.now + Number(field.param) * 1000)
  }

  /** What our signer lists: the scheme's list, the caller's additions, without the digest of a body that is not there. */
  #listed(field: CompiledField, reading: Reading, given: string | undefined): string | undefined {
    const { definition } = field
    if (definition.names === undefined) return undefined
    if (field.exact !== undefined) return field.exact
    if (definition.names === 'components') return this.#components(field, reading, given)
    if (given !== undefined) return undefined
    const list = [...new Set([...namesToSign(field.sign, reading), ...(this.#inputs.sign ?? [])])]
    if (list.length === 0) return this.#there(field, reading) ?? ''
    return (definition.sort === true ? list.sort() : list).join(definition.names)
  }

  /** An Inner List of components, the caller's or our own, and the parameters that the scheme prints behind it. */
  #components(field: CompiledField, reading: Reading, given: string | undefined): string {
    const home = this.#scheme.carried.find(({ name }) => name === field.name)?.home
    const identifiers = [...namesToSign(field.sign, reading), ...(this.#inputs.sign ?? [])].map(identifierText)
    const list = given ?? `(${[...new Set(identifiers)].join(' ')})`
    return home?.format.print(new Captures(this.#captures).set(field.name, list), []) ?? list
  }

  #carry(): void {
    for (const { home } of this.#scheme.carried) {
      if (home.format.names.some((name) => this.#captures.has(name))) home.write(this.#out, this.#captures, [this.#captures])
    }
  }

  /** What is part of something else says what that says. */
  #derive(): void {
    for (const { home } of this.#scheme.carried) {
      if (home.derived !== true) continue
      const [text] = home.texts(this.#reading())
      const captures = new Captures()
      if (text === undefined || !home.format.read(text, captures, []))
        throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `{${home.format.names.join('}, {')}} is not where the scheme reads it`)
      for (const [name, value] of captures) this.#captures.set(name, value)
    }
  }

  #hash(): HashName {
    const { algorithms, hash } = this.#scheme
    return algorithms?.get((this.#captures.get('algorithm') ?? '').toLowerCase()) ?? hash
  }

  /** The request as it stands now, with everything captured so far. */
  #reading(): Reading {
    const reading = new Reading(this.#out.view, this.#scheme.names.size, this.#scheme)
    reading.signing = true
    reading.body = this.#out.octets
    const captures = this.#captures
    for (let i = 0; i < captures.size; i += 1) reading.captured[this.#scheme.names.index(captures.nameAt(i))] = captures.valueAt(i)
    return reading
  }
}

const orders = new WeakMap<CompiledScheme, readonly CompiledField[]>()

function inWritingOrder(scheme: CompiledScheme): readonly CompiledField[] {
  const known = orders.get(scheme)
  if (known !== undefined) return known
  const ownerOf = (header: string) => scheme.carried.find(({ home }) => home.headers.includes(header))?.name
  const inBody = scheme.carried.filter(({ home }) => /^(?:form|json|xml|item):/.test(home.place ?? '')).map(({ name }) => name)
  const order = writingOrder(scheme.fields, ownerOf, inBody)
  orders.set(scheme, order)
  return order
}

/** What is empty can only be read back where the format says so. */
function checkFilled({ format }: CompiledHome, text: string, written: Captures): void {
  const empty = format.names.find((name) => (written.get(name) ?? '') === '')
  if (empty === undefined || format.read(text, new Captures(), [])) return
  throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${empty}} is empty, and the format does not let it be: write {${empty}?} there`)
}

/** A value that holds a separator of its format would be read as another. */
function checkReadBack(found: readonly Captures[], written: readonly Captures[]): void {
  for (const [i, one] of written.entries()) {
    const back = found[i]
    for (let k = 0; k < (back?.size ?? 0); k += 1) {
      const name = (back as Captures).nameAt(k)
      if (one.get(name) === (back as Captures).valueAt(k)) continue
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} holds a character that ends it in the format`)
    }
  }
}
