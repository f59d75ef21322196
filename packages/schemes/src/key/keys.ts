import { hash, KeyObject } from 'node:crypto'
import type { Secret, SecretMaterial } from '@countersign/core/base'
import type { SchemeDefinition } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import { type Derivation, keyLengthOf, nextKey } from '../hash/derivations.js'
import { type HashName, type HmacKey, hmacKey, type MacEncoding } from '../hash/hmac.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { type CompiledText, contentOfText, octetsOfText, type TextEnv } from '../template/compiled-text.js'
import { constantPart, type Part } from '../template/parts.js'
import { compileTemplate } from '../template/template-text.js'
import { derivationOf, type KeyDerivation, toldApart } from './derivation.js'
import { KeyCache } from './key-cache.js'
import { type KeySlots, keySlots } from './key-slots.js'
import { charactersThatCount, ENOUGH_CHARACTERS } from './secret-share.js'
import { undecodable } from './undecodable.js'

/** Makes the key of a secret; cached by the secret's identity. */
export interface KeyMaker {
  /** Whether the key depends on the request too (a derivation chain over a captured date). */
  readonly derived: boolean
  /**
   * @throws SchemeRefusal when the request's part of a derivation is missing
   * @throws TypeError when the secret does not decode as the scheme says
   */
  readonly make: (secret: Secret, hashName: HashName, reading: Reading) => HmacKey
  /** Keeps a derived key, once its MAC held: the sender chooses what it is derived from. */
  readonly keep: (secret: Secret, key: HmacKey) => void
  /** What the key is made of, one after the other. */
  readonly texts: readonly CompiledText[]
  /** The same, as they are told apart. */
  readonly judged: readonly CompiledText[]
  /** The octets of the secret once it is decoded, for the length rule. */
  readonly octets: (secret: Secret) => Uint8Array
  /** The SHA-256, base64url, of what the texts print of the request: keys of one secret with the same are the same. */
  readonly partsDigest: (reading: Reading) => string
  /** How many characters of a secret count, up to ENOUGH_CHARACTERS; pipes can leave out the others. */
  readonly characters: (secret: Secret) => number
}

/** Compiles the `key` of a scheme. */
export function compileKey(definition: SchemeDefinition, env: TextEnv): KeyMaker {
  const source = definition.key ?? '{secret}'
  const current: { text: string } = { text: '' }
  const local = secretEnv(env, current)
  const templates = typeof source === 'string' ? [source] : source.chain
  const path = (i: number) => (typeof source === 'string' ? 'key' : `key.chain[${i}]`)
  const texts = templates.map((template, i) => compileTemplate(template, path(i), local))
  const derivation = derivationOf(definition, env.problems)
  checkSecretUsed(templates, texts, path, derivation.by, env.problems)
  return new TextKeyMaker(definition, templates[0] ?? '', texts, derivation, current, keySlots(templates, local))
}

class TextKeyMaker implements KeyMaker {
  readonly derived: boolean
  readonly texts: readonly CompiledText[]
  readonly judged: readonly CompiledText[]
  /** Whether a derived key can be found again by what it was derived from: no part of it mixes the secret and the request. */
  readonly #cached: boolean
  readonly #definition: SchemeDefinition
  readonly #derivation: KeyDerivation
  readonly #template: string
  readonly #first: CompiledText
  readonly #steps: readonly CompiledText[]
  /** Where the texts find the secret that is being decoded. */
  readonly #current: { text: string }
  readonly #cache = new KeyCache()
  /** The texts that depend on the request. */
  readonly #asked: readonly CompiledText[]
  readonly #slots: KeySlots
  /** A key that was derived and not found, and what it depends on. */
  #fresh: { readonly key: HmacKey; readonly id: string } | undefined
  /** The derived key that was found last: a sender's scope is the same all day. */
  #kept: { readonly secret: Secret; readonly id: string; readonly key: HmacKey } | undefined
  /** The key that was made or found last: most set-ups have one secret. */
  #last: { readonly secret: Secret; readonly key: HmacKey } | undefined

