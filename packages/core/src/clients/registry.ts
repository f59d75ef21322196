import type { SecretMaterial } from '../secret/material.js'
import type {
  ApiKeyCredential,
  BasicCredential,
  CertificateCredential,
  Client,
  ClientInput,
  Credential,
  CredentialInput,
  HmacCredential,
  SecretReference,
} from './client.js'
import type { ApiKeyDigest } from './digest-table.js'
import type { Match } from './match.js'
import type { PasswordPolicy } from './passwords.js'

/** An answer at once or later. */
export type Maybe<T> = T | undefined | Promise<T | undefined>

/**
 * The look-ups that authenticators make. Each takes the same time however many clients there are. Undefined means unknown; a throw or
 * a rejection is an outage, and a request then gets 503, never a pass. A registry of your own makes its matches with `new Match(client,
 * credential)`, for API keys `new ApiKeyMatch(client, credential)`, once for each credential rather than for each look-up.
 *
 * Not judged by a look-up: whether the credential holds now. `match.state(now)` says that.
 */
export interface ClientLookup {
  findApiKey(digest: ApiKeyDigest): Maybe<Match<ApiKeyCredential>>
  /** All passwords of a user, who is one client's alone; several during a rotation. */
  findUser(name: string): Maybe<readonly Match<BasicCredential>[]>
  /** All secrets of a key id, which is one client's alone; several during a rotation. */
  findHmacKey(keyId: string): Maybe<readonly Match<HmacCredential>[]>
  /** @param pin - in the one spelling of `parsePin` and `pinText` */
  findCertificate(pin: string): Maybe<Match<CertificateCredential>>
  find(clientId: string): Maybe<Client>
  /** How the registry keeps passwords; the check of a password goes through it. */
  readonly passwords: PasswordPolicy
  /** Remembers that a credential was accepted. Never waited for; where it fails, the operator is warned and the request goes on. Absent: it is not remembered. */
  used?(match: Match, nowMs: number): void
}

/** What has changed. Without a client id anything may have. */
export interface ClientChange {
  readonly clientId?: string
}

/** Something that kept a registry from following its source; requests are served from the last good state meanwhile. */
export interface ClientProblem {
  readonly error: unknown
}

/** When a credential was last accepted. */
export interface CredentialUse {
  readonly credentialId: string
  /** Undefined: not since it is remembered. */
  readonly lastUsed: Date | undefined
}

/** An issued secret: shown here once, and kept nowhere. */
export interface IssuedKey {
  readonly key: string
  readonly credential: ApiKeyCredential
}

/** An issued password: shown here once, and kept nowhere. */
export interface IssuedPassword {
  readonly user: string
  readonly password: string
  readonly credential: BasicCredential
}

/** Name and dates of what is issued. */
export interface IssueOptions {
  /** Default: one is made. */
  readonly id?: string
  readonly notBefore?: Date | string
  readonly notAfter?: Date | string
}

/** How a credential is replaced. */
export interface RotateOptions extends IssueOptions {
  /** How long the old one holds beside the new one, seconds; 0: not at all. Default 86400 (a day). */
  readonly overlapSeconds?: number
  /** For a `basic` credential: a password that was chosen. Default: one is issued. */
  readonly password?: string
  /** For an `hmac` credential. */
  readonly secret?: SecretMaterial
  /** For an `hmac` credential. */
  readonly secretFrom?: SecretReference
  /** For an `hmac` credential. Default: the key id stays. */
  readonly keyId?: string
  /** For a `certificate` credential. */
  readonly pin?: string
}

/** What a rotation made. */
export interface Rotated {
  readonly credential: Credential
  /** The old credential as it now stands; undefined where there is no overlap. */
  readonly previous: Credential | undefined
  /** The issued key, shown once. */
  readonly key?: string
  /** The issued password, shown once. */
  readonly password?: string
}

/**
 * Clients and their credentials, looked up and changed. A change holds from the next request in this process on; when its promise has
 * resolved it is stored. Reject with a CountersignError of `clientCodes`, or a TypeError for an input that is none.
 */
export interface ClientRegistry extends ClientLookup {
  used(match: Match, nowMs: number): void
  list(): Iterable<Client> | AsyncIterable<Client>
  /** When the credentials of a client were last accepted; undefined: unknown client. */
  lastUsed(clientId: string): Maybe<readonly CredentialUse[]>
  add(client: ClientInput): Promise<Client>
  remove(clientId: string): Promise<void>
  addCredential(clientId: string, credential: CredentialInput): Promise<Credential>
  issueKey(clientId: string, options?: IssueOptions): Promise<IssuedKey>
  /** @param options.user - default the client's id */
  issuePassword(clientId: string, options?: IssueOptions & { readonly user?: string }): Promise<IssuedPassword>
  /** Puts a new credential beside an old one of the same kind, and ends the old one after the overlap. */
  rotate(clientId: string, credentialId: string, options?: RotateOptions): Promise<Rotated>
  /** Takes away one credential, or without `credentialId` all that the client has. */
  revoke(clientId: string, credentialId?: string): Promise<void>
  disable(clientId: string): Promise<Client>
  enable(clientId: string): Promise<Client>
  setGroups(clientId: string, groups: readonly string[]): Promise<Client>
  join(clientId: string, group: string): Promise<Client>
  leave(clientId: string, group: string): Promise<Client>
  /** Told of each change, after it holds. @returns a function that ends it */
  on(event: 'change', listener: (change: ClientChange) => void): () => void
  /** Told of what keeps the registry from following its source. @returns a function that ends it */
  on(event: 'error', listener: (problem: ClientProblem) => void): () => void
}
