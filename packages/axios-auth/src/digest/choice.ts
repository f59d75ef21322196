import type { DigestChallenge, DigestQop } from './challenge.js'
import type { DigestSettings } from './options.js'

/** What a challenge is chosen by. */
export type DigestPreferences = Pick<DigestSettings, 'algorithms' | 'allowMd5' | 'qop'>

/**
 * The challenge to answer: of those whose algorithm and protection are allowed the one with the strongest hash, then one that counts
 * requests before one that does not, then the server's first.
 */
export function chosenChallenge(offered: readonly DigestChallenge[], preferences: DigestPreferences): DigestChallenge | undefined {
  return offered.filter((challenge) => isAllowed(challenge, preferences)).sort((a, b) => strengthOf(b) - strengthOf(a))[0]
}

/** How well a challenge protects: its hash counts more than that it counts requests. */
export function strengthOf({ algorithm, qops }: DigestChallenge): number {
  return algorithm.strength * 2 + (qops.length > 0 ? 1 : 0)
}

/** The protection to answer a challenge with; undefined where it names none. */
export function qopFor({ qops }: DigestChallenge, { qop }: DigestPreferences): DigestQop | undefined {
  return qops.includes(qop) ? qop : qops[0]
}

function isAllowed({ algorithm, qops }: DigestChallenge, { algorithms, allowMd5, qop }: DigestPreferences): boolean {
  if (!algorithms.has(algorithm.name)) return false
  if (qop === 'auth-int') return qops.includes('auth-int')
  // Without qop there is neither a client nonce nor a count (RFC 2069): only what is as old as that may do so.
  return qops.length > 0 || (allowMd5 && algorithm.strength === 1)
}