  constructor(
    definition: SchemeDefinition,
    template: string,
    texts: readonly CompiledText[],
    derivation: KeyDerivation,
    current: { text: string },
    slots: KeySlots,
  ) {
    const [first, ...steps] = texts
    this.#derivation = derivation
    this.#slots = slots
    this.#definition = definition
    this.#template = template
    this.#first = first as CompiledText
    this.#steps = steps
    this.#current = current
    this.texts = texts
    this.judged = toldApart(texts, derivation.by)
    this.#asked = texts.filter((text) => !isConstant(text))
    this.derived = texts.some((text) => !isConstant(text))
    this.#cached = texts.every((text) => isConstant(text) || !holdsSecret(text))
  }

  make(secret: Secret, hashName: HashName, reading: Reading): HmacKey {
    const last = this.#last
    if (!this.derived && last !== undefined && last.secret === secret && last.key.hash === hashName) return last.key
    const key = this.#find(secret, hashName, reading)
    this.#last = { secret, key }
    return key
  }

  #find(secret: Secret, hashName: HashName, reading: Reading): HmacKey {
    if (!this.#cached) return this.#derive(secret, hashName, reading)
    const id = this.derived ? `${hashName}\n${this.#scope(reading)}` : hashName
    if (this.#kept !== undefined && this.#kept.secret === secret && this.#kept.id === id) return this.#kept.key
    const known = this.#cache.get(secret, id)
    if (known !== undefined) {
      this.#kept = { secret, id, key: known }
      return known
    }
    const key = this.#derive(secret, hashName, reading)
    if (this.derived) this.#fresh = { key, id }
    else this.#cache.set(secret, id, key)
    return key
  }

  keep(secret: Secret, key: HmacKey): void {
    if (this.#fresh?.key === key) this.#cache.set(secret, this.#fresh.id, key)
  }

  octets(secret: Secret): Uint8Array {
    const { material } = secret
    if (typeof material !== 'string' && !this.#cached) throw undecodable(this.#definition.name, this.#template)
    if (typeof material === 'string' && (!isConstant(this.#first) || !holdsSecret(this.#first))) return Buffer.from(material)
    return this.#decode(secret, NO_READING as Reading)
  }

  characters({ material }: Secret): number {
    const { ofSecret: texts, ofHash } = this.#slots
    if (typeof material !== 'string' || texts.length === 0) return ENOUGH_CHARACTERS
    return Math.min(ofHash, charactersThatCount(material, { texts, withSecret: (text, work) => this.#withText(text, work) }))
  }

  partsDigest(reading: Reading): string {
    const parts = this.#slots.ofRequest.map((text) => octetsOfText(text, reading))
    return hash('sha256', Buffer.concat(parts.flatMap((part) => [Buffer.from(`${part.length}:`), part])), 'base64url')
  }

  /** What of the request a key depends on, each behind its length. */
  #scope(reading: Reading): string {
    let id = ''
    for (const text of this.#asked) {
      const value = contentOfText(text, reading)
      const part = typeof value === 'string' ? value : Buffer.from(value).toString('latin1')
      id += `${typeof value === 'string' ? 't' : 'o'}${part.length}:${part}`
    }
    return id
  }

  #derive(secret: Secret, hashName: HashName, reading: Reading): HmacKey {
    if (this.#definition.construction === 'hash') return plainKey(hashName)
    let octets = this.#decode(secret, reading)
    if (typeof secret.material !== 'string' && this.#steps.length > 0) octets = around(this.#template, octets)
    const { by, encodings } = this.#derivation
    for (const [i, text] of this.#steps.entries()) {
      const message = this.#withSecret(secret, () => octetsOfText(text, reading))
      const key = octets
      const next = nextKey(key, () => hmacKey(hashName, key), message, by, encodings[i] as MacEncoding)
      octets = Buffer.from(next, 'latin1')
    }
    return hmacKey(hashName, octets)
  }

  #decode(secret: Secret, reading: Reading): Uint8Array {
    const { material } = secret
    if (typeof material !== 'string') return this.#fitting(exported(material))
    return this.#withSecret(secret, () => {
      try {
        return this.#fitting(this.#ended(octetsOfText(this.#first, reading)))
      } catch (error) {
        // A key that is made of the request too can fail by the request, which is the sender's fault and not the set-up's.
        if (!(error instanceof SchemeRefusal) || !isConstant(this.#first)) throw error
        throw undecodable(this.#definition.name, this.#template, { text: material })
      }
    })
  }

  /** HMAC fills a key up with zeros (RFC 2104 section 2), so that one that a sender lets end so is the key of a shorter text. */
  #ended(octets: Uint8Array): Uint8Array {
    if (this.#slots.endsOpen && octets.at(-1) === 0)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'what the key is made of ends with a NUL, which is what it is filled up with')
    return octets
  }

  /** A cipher takes keys of one length. */
  #fitting(octets: Uint8Array): Uint8Array {
    const { by } = this.#derivation
    const length = keyLengthOf(by)
    if (length !== undefined && octets.length !== length)
      throw undecodable(this.#definition.name, this.#template, {
        why: `; ${by} takes ${length} octets, and these are ${octets.length}`,
      })
    return octets
  }

  /** Runs work that finds the secret's text where the templates look for it. */
  #withSecret<T>({ material }: Secret, work: () => T): T {
    return this.#withText(typeof material === 'string' ? material : '', work)
  }

  #withText<T>(text: string, work: () => T): T {
    this.#current.text = text
    try {
      return work()
    } finally {
      this.#current.text = ''
    }
  }
}

/**
 * The text of a secret, for a message that holds it; undefined when it is octets or a KeyObject, which the set-up of such a scheme
 * refuses.
 */
export function textOfSecret({ material }: Secret): string | undefined {
  return typeof material === 'string' ? material : undefined
}

/** A key that does not depend on a request is made without one. */
const NO_READING: unknown = {}

/** The plain hash written as a key: there is none, since the message holds the secret. */
function plainKey(hashName: HashName): HmacKey {
  return { ...hmacKey(hashName, NOTHING), inner: NOTHING, prefix: true }
}

const NOTHING = new Uint8Array(0)

function holdsSecret(text: CompiledText): boolean {
  return text.branches.some((branch) => branch.pieces.some((piece) => 'part' in piece && piece.part.binds.includes('key')))
}

/** Constant: no slot of it reads the request. */
function isConstant(text: CompiledText): boolean {
  return text.branches.every((branch) =>
    branch.pieces.every((piece) => 'literal' in piece || ('part' in piece && piece.part.constant === true)),
  )
}

function exported(material: Exclude<SecretMaterial, string>): Uint8Array {
  return material instanceof KeyObject ? material.export() : material
}

/** Octets given as the secret of `AWS4{secret}`: the literals around the slot stay. */
function around(template: string, octets: Uint8Array): Uint8Array {
  const [before = '', after = ''] = template.split(/\{secret[^}]*\}/)
  return Buffer.concat([Buffer.from(before), octets, Buffer.from(after)])
}

function secretEnv(env: TextEnv, current: { text: string }): TextEnv {
  const secret: Part = { ...constantPart(''), binds: ['key'], get: () => current.text }
  return {
    ...env,
    resolve: (name, argument) => (name === 'secret' && argument === undefined ? secret : env.resolve(name, argument)),
  }
}

function checkSecretUsed(
  templates: readonly string[],
  texts: readonly CompiledText[],
  path: (i: number) => string,
  by: Derivation,
  problems: Problems,
): void {
  if (texts.length === 0) problems.add('key.chain', 'is empty')
  if (keyLengthOf(by) !== undefined && texts.length !== 2)
    problems.add('key.chain', `has two texts where "by" is "${by}": the key of the cipher, and what it encrypts`)
  const pieces = templates.flatMap((template, i) => parseTemplate(template, path(i), problems))
  if (!pieces.some((piece) => !isLiteral(piece) && piece.part === 'secret')) {
    problems.add(path(0), 'does not hold {secret}: the key must come from it, by its own slot: {secret|prepend:text|sha256}')
  }
  for (const piece of pieces) {
    if (!isLiteral(piece) && piece.pipes.some((pipe) => pipe.name === 'hmac'))
      problems.add(path(0), `pipe "hmac" in ${piece.source} needs the key that is being made; derive it step by step: { chain: [...] }`)
  }
}
