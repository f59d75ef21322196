import { CountersignError, coreError, type Refused, type ReplayStore, within } from '@countersign/core/base'
import type { Verified } from '@countersign/schemes/verifier'
import { refuse } from './errors.js'
import { ownerOf, replayKey } from './replay-key.js'
import type { HmacSettings } from './settings.js'

/** How much longer a claim lives than the signature could: clocks of several processes differ. Seconds. */
const GRACE_SECONDS = 60

/** The steps of a verdict that remember a request: `commit` claims it, `settle` gives it back when the handler failed. */
export interface ReplaySteps {
  readonly commit: () => undefined | Refused | Promise<undefined | Refused>
  readonly settle: (status: number) => void | Promise<void>
}

/**
 * The replay steps of a verified request; undefined when it is not remembered.
 *
 * Not claimed: GET, HEAD and OPTIONS that sign no nonce, since the same one may honestly be sent twice within a second. Where the
 * method is not signed, one with a body may be a POST that somebody sends again under another name, and is claimed.
 */
export function replaySteps(settings: HmacSettings, sent: Sent, clientId: string, verified: Verified): ReplaySteps | undefined {
  const { replay, scheme } = settings
  if (replay === undefined) return undefined
  if (verified.nonce === undefined && isSafe(sent.method) && (scheme.facts.binds.method || !sent.hasBody)) return undefined
  // Where a request carries several signatures, which of them is looked at is the sender's choice, and so is the secret that matches.
  const isChosen = scheme.signature.home.several || scheme.labelled.length > 0
  // A look-up may take one key id in several spellings, and two may share a secret: who signed is told by the secret.
  const owner = () => (isChosen ? settings.clientId : scheme.facts.keyId ? ownerOf(verified.secret) : clientId)
  const inKey = inKeyAlone(settings, verified)
  const keys = () => {
    const name = owner()
    return verified.messages.map((message) => replayKey(scheme.definition.name, name, message, inKey))
  }
  const claims = new Claims(settings, replay)
  return {
    commit: () => {
      const ttlSeconds = ttlOf(settings, verified)
      // Whoever sends the body slowly, or several times, is still judging when the first claim has ended.
      if (ttlSeconds <= 0) return refuse('ERR_HMAC_STALE', 'its body arrived after its signature is no longer remembered')
      const all = keys()
      const once = [...new Set(all)]
      // Somebody has put an item in again; labels of one request can sign the same.
      if (scheme.scope !== undefined && once.length < all.length)
        return refuse('ERR_HMAC_REPLAYED', 'an item appears in the body more than once')
      return claims.takeAll(once, ttlSeconds, signedAtOf(settings, verified))
    },
    settle: (status) => (status < 500 || !settings.releaseOnServerError ? undefined : claims.giveBack()),
  }
}

/** What of a request says whether it is remembered. */
export interface Sent {
  readonly method: string
  readonly hasBody: boolean
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/**
 * What only the key is made with, as its pipes leave it: a time or nonce that is spelt in another way and makes the same key is the same.
 * Items and elements have their own, which their order must not choose.
 */
function inKeyAlone({ scheme }: HmacSettings, { keyParts }: Verified): readonly string[] {
  const isOne = scheme.scope === undefined && scheme.labelled.length === 0 && !scheme.signature.apart
  return isOne && keyParts !== undefined ? [keyParts] : []
}

/** Until the signature is too old to be accepted, and a little longer; nothing is accepted later. Seconds. */
function ttlOf(settings: HmacSettings, verified: Verified): number {
  const { timestamp } = settings.scheme.facts
  if (verified.signedAt === undefined || timestamp === undefined) return settings.replayTtlSeconds as number
  return Math.ceil(verified.signedAt / 1000 + timestamp.toleranceSeconds - settings.now() / 1000) + GRACE_SECONDS
}

/**
 * The time that the store may go by: a sender could put anything into one that is not signed. Where several messages were signed,
 * one of them may be as old as any that is accepted: somebody put a signature of now beside another's.
 */
function signedAtOf({ scheme, now }: HmacSettings, { signedAt, messages }: Verified): number | undefined {
  const { binds, timestamp } = scheme.facts
  if (!binds.timestamp || signedAt === undefined || timestamp === undefined) return undefined
  return messages.length === 1 ? signedAt : Math.min(signedAt, now() - timestamp.toleranceSeconds * 1000)
}

type Committed = undefined | Refused | Promise<undefined | Refused>

/** The claims of one request. */
class Claims {
  readonly #settings: HmacSettings
  readonly #store: ReplayStore
  #held: (readonly [key: string, token: string])[] = []

