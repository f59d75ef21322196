import { resolve } from 'node:path'
import { parsePin } from '../certificate/pins.js'
import { invalidType, invalidValue, unknownOption } from '../options.js'
import { secretFromFile } from '../secret/files.js'
import { checkedMaterial, type SecretMaterial } from '../secret/material.js'
import { isSource, type SecretSource, secretFromEnv } from '../secret/source.js'
import { validityWindow } from '../validity.js'
import type { Client, Credential, CredentialKind, SecretReference } from './client.js'
import { digestApiKey, digestHex, isDigestHex } from './digest-table.js'
import { type Dates, HeldHmacCredential } from './hmac-credential.js'
import type { PasswordPolicy } from './passwords.js'
import { Place } from './place.js'
import { checkedApiKey, checkedKeyId, checkedName, checkedPassword, checkedUser } from './text-rules.js'

/** What a registry takes. */
export interface ClientRules {
  /** The public name of the factory, for messages. */
  readonly factory: string
  readonly passwords: PasswordPolicy
  readonly allowWeakKey: boolean
  readonly allowWeakSecret: boolean
  readonly allowEmptyPassword: boolean
  /** Set where records are stored: the folder that secret files are relative to. Then no secret itself is taken. */
  readonly folder?: string
}

const CLIENT_FIELDS = new Set(['id', 'groups', 'disabled', 'credentials'])
const DATED = ['kind', 'id', 'notBefore', 'notAfter']
const FIELDS: Readonly<Record<CredentialKind, ReadonlySet<string>>> = {
  'api-key': new Set([...DATED, 'key', 'sha256']),
  basic: new Set([...DATED, 'user', 'password', 'verifier']),
  hmac: new Set([...DATED, 'keyId', 'secret', 'secretFrom']),
  certificate: new Set([...DATED, 'pin']),
}
const REFERENCE_FIELDS = new Set(['env', 'file'])
const SECRETS = new Set(['key', 'password', 'secret'])
const NO_GROUPS: readonly string[] = Object.freeze([])
const NO_CREDENTIALS: readonly Credential[] = Object.freeze([])
const NO_DATES: Dates = Object.freeze({})
const MOST_SHARED = 10_000
const STORED_HINT =
  'would put a secret into the file, which stores digests instead: "sha256" for a key, "verifier" for a password, "secretFrom" for an HMAC secret'
const CHOSEN_HINT =
  'is not an issued password, and a registry with passwords: "random" stores only those; create the registry with passwords: "scrypt"'

/**
 * Makes client records of what configuration, a file or a change says. Own properties only; unknown ones are refused, and every
 * mistake is a TypeError that says where it stands and what to write.
 */
export class ClientReader {
  readonly rules: ClientRules
  /** Clients of the same groups share one list. */
  readonly #groupLists = new Map<string, readonly string[]>()

  constructor(rules: ClientRules) {
    this.rules = rules
  }

