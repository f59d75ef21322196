import { timingSafeEqual } from 'node:crypto'
import type { Problems } from '../definition/problems.js'
import { pipeCall, splitWritten } from '../definition/template.js'
import { HASHES, type HashName, type HmacKey, hmac, type MacEncoding, type MessageParts } from '../hash/hmac.js'
import type { Pipe } from '../pipe/pipe-kit.js'
import { type CompiledPipes, compilePipes, runPipes } from '../pipe/pipes.js'
import type { Shape, Value } from '../text/shape.js'

/** Writes and compares MACs in the encoding of a scheme. */
export interface MacWriter {
  readonly hash: HashName
  readonly shape: Shape
  readonly write: (key: HmacKey, message: MessageParts) => string
  /** In a time that depends on the lengths alone; exactly the declared spelling holds. */
  readonly equal: (expected: string, given: string) => boolean
}

/** A MAC of fewer bits proves too little (RFC 2104 section 5). */
const LEAST_CHARACTERS = 16

/** The octets as they are, in the words of other libraries. */
const NO_TEXT = /^(?:raw|binary|bytes|octets|buffer|digest|none)$/i

const DIRECT: Readonly<Record<string, MacEncoding>> = { hex: 'hex', base64: 'base64', base64url: 'base64url' }

/**
 * Compiles `signature.encoding`: an encoder, then text pipes, such as `base64|encode`. `hexAnyCase` compares hex of any case.
 * The MAC is written and compared as text, so that no other spelling of the same octets holds.
 */
export function compileMac(encoding: string, hash: HashName, problems: Problems): MacWriter {
  if (NO_TEXT.test(encoding)) {
    problems.add(
      'signature.encoding',
      `${JSON.stringify(encoding)} writes no text, and what carries a signature is text: hex, base64 or base64url`,
    )
    return compileMac('hex', hash, problems)
  }
  const anyCase = encoding === 'hexAnyCase'
  const [first = '', ...rest] = splitWritten(anyCase ? 'hex' : encoding, '|')
  const direct = Object.hasOwn(DIRECT, first) ? DIRECT[first] : undefined
  const octets: Shape = { kind: 'octets', alphabet: 'any', width: HASHES[hash].octets }
  const calls = [first, ...rest].map(pipeCall)
  const compiled = compilePipes(octets, calls, { path: 'signature.encoding', source: JSON.stringify(encoding) }, problems)
  const shape = compiled?.shape ?? octets
  if (compiled !== undefined && shape.kind !== 'text')
    problems.add('signature.encoding', `${JSON.stringify(encoding)} writes no text; end with hex or base64`)
  const isShort = shape.width === undefined ? shape.cut === true : shape.width < LEAST_CHARACTERS
  if (isShort || (compiled !== undefined && comeTogether(hash, compiled)))
    problems.add('signature.encoding', 'keeps too little of the MAC to prove anything')
  const pipes = compiled?.pipes ?? []
  const compare = comparer()
  return {
    hash,
    shape: { ...shape, lossy: false },
    write:
      direct !== undefined && rest.length === 0
        ? (key, message) => hmac(key, message, direct)
        : (key, message) => piped(key, message, pipes),
    equal: anyCase ? (expected, given) => compare(expected, given.toLowerCase()) : compare,
  }
}

/** Whether pipes that lose something make one text of several MACs, as where every digit is replaced by one. */
function comeTogether(hash: HashName, { shape, pipes }: CompiledPipes): boolean {
  if (shape.lossy !== true || shape.kind !== 'text') return false
  const macs = [...Array(SOME_MACS).keys()].map((i) => likeMac(i, HASHES[hash].octets))
  try {
    return new Set(macs.map((mac) => runPipes(mac, pipes, { key: undefined }, false))).size < SOME_MACS
  } catch {
    return false
  }
}

const SOME_MACS = 64

/** Octets without a pattern, as a MAC has them. */
function likeMac(i: number, length: number): Buffer {
  let state = i + 1
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    }),
  )
}

function piped(key: HmacKey, message: MessageParts, pipes: readonly Pipe[]): string {
  const octets: Value = Buffer.from(hmac(key, message, 'binary'), 'latin1')
  return runPipes(octets, pipes, { key }, false) as string
}

/** Compares texts of one length, in a time that depends on the lengths alone, over octets that are kept for the purpose. */
function comparer(): (expected: string, given: string) => boolean {
  let a = Buffer.alloc(0)
  let b = Buffer.alloc(0)
  return (expected, given) => {
    const { length } = expected
    if (given.length !== length) return false
    if (a.length !== length) {
      a = Buffer.alloc(length)
      b = Buffer.alloc(length)
    }
    a.write(expected, 'latin1')
    b.write(given, 'latin1')
    // A character beyond Latin-1 is cut to an octet, so that another text can have the octets of the MAC.
    return timingSafeEqual(a, b) && expected === given
  }
}
