import { type Challenge, readChallenges } from '../answer/challenges.js'
import { ALGORITHMS, type AlgorithmFacts } from './algorithms.js'

/** What a response protects: the request line, or the body with it. */
export type DigestQop = 'auth' | 'auth-int'

/** A Digest challenge that can be understood (RFC 7616 section 3.3). Texts have one character per octet. */
export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: AlgorithmFacts
  /** The algorithm as the server wrote it; undefined where it wrote none, which means MD5. */
  readonly algorithmText: string | undefined
  /** What it offers; empty where it names none, as servers older than RFC 2617 do. */
  readonly qops: readonly DigestQop[]
  readonly stale: boolean
  readonly userhash: boolean
  readonly utf8: boolean
  /** The URIs that the credentials are for; empty: all of the origin. */
  readonly domain: readonly string[]
}

/**
 * The Digest challenges of an answer, in the server's order. One without realm or nonce, or with an algorithm or none but unknown kinds of
 * protection, cannot be answered and is left out (RFC 7616 sections 3.3 and 3.7).
 *
 * @param values - the values of every WWW-Authenticate field
 */
export function digestChallenges(values: readonly string[]): readonly DigestChallenge[] {
  return readChallenges(values).flatMap((challenge) => digestChallenge(challenge) ?? [])
}

const WORD = /^[A-Za-z0-9-]{1,32}$/
const MOST_OFFERS = 8

/** What the Digest challenges of an answer offer, understood or not, for an error to say: such as `SHA-512 with auth`. */
export function digestOffers(values: readonly string[]): readonly string[] {
  const offers = readChallenges(values).flatMap(({ scheme, params }) => (scheme === 'digest' ? [offerOf(params)] : []))
  return [...new Set(offers)].slice(0, MOST_OFFERS)
}

function offerOf(params: Challenge['params']): string {
  if (!params.has('realm') || !params.has('nonce')) return 'a challenge without realm or nonce'
  const [algorithm = 'MD5', qop] = [params.get('algorithm'), params.get('qop')]
  const names = qop ? qop.split(',').map((name) => name.trim()) : ['no qop']
  return `${worded(algorithm)} with ${names.slice(0, MOST_OFFERS).map(worded).join(' or ')}`
}

/** What a server writes is shown where it is a word. */
function worded(text: string): string {
  return text === 'no qop' || WORD.test(text) ? text : 'something unreadable'
}

function digestChallenge({ scheme, params }: Challenge): DigestChallenge | undefined {
  if (scheme !== 'digest') return undefined
  const [realm, nonce, algorithmText] = [params.get('realm'), params.get('nonce'), params.get('algorithm')]
  const algorithm = ALGORITHMS.get((algorithmText ?? 'MD5').toLowerCase())
  const qops = offeredQops(params.get('qop'))
  if (realm === undefined || nonce === undefined || algorithm === undefined || qops === undefined) return undefined
  return {
    realm,
    nonce,
    opaque: params.get('opaque'),
    algorithm,
    algorithmText,
    qops,
    stale: isTrue(params.get('stale')),
    userhash: isTrue(params.get('userhash')),
    utf8: params.get('charset')?.toLowerCase() === 'utf-8',
    domain: (params.get('domain') ?? '').split(/[ \t]+/).filter((uri) => uri !== ''),
  }
}

/** The known ones of a list; empty without a list, as which others take an empty one (http-auth); undefined where the list holds none that is known. */
function offeredQops(list = ''): readonly DigestQop[] | undefined {
  if (list === '') return []
  const names = list.split(',').map((name) => name.trim().toLowerCase())
  const known = (['auth', 'auth-int'] as const).filter((name) => names.includes(name))
  return known.length === 0 ? undefined : known
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true'
}