  /**
   * @param path - where the input stands, such as `client`, or the name of the list that it is in
   * @param index - which element of that list
   */
  client(input: unknown, path: string, index?: number): Client {
    const { factory } = this.rules
    const place = new Place(path, index)
    const own = this.#object(input, place, CLIENT_FIELDS, 'a client: { id, groups, credentials }')
    const id = checkedName(factory, place, 'id', field(own, 'id'))
    const disabled = field(own, 'disabled') ?? false
    if (typeof disabled !== 'boolean') throw invalidType(factory, place.field('disabled'), 'true or false', disabled)
    const groups = this.groups(field(own, 'groups'), place)
    const given = field(own, 'credentials') ?? []
    if (!Array.isArray(given)) throw invalidType(factory, place.field('credentials'), 'a list of credentials', given)
    return Object.freeze({ id, groups, disabled, credentials: Object.freeze(this.#credentials(given, place, id)) })
  }

  #credentials(given: readonly unknown[], place: Place, clientId: string): Credential[] {
    if (given.length === 1) return [this.credential(given[0], place.atCredential(0), clientId, NO_CREDENTIALS)]
    const credentials: Credential[] = []
    for (let i = 0; i < given.length; i += 1) credentials.push(this.credential(given[i], place.atCredential(i), clientId, credentials))
    // A list that grew by push has room for 17.
    return credentials.slice()
  }

  /** A list of group names, each once. */
  groups(input: unknown, place: Place): readonly string[] {
    if (input === undefined) return NO_GROUPS
    const { factory } = this.rules
    if (!Array.isArray(input)) throw invalidType(factory, place.field('groups'), 'a list of group names', input)
    if (input.length === 0) return NO_GROUPS
    const groups: string[] = []
    for (let i = 0; i < input.length; i += 1) {
      const group = checkedName(factory, place, 'groups', input[i])
      if (groups.includes(group)) throw invalidValue(factory, place.field('groups'), `holds "${group}" twice`)
      groups.push(group)
    }
    // No name holds a line feed.
    const key = groups.join('\n')
    const shared = this.#groupLists.get(key)
    if (shared !== undefined) return shared
    if (this.#groupLists.size < MOST_SHARED) this.#groupLists.set(key, groups)
    return Object.freeze(groups)
  }

  /**
   * @param clientId - what user name and key id are when the input names none
   * @param siblings - the credentials that the client has already
   */
  credential(input: unknown, place: Place, clientId: string, siblings: readonly Credential[]): Credential {
    const kind = this.#kind(input, place)
    const own = this.#object(input, place, FIELDS[kind], 'a credential')
    const id = this.#id(field(own, 'id'), kind, place, siblings)
    const dates = this.#dates(place, field(own, 'notBefore'), field(own, 'notAfter'))
    switch (kind) {
      case 'api-key':
        return dated({ kind, id, sha256: this.#sha256(own, place) }, dates)
      case 'basic': {
        const user = checkedUser(this.rules.factory, place, 'user', field(own, 'user') ?? clientId)
        return dated({ kind, id, user, verifier: this.#verifier(own, place, user, siblings) }, dates)
      }
      case 'hmac':
        return this.#hmac(own, place, id, clientId, dates)
      case 'certificate':
        return dated({ kind, id, pin: this.#pin(own, place) }, dates)
    }
  }

  #dates(place: Place, notBefore: unknown, notAfter: unknown): Dates {
    if (notBefore === undefined && notAfter === undefined) return NO_DATES
    const { from, until } = validityWindow(this.rules.factory, String(place), notBefore, notAfter)
    const dates: { notBefore?: string; notAfter?: string } = {}
    if (notBefore !== undefined) dates.notBefore = new Date(from).toISOString()
    if (notAfter !== undefined) dates.notAfter = new Date(until).toISOString()
    return dates
  }

  #object(input: unknown, place: Place, known: ReadonlySet<string>, wanted: string): object {
    const { factory } = this.rules
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalidType(factory, String(place), wanted, input)
    for (const name in input) {
      if (!Object.hasOwn(input, name)) continue
      if (!known.has(name)) throw unknownOption(factory, name, [...known], place.field(name))
      if (this.rules.folder !== undefined && SECRETS.has(name)) throw invalidValue(factory, place.field(name), STORED_HINT)
    }
    return input
  }

  #kind(input: unknown, place: Place): CredentialKind {
    const kind = typeof input === 'object' && input !== null ? field(input, 'kind') : undefined
    if (typeof kind === 'string' && Object.hasOwn(FIELDS, kind)) return kind as CredentialKind
    const kinds = Object.keys(FIELDS).map((name) => `'${name}'`)
    throw invalidValue(this.rules.factory, place.field('kind'), `must be one of ${kinds.join(', ')}`)
  }

  #id(given: unknown, kind: CredentialKind, place: Place, siblings: readonly Credential[]): string {
    const isTaken = (id: string) => siblings.length > 0 && siblings.some((sibling) => sibling.id === id)
    if (given !== undefined) {
      const id = checkedName(this.rules.factory, place, 'id', given)
      if (isTaken(id)) throw invalidValue(this.rules.factory, place.field('id'), 'is the id of another credential of this client')
      return id
    }
    for (let n = siblings.filter((sibling) => sibling.kind === kind).length + 1; ; n += 1)
      if (!isTaken(`${kind}-${n}`)) return `${kind}-${n}`
  }

  #sha256(own: object, place: Place): string {
    const { factory, allowWeakKey } = this.rules
    const sha256 = field(own, 'sha256')
    this.#checkEither(own, place, 'key', 'sha256')
    if (sha256 === undefined) return digestHex(digestApiKey(checkedApiKey(factory, place.field('key'), field(own, 'key'), allowWeakKey)))
    if (typeof sha256 === 'string' && isDigestHex(sha256)) return sha256
    const problem = 'must be SHA-256 of the key as 64 hex digits in lower case: printf %s "$KEY" | sha256sum'
    throw invalidValue(factory, place.field('sha256'), problem)
  }

  #verifier(own: object, place: Place, user: string, siblings: readonly Credential[]): string {
    const { factory, passwords, allowEmptyPassword } = this.rules
    this.#checkEither(own, place, 'password', 'verifier')
    const verifier = field(own, 'verifier')
    if (verifier !== undefined) {
      const problem = typeof verifier === 'string' ? passwords.problemOf(verifier) : 'must be a string'
      if (problem !== undefined) throw invalidValue(factory, place.field('verifier'), problem)
      return verifier as string
    }
    const password = checkedPassword(factory, place.field('password'), field(own, 'password'), allowEmptyPassword)
    if (passwords.name !== 'scrypt') throw invalidValue(factory, place.field('password'), CHOSEN_HINT)
    return passwords.verifierNow(password, verifierBeside(user, siblings))
  }

  #hmac(own: object, place: Place, id: string, clientId: string, dates: Dates): Credential {
    const { factory, allowWeakSecret } = this.rules
    const keyId = checkedKeyId(factory, place, 'keyId', field(own, 'keyId') ?? clientId)
    this.#checkEither(own, place, 'secret', 'secretFrom')
    const reference = field(own, 'secretFrom')
    if (reference !== undefined) {
      const from = this.#reference(reference, new Place(place.field('secretFrom')))
      return new HeldHmacCredential(id, keyId, dates, from, () => this.#sourceOf(from))
    }
    const secret = field(own, 'secret')
    const material: SecretMaterial | SecretSource = isSource(secret)
      ? secret
      : checkedMaterial(factory, place.field('secret'), secret, allowWeakSecret)
    return new HeldHmacCredential(id, keyId, dates, undefined, () => material)
  }

  #reference(input: unknown, place: Place): SecretReference {
    const own = this.#object(input, place, REFERENCE_FIELDS, '{ env: name } or { file: path }')
    this.#checkEither(own, place, 'env', 'file')
    const env = field(own, 'env')
    if (env !== undefined) return Object.freeze({ env: checkedName(this.rules.factory, place, 'env', env) })
    return Object.freeze({ file: checkedName(this.rules.factory, place, 'file', field(own, 'file')) })
  }

  #sourceOf(reference: SecretReference): SecretSource {
    return 'env' in reference ? secretFromEnv(reference.env) : secretFromFile(resolve(this.rules.folder ?? '.', reference.file))
  }

  #pin(own: object, place: Place): string {
    const given = field(own, 'pin')
    const pin = typeof given === 'string' ? parsePin(given) : undefined
    if (pin !== undefined) return pin.text
    const forms = '64 hex digits (SHA-256), "sha256/<base64>" (public key) or 40 hex digits (SHA-1, legacy)'
    throw invalidValue(this.rules.factory, place.field('pin'), `is not a pin; write ${forms}`)
  }

  /** One of two fields must be there. */
  #checkEither(own: object, place: Place, one: string, other: string): void {
    const hasOne = field(own, one) !== undefined
    if (hasOne !== (field(own, other) !== undefined)) return
    const names = this.rules.folder !== undefined && SECRETS.has(one) ? `"${other}"` : `"${one}" or "${other}"`
    throw invalidValue(this.rules.factory, String(place), `needs ${names}${hasOne ? ', not both' : ''}`)
  }
}

/** The verifier that a further password of a user has to share its derivation with. */
export function verifierBeside(user: string, credentials: readonly Credential[]): string | undefined {
  for (const credential of credentials) if (credential.kind === 'basic' && credential.user === user) return credential.verifier
  return undefined
}

function dated<C extends Credential>(credential: C, dates: Dates): C {
  return Object.freeze(dates === NO_DATES ? credential : { ...credential, ...dates })
}

function field(own: object, name: string): unknown {
  return Object.hasOwn(own, name) ? (own as Record<string, unknown>)[name] : undefined
}