  constructor(settings: HmacSettings, store: ReplayStore) {
    this.#settings = settings
    this.#store = store
  }

  /** Claims all of the keys, or none. */
  takeAll(keys: readonly string[], ttlSeconds: number, signedAt: number | undefined): Committed {
    const [key, ...rest] = keys
    if (key === undefined) return undefined
    const next = (token: string | undefined): Committed => {
      if (token === undefined) return this.#withdrawn(() => refuse('ERR_HMAC_REPLAYED'))
      this.#held.push([key, token])
      return this.takeAll(rest, ttlSeconds, signedAt)
    }
    try {
      const token = this.#take(key, ttlSeconds, signedAt)
      return token instanceof Promise ? token.then(next, (error) => this.#failed(error)) : next(token)
    } catch (error) {
      return this.#failed(error)
    }
  }

  async giveBack(): Promise<void> {
    const held = this.#held
    this.#held = []
    for (const [key, token] of held) await this.#release(key, token)
  }

  #take(key: string, ttlSeconds: number, signedAt: number | undefined): string | undefined | Promise<string | undefined> {
    let given: unknown
    const answer = within<unknown>(
      this.#settings.timeoutMs,
      () => {
        given = this.#store.claim(key, ttlSeconds, signedAt)
        return given
      },
      'ERR_STORE_DOWN',
    )
    if (!(answer instanceof Promise)) return checkedToken(answer)
    return answer.then(checkedToken, (error) => {
      if (!this.#passes(error)) this.#giveBackLate(key, given)
      throw error
    })
  }

  /** A claim that comes after its request was refused for want of it would refuse the sender's next try. */
  #giveBackLate(key: string, given: unknown): void {
    Promise.resolve(given)
      .then((token) => (typeof token === 'string' ? this.#release(key, token) : undefined))
      .catch(() => undefined)
  }

  #release(key: string, token: string): void | Promise<void> {
    return within(this.#settings.timeoutMs, () => this.#store.release(key, token), 'ERR_STORE_DOWN')
  }

  #failed(error: unknown): Committed {
    if (this.#passes(error)) return undefined
    return this.#withdrawn(() => {
      throw error
    })
  }

  /** A store that is full, or answers nonsense, is not down: `onStoreError: 'allow'` lets nothing past it. */
  #passes(error: unknown): boolean {
    const { allowStoreError } = this.#settings
    return allowStoreError && error instanceof CountersignError && (error.code === 'ERR_STORE_DOWN' || error.code === 'ERR_LOOKUP_TIMEOUT')
  }

  /** What was claimed for a request that does not pass is given back first; whether that works out changes nothing for it. */
  #withdrawn(verdict: () => Refused): Refused | Promise<Refused> {
    return this.#held.length === 0 ? verdict() : this.giveBack().then(verdict, verdict)
  }
}

/**
 * A token, or undefined where the key is taken. Stores of other libraries say null, or false; one that says true has told nothing
 * that could be given back.
 */
function checkedToken(answer: unknown): string | undefined {
  if (typeof answer === 'string' && answer !== '') return answer
  if (answer === undefined || answer === null || answer === false) return undefined
  throw coreError('ERR_AUTH_DEFECT', 'claim() of the replay store returned neither a token nor undefined')
}
