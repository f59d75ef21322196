import { createHash } from 'node:crypto'

/** The algorithms of RFC 7616 section 3.3, as they are written on the wire. */
export type DigestAlgorithm = 'SHA-512-256' | 'SHA-512-256-sess' | 'SHA-256' | 'SHA-256-sess' | 'MD5' | 'MD5-sess'

/** What an algorithm's name stands for. */
export interface AlgorithmFacts {
  readonly name: DigestAlgorithm
  readonly hash: 'sha512-256' | 'sha256' | 'md5'
  /** Whether the key of a session is made of its first nonces (`-sess`). */
  readonly session: boolean
  /** Both of SHA-2 are alike: between them the server's order decides. */
  readonly strength: 1 | 2
}

/** Every algorithm by its name in lower case. */
export const ALGORITHMS: ReadonlyMap<string, AlgorithmFacts> = new Map(
  (
    [
      { name: 'SHA-512-256', hash: 'sha512-256', session: false, strength: 2 },
      { name: 'SHA-512-256-sess', hash: 'sha512-256', session: true, strength: 2 },
      { name: 'SHA-256', hash: 'sha256', session: false, strength: 2 },
      { name: 'SHA-256-sess', hash: 'sha256', session: true, strength: 2 },
      { name: 'MD5', hash: 'md5', session: false, strength: 1 },
      { name: 'MD5-sess', hash: 'md5', session: true, strength: 1 },
    ] as const satisfies readonly AlgorithmFacts[]
  ).map((facts) => [facts.name.toLowerCase(), facts]),
)

/** H(data) of RFC 7616 section 3.2: lower-case hex. A character of text stands for one octet. */
export function digestHex(algorithm: AlgorithmFacts, data: string | Uint8Array): string {
  const hash = createHash(algorithm.hash)
  return (typeof data === 'string' ? hash.update(data, 'latin1') : hash.update(data)).digest('hex')
}

/** Text as the octets of its UTF-8, one character each, so that it may stand beside what came from the wire. */
export function octetText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
