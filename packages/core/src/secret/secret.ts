import { inspect, types } from 'node:util'
import { checkedMaterial, type SecretMaterial } from './material.js'

/**
 * One secret that was checked. As long as the configuration stays the same it is the same object, so that keys derived from it can
 * be kept in a WeakMap. Neither JSON nor inspect shows the material.
 */
export interface Secret {
  /** The key id that it answers to; without one it answers to any. */
  readonly id?: string
  /** Text for the scheme to decode, or the key itself. Octets are a copy that nothing but this library holds; they are not to be written to. */
  readonly material: SecretMaterial
}

class HeldSecret implements Secret {
  declare readonly id?: string
  readonly #material: SecretMaterial

  constructor(material: SecretMaterial, id: string | undefined) {
    this.#material = material
    if (id !== undefined) this.id = id
    Object.freeze(this)
  }

  get material(): SecretMaterial {
    return this.#material
  }

  /** With `getters: true` inspect would show what the getter gives. */
  [inspect.custom](): string {
    return this.id === undefined ? 'Secret {}' : `Secret { id: ${inspect(this.id)} }`
  }
}

// A secret without an id has none either where somebody put one on Object.prototype.
Object.defineProperty(HeldSecret.prototype, 'id', { value: undefined, writable: true, configurable: true })

/** Wraps material that was checked and copied already. */
export function heldSecret(material: SecretMaterial, id?: string): Secret {
  return new HeldSecret(material, id)
}

const MOST_REMEMBERED = 256

/**
 * Makes Secrets and finds them again: the same material under the same id gives the same object. Text and octets are found by what
 * they hold, so octets that were overwritten are another secret; KeyObjects, which nobody can write to, by identity.
 *
 * It remembers the 256 texts and octets that were used last.
 */
export class SecretShelf {
  readonly #factory: string
  readonly allowWeak: boolean
  readonly #byContent = new Map<string, Secret>()
  readonly #byKeyObject = new WeakMap<object, Secret>()
  readonly #judged = new WeakSet<Secret>()

  constructor(factory: string, allowWeak: boolean) {
    this.#factory = factory
    this.allowWeak = allowWeak
  }

  /**
   * The Secret of some material.
   *
   * @param option - where the material stands, for messages
   * @throws TypeError as `checkedMaterial` does
   */
  secret(option: string, material: unknown, id?: string): Secret {
    if (types.isKeyObject(material)) {
      const known = this.#byKeyObject.get(material)
      if (known !== undefined && known.id === id) return known
      const made = this.#made(option, material, id)
      this.#byKeyObject.set(material, made)
      return made
    }
    const key = contentKey(material, id)
    const secret = this.#byContent.get(key) ?? this.#made(option, material, id)
    this.#byContent.delete(key)
    this.#byContent.set(key, secret)
    if (this.#byContent.size > MOST_REMEMBERED) this.#byContent.delete(this.#byContent.keys().next().value as string)
    return secret
  }

  /** The Secret of one that a source made, checked as the rest is. One of this library keeps its identity. */
  adopted(option: string, foreign: Secret): Secret {
    if (!(foreign instanceof HeldSecret)) return this.secret(option, foreign?.material, foreign?.id)
    if (!this.#judged.has(foreign)) {
      checkedMaterial(this.#factory, option, foreign.material, this.allowWeak)
      this.#judged.add(foreign)
    }
    return foreign
  }

  #made(option: string, material: unknown, id: string | undefined): Secret {
    return heldSecret(checkedMaterial(this.#factory, option, material, this.allowWeak), id)
  }
}

// The length in front of the id keeps id and content apart.
function contentKey(material: unknown, id: string | undefined): string {
  const owner = id === undefined ? '-' : `${id.length}:${id}`
  if (typeof material === 'string') return `t${owner}:${material}`
  return types.isUint8Array(material) ? `o${owner}:${Buffer.from(material).toString('latin1')}` : ''
}
