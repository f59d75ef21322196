import {
  type ApiKeyCredential,
  type ApiKeyDigest,
  type BasicCredential,
  type CertificateCredential,
  type Client,
  ClientIndex,
  CountersignError,
  type HmacCredential,
  type Match,
  type PasswordPolicy,
} from '@countersign/core'

/**
 * Clients that were looked up, and names that nobody has, in bounded memory. Clients are held in two halves: what is looked up goes into
 * the younger one, and when that is full it becomes the elder, whose clients that nobody asked for go. A hit costs what it costs in memory.
 *
 * Whether what it holds may still be served is not for it to know.
 */
export class NearCache {
  readonly #passwords: PasswordPolicy
  readonly #most: number
  #young = new ClientIndex()
  #elder = new ClientIndex()
  /** Clients and credentials in the younger half. */
  #weight = 0
  /** Names that nobody has, until when that is believed. */
  readonly #unknown = new Map<string, number>()

  /** @param most - how many clients and credentials, and how many unknown names */
  constructor(passwords: PasswordPolicy, most: number) {
    this.#passwords = passwords
    this.#most = most
  }

  /** How many clients are held. */
  get size(): number {
    return this.#young.size + this.#elder.size
  }

  apiKey(digest: ApiKeyDigest): Match<ApiKeyCredential> | undefined {
    return this.#young.apiKey(digest) ?? this.#kept(this.#elder.apiKey(digest))
  }

  user(name: string): readonly Match<BasicCredential>[] | undefined {
    return this.#young.user(name) ?? this.#allKept(this.#elder.user(name))
  }

  hmacKey(keyId: string): readonly Match<HmacCredential>[] | undefined {
    return this.#young.hmacKey(keyId) ?? this.#allKept(this.#elder.hmacKey(keyId))
  }

  certificate(pin: string): Match<CertificateCredential> | undefined {
    return this.#young.certificate(pin) ?? this.#kept(this.#elder.certificate(pin))
  }

  client(id: string): Client | undefined {
    return this.#young.client(id) ?? this.#elder.client(id)
  }

  uses(id: string) {
    return this.#young.uses(id) ?? this.#elder.uses(id)
  }

  isUnknown(name: string, now: number): boolean {
    const until = this.#unknown.get(name)
    if (until === undefined) return false
    if (now < until) return true
    this.#unknown.delete(name)
    return false
  }

  /** Holds a client. One that shares a credential with a client whose change has not come yet is not held. */
  put(client: Client): void {
    try {
      this.#elder.check(client, this.#passwords)
      this.#young.put(client, this.#passwords)
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error
      this.drop(client.id)
      return
    }
    this.#elder.delete(client.id)
    this.#weigh(client)
  }

  putUnknown(name: string, until: number): void {
    if (this.#unknown.size >= this.#most) this.#unknown.delete(this.#unknown.keys().next().value as string)
    this.#unknown.set(name, until)
  }

  drop(clientId: string): void {
    this.#young.delete(clientId)
    this.#elder.delete(clientId)
  }

  dropUnknown(name: string): void {
    this.#unknown.delete(name)
  }

  clear(): void {
    this.#young = new ClientIndex()
    this.#elder = new ClientIndex()
    this.#weight = 0
    this.#unknown.clear()
  }

  /** A client that is asked for stays, with the very matches that it has. */
  #kept<M extends Match>(match: M | undefined): M | undefined {
    if (match === undefined) return undefined
    this.#young.insert(match.client, this.#passwords, this.#elder)
    this.#elder.delete(match.client.id)
    this.#weigh(match.client)
    return match
  }

  #allKept<M extends Match>(matches: readonly M[] | undefined): readonly M[] | undefined {
    this.#kept(matches?.[0])
    return matches
  }

  #weigh(client: Client): void {
    this.#weight += 1 + client.credentials.length
    if (this.#weight <= this.#most / 2) return
    this.#elder = this.#young
    this.#young = new ClientIndex()
    this.#weight = 0
  }
}
