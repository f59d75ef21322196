import { type Principal, principal } from '../principal.js'
import type { ValidityWindow } from '../validity.js'
import { type ApiKeyCredential, type Client, type Credential, type CredentialKind, dateOf } from './client.js'
import { type ApiKeyDigest, type Digested, digestOfHex } from './digest-table.js'

/** Why a credential that was found does not hold now, or that it does. */
export type CredentialState = 'active' | 'disabled' | 'early' | 'expired'

const SCHEMES: Readonly<Record<CredentialKind, string>> = {
  'api-key': 'api-key',
  basic: 'basic',
  hmac: 'hmac',
  certificate: 'tls-client-certificate',
}

const DISABLED: ValidityWindow = Object.freeze({ from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY })

/**
 * A credential that a look-up found, with the client that it belongs to. A registry keeps one for each credential, so that a look-up
 * makes no object; as long as the client does not change it is the same one.
 *
 * Not decided by finding it: whether it holds now. Ask `state`.
 */
export class Match<C extends Credential = Credential> {
  readonly client: Client
  readonly credential: C
  /** When this very credential was last accepted, milliseconds since the epoch; undefined: not since it is remembered. */
  lastUsedMs: number | undefined
  /** Undefined: always open. */
  readonly #window: ValidityWindow | undefined
  #principal: Principal | undefined

  constructor(client: Client, credential: C) {
    this.client = client
    this.credential = credential
    this.lastUsedMs = undefined
    this.#window = client.disabled ? DISABLED : windowOf(credential)
    this.#principal = undefined
  }

  /** Who called, when this credential was proved: frozen, and made once. */
  get principal(): Principal {
    this.#principal ??= principal({
      clientId: this.client.id,
      scheme: SCHEMES[this.credential.kind],
      credentialId: this.credential.id,
      groups: this.client.groups,
    })
    return this.#principal
  }

  /** Whether the credential holds: its client is not disabled, and notBefore <= now < notAfter. */
  state(nowMs: number): CredentialState {
    const window = this.#window
    if (window === undefined) return 'active'
    if (window === DISABLED) return 'disabled'
    if (nowMs < window.from) return 'early'
    // A time that is no number is past every end; of null a comparison would make 1970.
    return Number.isFinite(nowMs) && nowMs < window.until ? 'active' : 'expired'
  }
}

/** A match that is found by the digest of a key. */
export class ApiKeyMatch extends Match<ApiKeyCredential> implements Digested {
  #digest: ApiKeyDigest | undefined = undefined

  /** Made when the key is first used, since most keys of a large registry are not. */
  get digest(): ApiKeyDigest {
    this.#digest ??= digestOfHex(this.credential.sha256)
    return this.#digest
  }

  get digestHex(): string {
    return this.credential.sha256
  }
}

function windowOf(credential: Credential): ValidityWindow | undefined {
  const notBefore = dateOf(credential, 'notBefore')
  const notAfter = dateOf(credential, 'notAfter')
  if (notBefore === undefined && notAfter === undefined) return undefined
  return {
    from: notBefore === undefined ? Number.NEGATIVE_INFINITY : Date.parse(notBefore),
    until: notAfter === undefined ? Number.POSITIVE_INFINITY : Date.parse(notAfter),
  }
}
