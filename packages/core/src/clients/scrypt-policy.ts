import { randomBytes, scrypt, scryptSync } from 'node:crypto'
import { equalOctets } from '../compare.js'
import { invalidValue, type OptionReader } from '../options.js'
import { HashQueue } from './hash-queue.js'
import type { FindUser, PasswordAnswer, PasswordPolicy } from './passwords.js'

/** The cost of one derivation with scrypt (RFC 7914 section 2), under the names of node:crypto. */
export interface ScryptCost {
  /** N: a power of two, at least 1024. Default 16384. */
  readonly cost?: number
  /** r. Default 8. */
  readonly blockSize?: number
  /** p. Default 5. */
  readonly parallelization?: number
}

/**
 * A key derivation in place of node:crypto's: the same octets as `scrypt(password, salt, 32, cost)`. For tests that count, and for
 * another implementation.
 */
export type KeyDerivation = (password: Uint8Array, salt: Uint8Array, cost: Required<ScryptCost>) => Uint8Array | Promise<Uint8Array>

/** What a registry is told about the passwords that it keeps with scrypt. */
export interface ScryptOptions {
  readonly scrypt?: ScryptCost
  readonly kdf?: KeyDerivation
  /** How many derivations run at once; each takes a thread of libuv's pool (4 unless UV_THREADPOOL_SIZE says otherwise). Default 2. */
  readonly maxConcurrentHashes?: number
  /** How many more may wait; beyond, requests get 503. Default 32. */
  readonly maxQueuedHashes?: number
}

const HASH_OCTETS = 32
const SALT_OCTETS = 16
/** One derivation takes 16 MiB, and 0.13 s on the machine that this was measured on (OWASP Password Storage Cheat Sheet, 2024). */
const DEFAULT_COST: Required<ScryptCost> = Object.freeze({ cost: 16_384, blockSize: 8, parallelization: 5 })
const LEAST_COST = 1024
const MOST_MEMORY = 1024 * 1024 * 1024
const VERIFIER = /^\$scrypt\$ln=\d{1,2},r=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{43}$/

/** Reads the cost of scrypt, each part of which has a default. */
export function readScryptCost(reader: OptionReader): Required<ScryptCost> {
  const { factory } = reader
  const cost = reader.integer('cost', DEFAULT_COST.cost, 'rounds', LEAST_COST)
  const blockSize = reader.integer('blockSize', DEFAULT_COST.blockSize, 'blocks')
  const parallelization = reader.integer('parallelization', DEFAULT_COST.parallelization, 'lanes')
  if (!Number.isInteger(Math.log2(cost))) throw invalidValue(factory, 'cost', `must be a power of two; got ${cost}`)
  if (128 * cost * blockSize > MOST_MEMORY || parallelization > 64 || blockSize > 64) {
    throw invalidValue(factory, 'cost', 'asks for more work than a server should spend on one password; start from 16384, 8 and 5')
  }
  return Object.freeze({ cost, blockSize, parallelization })
}

/** Passwords that somebody chose: scrypt with a salt for each user. */
export class ScryptPolicy implements PasswordPolicy {
  readonly name = 'scrypt'
  readonly cost: Required<ScryptCost>
  readonly #prefix: string
  readonly #kdf: KeyDerivation | undefined
  readonly #queue: HashQueue
  /** What is derived for users that do not exist, so that they cost what the others do. */
  readonly #decoySalt = randomBytes(SALT_OCTETS)

  constructor(cost: Required<ScryptCost>, kdf: KeyDerivation | undefined, maxConcurrentHashes = 2, maxQueuedHashes = 32) {
    this.cost = cost
    this.#prefix = `$scrypt$ln=${Math.log2(cost.cost)},r=${cost.blockSize},p=${cost.parallelization}$`
    this.#kdf = kdf
    this.#queue = new HashQueue(maxConcurrentHashes, maxQueuedHashes)
  }

  problemOf(verifier: string): string | undefined {
    if (!VERIFIER.test(verifier))
      return 'is not a scrypt verifier: $scrypt$ln=<log2 N>,r=<r>,p=<p>$<salt>$<hash of 32 octets>, base64 without padding'
    if (verifier.startsWith(this.#prefix)) return undefined
    return `has another cost than the registry, ${this.#prefix}; all passwords of a registry must cost the same, or response times would reveal which users exist`
  }

  /** The passwords of one user share a salt, so that a user in rotation costs one derivation as any other does. */
  shareDerivation(one: string, other: string): boolean {
    return saltText(one) === saltText(other)
  }

  async verifierOf(password: string, beside?: string): Promise<string> {
    const salt = beside === undefined ? randomBytes(SALT_OCTETS) : saltOf(beside)
    return this.#verifier(salt, await this.#derive(password, salt))
  }

  verifierNow(password: string, beside?: string): string {
    const salt = beside === undefined ? randomBytes(SALT_OCTETS) : saltOf(beside)
    const derived =
      this.#kdf === undefined
        ? scryptSync(password, salt, HASH_OCTETS, this.#nodeCost())
        : this.#kdf(Buffer.from(password), salt, this.cost)
    if (derived instanceof Promise) {
      derived.catch(() => undefined)
      throw new TypeError(
        'an asynchronous kdf cannot hash passwords while a registry is created; pass verifiers, or add the clients afterwards',
      )
    }
    return this.#verifier(salt, checkedHash(derived))
  }

  check(password: string, find: FindUser): PasswordAnswer | Promise<PasswordAnswer> {
    const checked = this.#queue.run(async (): Promise<PasswordAnswer> => {
      const found = (await find()) ?? []
      const [first] = found
      const derived = await this.#derive(password, first === undefined ? this.#decoySalt : saltOf(first.credential.verifier))
      return found.filter(({ credential }) => equalOctets(derived, hashOf(credential.verifier)))
    })
    return checked ?? 'busy'
  }

  #verifier(salt: Uint8Array, derived: Uint8Array): string {
    return `${this.#prefix}${unpadded(salt)}$${unpadded(derived)}`
  }

  async #derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
    if (this.#kdf !== undefined) return Promise.resolve(this.#kdf(Buffer.from(password), salt, this.cost)).then(checkedHash)
    return new Promise((resolve, reject) => {
      scrypt(password, salt, HASH_OCTETS, this.#nodeCost(), (error, derived) => (error ? reject(error) : resolve(derived)))
    })
  }

  #nodeCost() {
    const { cost, blockSize, parallelization } = this.cost
    // OpenSSL wants a little more than 128 * N * r + 128 * r * p.
    return { cost, blockSize, parallelization, maxmem: 128 * blockSize * (cost + parallelization + 2) + 65_536 }
  }
}

function checkedHash(derived: unknown): Uint8Array {
  if (derived instanceof Uint8Array && derived.length === HASH_OCTETS) return derived
  throw new TypeError(`a kdf must return ${HASH_OCTETS} octets`)
}

function saltText(verifier: string): string {
  return verifier.split('$')[3] as string
}

function saltOf(verifier: string): Buffer {
  return Buffer.from(saltText(verifier), 'base64')
}

function hashOf(verifier: string): Buffer {
  return Buffer.from(verifier.slice(verifier.lastIndexOf('$') + 1), 'base64')
}

function unpadded(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64').replace(/=+$/, '')
}
