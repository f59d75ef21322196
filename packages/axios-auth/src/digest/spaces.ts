import type { DigestChallenge } from './challenge.js'
import { strengthOf } from './choice.js'
import { type DigestSession, NonceCount } from './session.js'

/** The most realms that are kept of an origin, and the most nonces of a realm. */
const MOST_REALMS = 32
const MOST_NONCES = 64
const MOST_PREFIXES = 64

interface Space {
  /** What the credentials are for: targets that begin so. */
  readonly prefixes: readonly string[]
  session: DigestSession | undefined
  /** Sessions that were not refused, by nonce. */
  readonly sessions: Map<string, DigestSession>
  /** By nonce, so that one that is seen again is counted on, whatever became of its session. */
  readonly counts: Map<string, NonceCount>
}

/** Makes the session of a challenge, whose requests are counted there. */
export type OpenSession = (challenge: DigestChallenge, count: NonceCount) => DigestSession

/** What is known of the protection spaces of one origin (RFC 9110 section 11.5, RFC 7616 section 3.3 `domain`). */
export class DigestSpaces {
  readonly #origin: string
  readonly #spaces = new Map<string, Space>()
  /** The best protection that this origin has offered and the options allow: hash, then whether requests are counted. */
  #strongest = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  /** The session to sign a request with before it is asked for, of the longest prefix, then of the latest challenge; undefined when there is none. */
  sessionFor(target: string): DigestSession | undefined {
    let best: DigestSession | undefined
    let longest = -1
    for (const { prefixes, session } of this.#spaces.values()) {
      if (session === undefined || session.count.spent) continue
      for (const prefix of prefixes) {
        if (prefix.length < longest || !target.startsWith(prefix)) continue
        best = session
        longest = prefix.length
      }
    }
    return best
  }

  /**
   * Whether the best challenge that may be answered is weaker than one of before, as one is that somebody on the way has put in its place.
   * Remembers the strongest. What the options do not allow does not count: it would have been refused.
   */
  isDowngrade(chosen: DigestChallenge): boolean {
    this.#strongest = Math.max(this.#strongest, strengthOf(chosen))
    return strengthOf(chosen) < this.#strongest
  }

  /**
   * The session that answers a challenge: a known one where the nonce is known and was not refused, else what `open` makes. Others use it once
   * it was adopted: a server may want the numbers of a nonce in order, and theirs could arrive first.
   */
  learn(challenge: DigestChallenge, target: string, open: OpenSession): DigestSession {
    const { sessions, counts } = this.#spaces.get(challenge.realm) ?? { sessions: new Map(), counts: new Map() }
    const space: Space = { prefixes: this.#prefixes(challenge, target), session: undefined, sessions, counts }
    this.#spaces.delete(challenge.realm)
    this.#spaces.set(challenge.realm, space)
    if (this.#spaces.size > MOST_REALMS) this.#spaces.delete(this.#spaces.keys().next().value as string)
    const session = sessionOf(space, challenge, open)
    // Challenges that name one nonce may come when another request has shown that it holds.
    if (session.proved) space.session = session
    return session
  }

  /** The same, while others go on with the session that they have. */
  apart(challenge: DigestChallenge, target: string, open: OpenSession): DigestSession {
    const space = this.#spaces.get(challenge.realm)
    return space === undefined ? this.learn(challenge, target, open) : sessionOf(space, challenge, open)
  }

  /** Goes on with a session for all. */
  adopt(session: DigestSession): void {
    const { realm, nonce } = session.challenge
    const space = this.#spaces.get(realm)
    if (space?.sessions.get(nonce) === session) space.session = session
  }

  /** Goes on with the nonce that an answer names for the next requests. One that is known already changes nothing. */
  renew(old: DigestSession, nonce: string, open: OpenSession): void {
    const space = this.#spaces.get(old.challenge.realm)
    if (space === undefined || !space.sessions.has(old.challenge.nonce) || space.counts.has(nonce)) return
    opened(space, { ...old.challenge, nonce, stale: false }, open)
  }

  /** Forgets a session that was refused, so that the next request asks for a challenge. A newer one stays. */
  forget(session: DigestSession): void {
    const { realm, nonce } = session.challenge
    const space = this.#spaces.get(realm)
    if (space?.session === session) space.session = undefined
    if (space?.sessions.get(nonce) === session) space.sessions.delete(nonce)
  }

  /** URIs of other origins are left out: whoever wants credentials there has to ask there. */
  #prefixes({ domain }: DigestChallenge, target: string): readonly string[] {
    if (domain.length === 0) return ['/']
    const base = this.#origin + target
    return domain.slice(0, MOST_PREFIXES).flatMap((uri) => {
      const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined
      return url?.origin === this.#origin ? [url.pathname + url.search] : []
    })
  }
}

/** Makes the session of a challenge the current one. */
function opened(space: Space, challenge: DigestChallenge, open: OpenSession): DigestSession {
  const session = sessionOf(space, challenge, open)
  space.session = session
  return session
}

function sessionOf(space: Space, challenge: DigestChallenge, open: OpenSession): DigestSession {
  const { nonce } = challenge
  const known = space.sessions.get(nonce)
  const before = space.counts.get(nonce)
  const count = before === undefined || before.spent ? new NonceCount() : before
  const session = known?.count === count && isAlike(known.challenge, challenge) ? known : open(challenge, count)
  remember(space.counts, nonce, count, MOST_NONCES)
  remember(space.sessions, nonce, session, MOST_NONCES)
  return session
}

/** Whether the one can be answered in the place of the other. */
function isAlike(a: DigestChallenge, b: DigestChallenge): boolean {
  return a.opaque === b.opaque && a.algorithm === b.algorithm && a.qops.join() === b.qops.join()
}

function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value as string)
}
