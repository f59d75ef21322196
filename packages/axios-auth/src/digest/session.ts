import { equalOctets } from '@countersign/core/base'
import { type AlgorithmFacts, digestHex, octetText } from './algorithms.js'
import type { DigestChallenge, DigestQop } from './challenge.js'

/** Who signs in. */
export interface DigestUser {
  readonly username: string
  readonly password: string
}

/** What a response is made of. */
export interface DigestMessage {
  readonly method: string
  /** The request-target exactly as it goes on the wire. */
  readonly target: string
  /** The octets of the body; needed for auth-int alone. */
  readonly body: Uint8Array | undefined
  /** How many requests were made with the nonce, this one included. */
  readonly count: number
  readonly cnonce: string
}

/** The credentials of one request, and what the server proves with its answer. */
export interface DigestCredentials {
  /** The value of Authorization. */
  readonly authorization: string
  /**
   * Whether `rspauth` of Authentication-Info is what only a server that knows the password can have written.
   *
   * @param qop - the kind of protection that the server names
   * @param body - the answer's octets; needed for auth-int alone
   */
  proves(rspauth: string, qop: DigestQop, body: Uint8Array): boolean
}

/** More requests than that have no number of 8 hex digits (RFC 7616 section 3.4). */
const MOST_REQUESTS = 0xffff_ffff

/** How many requests were made with a nonce, whoever made them: a number that comes twice is a replay. */
export class NonceCount {
  #count = 0

  /** Whether the nonce has been used as often as it can be counted. */
  get spent(): boolean {
    return this.#count >= MOST_REQUESTS
  }

  /** The number of the next request, from 1 on. */
  next(): number {
    this.#count += 1
    return this.#count
  }
}

/**
 * Answers a challenge for as long as its nonce holds. The password is not kept, the hash of it with name and realm is; neither JSON nor
 * inspect shows it.
 *
 * @see RFC 7616 section 3.4
 */
export class DigestSession {
  readonly challenge: DigestChallenge
  readonly qop: DigestQop | undefined
  readonly count: NonceCount
  /** Whether the server has taken its credentials. */
  proved = false
  readonly #userKey: string
  readonly #name: string
  /** With `-sess` the first client nonce makes the session's key, so that it stays. */
  #first: string | undefined

  constructor(challenge: DigestChallenge, qop: DigestQop | undefined, user: DigestUser, count: NonceCount = new NonceCount()) {
    this.challenge = challenge
    this.qop = qop
    this.count = count
    this.#userKey = keyOf(challenge, user)
    this.#name = nameMember(challenge, octetsOf(challenge, user.username))
  }

  /** Whether it was made for this user, with this password. */
  isOf(user: DigestUser): boolean {
    return equalText(this.#userKey, keyOf(this.challenge, user))
  }

  /** The credentials of a request. Its own `cnonce` gives way to the session's first one where the algorithm says so. */
  credentials(message: DigestMessage): DigestCredentials {
    const { algorithm } = this.challenge
    if (algorithm.session) this.#first ??= message.cnonce
    const own = { ...message, cnonce: this.#first ?? message.cnonce }
    const key = algorithm.session ? digestHex(algorithm, `${this.#userKey}:${this.challenge.nonce}:${own.cnonce}`) : this.#userKey
    const keyed = (a2: string, qop: DigestQop | undefined) => this.#keyed(key, own, a2, qop)
    return {
      authorization: this.#written(own, keyed(secondHash(algorithm, own.method, own.target, this.qop, own.body), this.qop)),
      proves: (rspauth, qop, body) =>
        equalText(rspauth, keyed(secondHash(algorithm, '', own.target, qop, body), this.qop === undefined ? undefined : qop)),
    }
  }

  /** KD of RFC 7616 section 3.4.1, and of RFC 2069 where the challenge names no qop. */
  #keyed(key: string, { count, cnonce }: DigestMessage, a2: string, qop: DigestQop | undefined): string {
    const { algorithm, nonce } = this.challenge
    const middle = qop === undefined ? nonce : `${nonce}:${counted(count)}:${cnonce}:${qop}`
    return digestHex(algorithm, `${key}:${middle}:${a2}`)
  }

  #written({ target, count, cnonce }: DigestMessage, response: string): string {
    const { realm, nonce, opaque, algorithm, algorithmText, userhash } = this.challenge
    const members = [this.#name, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(target)}`]
    // Unquoted as RFC 7616 section 3.4 asks: algorithm, qop, nc and userhash.
    if (algorithmText !== undefined) members.push(`algorithm=${algorithmText}`)
    if (this.qop !== undefined) members.push(`qop=${this.qop}`, `nc=${counted(count)}`)
    if (this.qop !== undefined || algorithm.session) members.push(`cnonce=${quoted(cnonce)}`)
    members.push(`response="${response}"`)
    if (opaque !== undefined) members.push(`opaque=${quoted(opaque)}`)
    if (userhash) members.push('userhash=true')
    return `Digest ${members.join(', ')}`
  }
}

/** H(A1) without what `-sess` adds. */
function keyOf(challenge: DigestChallenge, { username, password }: DigestUser): string {
  const { algorithm, realm } = challenge
  return digestHex(algorithm, `${octetsOf(challenge, username)}:${realm}:${octetsOf(challenge, password)}`)
}

/** RFC 7616 section 4: with charset=UTF-8 the texts are normalised as well. */
function octetsOf({ utf8 }: DigestChallenge, text: string): string {
  return octetText(utf8 ? text.normalize('NFC') : text)
}

/** H(A2): for the server's own proof the method is empty (RFC 7616 section 3.5). */
function secondHash(
  algorithm: AlgorithmFacts,
  method: string,
  target: string,
  qop: DigestQop | undefined,
  body: Uint8Array | undefined,
): string {
  const line = `${method}:${target}`
  return digestHex(algorithm, qop === 'auth-int' ? `${line}:${digestHex(algorithm, body ?? new Uint8Array(0))}` : line)
}

/**
 * The user's name: hashed where the server asks for it, else as text. Where that is not ASCII it goes into `username*` for a server that
 * speaks UTF-8, and as its octets to one that says nothing, as others send it.
 */
function nameMember({ algorithm, realm, userhash, utf8 }: DigestChallenge, username: string): string {
  if (userhash) return `username="${digestHex(algorithm, `${username}:${realm}`)}"`
  if (utf8 && /[^\x20-\x7e]/.test(username)) return `username*=UTF-8''${extended(username)}`
  return `username=${quoted(username)}`
}

/** The value-chars of RFC 8187 section 3.2.1. */
function extended(octets: string): string {
  return octets.replace(/[^A-Za-z0-9!#$&+.^_`|~-]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`
}

function counted(count: number): string {
  return count.toString(16).padStart(8, '0')
}

function equalText(a: string, b: string): boolean {
  return equalOctets(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
}
