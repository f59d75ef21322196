import type { BasicCredential } from '@countersign/core'
import { type Authenticator, type AuthRequest, noteUse, type Verdict } from '@countersign/core/base'
import type { Match } from '@countersign/core/keys'
import { type BasicOptions, type BasicSettings, readBasicOptions } from './basic-options.js'
import { basicToken, readCredentials } from './credentials.js'
import { KeyedDigest, LONGEST_TEXT } from './keyed-digest.js'
import { findUser, type Proved, provePassword } from './password-step.js'
import { type Positive, PositiveCache, stillThere } from './positive-cache.js'

/**
 * Decides whether a request carries the user name and password of a client, by HTTP Basic.
 *
 * A password costs one derivation to check, whether the user is unknown, the password wrong, the client disabled or in rotation; what
 * was right is remembered for `cacheSeconds`, and compared with the registry on each request. Beyond the queue of derivations a request
 * gets 503 with Retry-After, before anything is looked up.
 *
 * Not decided: what the client may do. Not protected from: whoever reads the request. Use TLS.
 *
 * Shape: `Authorization: Basic base64(user ":" password)`, UTF-8, strict base64 with padding. Neither name nor password is normalised.
 *
 * Refuses with `ERR_BASIC_...` of `clientGroupCodes` (401, 503); throws, as core's codes say, when the registry fails or does not answer.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @see RFC 7617
 * @example
 * const people = basicAuthenticator({ clients: await fileClients('clients.json') })
 */
export function basicAuthenticator(options: BasicOptions, factory = 'basicAuthenticator'): Authenticator {
  const settings = readBasicOptions(factory, options)
  const check = new BasicCheck(settings)
  return Object.freeze({
    name: 'basic',
    challenges: Object.freeze([`Basic realm=${settings.realm}, charset="UTF-8"`]),
    registry: settings.clients,
    authenticate: (request: AuthRequest) => check.verdict(request),
  })
}

class BasicCheck {
  readonly #settings: BasicSettings
  readonly #digest = new KeyedDigest()
  readonly #cache: PositiveCache
  /** Checks of what was right until a while ago. All requests that bring it wait for one, so that they do not fill the queue. */
  readonly #renewals = new Map<string, Promise<Proved>>()

  constructor(settings: BasicSettings) {
    this.#settings = settings
    this.#cache = new PositiveCache(settings.maxCached)
    settings.clients.on?.('change', ({ clientId }) => this.#cache.forget(clientId))
  }

  verdict(request: AuthRequest): Verdict | Promise<Verdict> {
    const token = basicToken(request.rawHeaders)
    if (typeof token !== 'string') return token
    const proved = this.#isCacheable(token) ? this.#remembered(token, this.#digest.of(token)) : this.#checked(token)
    return proved instanceof Promise ? proved.then((late) => this.#grant(late)) : this.#grant(proved)
  }

  #isCacheable(token: string): boolean {
    const { clients, cacheMs } = this.#settings
    return clients.passwords.name === 'scrypt' && cacheMs > 0 && token.length <= LONGEST_TEXT
  }

  #checked(token: string): Proved | Promise<Proved> {
    const credentials = readCredentials(token, this.#settings.allowEmptyPassword)
    return 'kind' in credentials ? credentials : provePassword(this.#settings, credentials)
  }

  /** What is remembered counts as long as the registry still has the very password that it was about. */
  #remembered(token: string, key: string): Proved | Promise<Proved> {
    const positive = this.#cache.get(key)
    if (positive === undefined) return this.#learnt(token, key)
    const age = this.#settings.now() - positive.sinceMs
    // Written so that a clock that went back, or is none, makes it old.
    if (!(age >= 0 && age < this.#settings.cacheMs)) return this.#renewed(token, key)
    const confirm = (found: readonly Match<BasicCredential>[] | undefined) => {
      const match = stillThere(found, positive)
      if (match?.state(this.#settings.now()) === 'active') return match
      this.#cache.delete(key)
      return this.#learnt(token, key)
    }
    const found = findUser(this.#settings, positive.user)
    return found instanceof Promise ? found.then(confirm) : confirm(found)
  }

  #renewed(token: string, key: string): Promise<Proved> {
    const running = this.#renewals.get(key)
    if (running !== undefined) return running
    const renewal = Promise.resolve(this.#learnt(token, key)).finally(() => this.#renewals.delete(key))
    this.#renewals.set(key, renewal)
    return renewal
  }

  #learnt(token: string, key: string): Proved | Promise<Proved> {
    const proved = this.#checked(token)
    return proved instanceof Promise ? proved.then((late) => this.#noted(key, late)) : this.#noted(key, proved)
  }

  #noted(key: string, proved: Proved): Proved {
    if ('kind' in proved) {
      // An overload says nothing of the password.
      if (proved.status !== 503) this.#cache.delete(key)
      return proved
    }
    this.#cache.set(key, positiveOf(proved, this.#settings.now()))
    return proved
  }

  #grant(proved: Proved): Verdict {
    if ('kind' in proved) return proved
    const { clients, now } = this.#settings
    const commit = () => {
      noteUse(clients, proved, now())
      return undefined
    }
    return { kind: 'granted', principal: proved.principal, commit }
  }
}

function positiveOf({ client, credential }: Match<BasicCredential>, sinceMs: number): Positive {
  return { user: credential.user, clientId: client.id, credentialId: credential.id, verifier: credential.verifier, sinceMs }
}
