import type { SecretMaterial } from '../secret/material.js'
import type { SecretSource } from '../secret/source.js'
import type { HmacCredential, SecretReference } from './client.js'

/** The dates of a credential as its record holds them. */
export interface Dates {
  readonly notBefore?: string
  readonly notAfter?: string
}

/** An HMAC key. The secret is in no property that JSON or inspect would show. */
export class HeldHmacCredential implements HmacCredential {
  readonly kind = 'hmac'
  readonly id: string
  readonly keyId: string
  readonly secretFrom?: SecretReference
  readonly notBefore?: string
  readonly notAfter?: string
  readonly #find: () => SecretMaterial | SecretSource
  #found: SecretMaterial | SecretSource | undefined

  /**
   * @param find - answers the secret; run when the secret is first asked for, so that a registry can be listed where none of its
   *   variables are set
   */
  constructor(id: string, keyId: string, dates: Dates, secretFrom: SecretReference | undefined, find: () => SecretMaterial | SecretSource) {
    this.id = id
    this.keyId = keyId
    if (secretFrom !== undefined) this.secretFrom = secretFrom
    if (dates.notBefore !== undefined) this.notBefore = dates.notBefore
    if (dates.notAfter !== undefined) this.notAfter = dates.notAfter
    this.#find = find
    Object.freeze(this)
  }

  secret(): SecretMaterial | SecretSource {
    this.#found ??= this.#find()
    return this.#found
  }
}
