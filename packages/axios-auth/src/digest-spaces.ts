import type { DigestChallenge } from './digest-challenge.js'
import { strengthOf } from './digest-choice.js'
import type { DigestSession } from './digest-session.js'

/** The most realms that are kept of an origin, and the most nonces of a realm. */
const MOST_REALMS = 32
const MOST_NONCES = 64
const MOST_PREFIXES = 64

interface Space {
  /** What the credentials are for: targets that begin so. */
  readonly prefixes: readonly string[]
  session: DigestSession | undefined
  /** Sessions by nonce, so that a nonce that is seen again is counted on. */
  readonly sessions: Map<string, DigestSession>
}

/** What is known of the protection spaces of one origin (RFC 9110 section 11.5, RFC 7616 section 3.3 `domain`). */
export class DigestSpaces {
  readonly #origin: string
  readonly #spaces = new Map<string, Space>()
  /** The best protection that this origin has offered: hash, then whether requests are counted. */
  #strongest = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  /** The session to sign a request with before it is asked for, of the longest prefix, then of the latest challenge; undefined when there is none. */
  sessionFor(target: string): DigestSession | undefined {
    let best: DigestSession | undefined
    let longest = -1
    for (const { prefixes, session } of this.#spaces.values()) {
      if (session === undefined || session.spent) continue
      for (const prefix of prefixes) {
        if (prefix.length < longest || !target.startsWith(prefix)) continue
        best = session
        longest = prefix.length
      }
    }
    return best
  }

  /**
   * Whether a challenge is weaker than one that this origin has made before, as one is that somebody on the way has put in its place.
   * Remembers the strongest.
   */
  isDowngrade(offered: readonly DigestChallenge[], chosen: DigestChallenge): boolean {
    this.#strongest = Math.max(this.#strongest, ...offered.map(strengthOf))
    return strengthOf(chosen) < this.#strongest
  }

  /** The session that answers a challenge: a known one where the nonce is known, else what `open` makes. */
  learn(challenge: DigestChallenge, target: string, open: () => DigestSession): DigestSession {
    const known = this.#spaces.get(challenge.realm)
    const sessions = known?.sessions ?? new Map<string, DigestSession>()
    const before = sessions.get(challenge.nonce)
    const session = before === undefined || before.spent ? open() : before
    this.#spaces.delete(challenge.realm)
    this.#spaces.set(challenge.realm, { prefixes: this.#prefixes(challenge, target), session, sessions })
    remember(sessions, challenge.nonce, session, MOST_NONCES)
    if (this.#spaces.size > MOST_REALMS) this.#spaces.delete(this.#spaces.keys().next().value as string)
    return session
  }

  /** Goes on with the nonce that an answer names for the next requests. One that is known already changes nothing. */
  renew(old: DigestSession, nonce: string, open: (challenge: DigestChallenge) => DigestSession): void {
    const space = this.#spaces.get(old.challenge.realm)
    if (space === undefined || !space.sessions.has(old.challenge.nonce) || space.sessions.has(nonce)) return
    space.session = open({ ...old.challenge, nonce, stale: false })
    remember(space.sessions, nonce, space.session, MOST_NONCES)
  }

  /** Forgets a session that was refused, so that the next request asks for a challenge. A newer one stays. */
  forget(session: DigestSession): void {
    const space = this.#spaces.get(session.challenge.realm)
    if (space?.session === session) space.session = undefined
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

function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value as string)
}
