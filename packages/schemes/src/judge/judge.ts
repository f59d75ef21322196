import type { When } from '../definition/definition.js'
import { type Branch, type CompiledText, type FlatPiece, partsOf } from '../template/compiled-text.js'
import { excludes } from '../text/alphabet.js'
import type { Shape } from '../text/shape.js'
import { areApart, branchesAlike } from './branches-apart.js'
import { fromLeft, isConstant, shapeAt } from './ends.js'
import { type Guard, type GuardFacts, guardBehind, guardFor, widthGuard } from './guards.js'
import { intersection } from './intersection.js'

/** What a signature of the scheme binds, as derived from the message; nothing of it is declared. */
export interface Binding {
  /** `octets`: every octet. `data`: parsed pairs or members only. `none`: the body can be changed. */
  readonly body: 'octets' | 'data' | 'none'
  readonly method: boolean
  readonly path: boolean
  readonly query: boolean
  readonly timestamp: boolean
  readonly nonce: boolean
  readonly keyId: boolean
}

/** What the judge knows of roles and fields. */
export interface JudgeFacts extends GuardFacts {
  /** Names that stand for others: a header that is the home of a role, a field that carries a digest, a list that has to hold names. */
  readonly expand: (bound: string) => readonly string[]
  /** Whether a field is a digest that every request with a body carries, and that is asked of no other. */
  readonly ofBodies: (name: string) => boolean
  /** All that a format of the whole path captures beside the signature; undefined where the path has no format. */
  readonly inPath: readonly string[] | undefined
}

/** One way in which a message can be written, and what it binds. */
interface JudgedBranch {
  readonly when: When | undefined
  readonly binding: Binding
  /** Everything that the branch binds, by name. */
  readonly bound: ReadonlySet<string>
}

/** What the compiler derives from a message: what it binds, in each way of writing it, and whether two requests can share one. */
export interface Judgement {
  readonly branches: readonly JudgedBranch[]
  readonly guards: readonly Guard[]
  /** Why two different requests can be signed alike; undefined when they cannot. */
  readonly ambiguous: string | undefined
  /** What the key alone binds: requests that differ in it have one message. */
  readonly byKey: ReadonlySet<string>
  /** Of a slot that prints the body in some of its branches and yet binds none: why it does not. */
  readonly sometimes: string | undefined
}

/**
 * Derives what a message binds and whether it is injective.
 *
 * @param keys - the texts that the key is made of; what they hold is bound too
 * @param values - what carried fields are recomputed from, where the message holds these in place of what they stand for
 */
export function judge(
  message: CompiledText,
  facts: JudgeFacts,
  keys: readonly CompiledText[],
  values: readonly CompiledText[] = [],
): Judgement {
  const guards: Guard[] = []
  let ambiguous = branchesAlike(message.branches)
  const inKeys = keys.flatMap((text) => text.branches.flatMap((branch) => branch.pieces))
  const branches = message.branches.map((branch) => {
    ambiguous ??= judgePieces(branch.pieces, facts, guards)
    const bound = boundBy([...branch.pieces, ...inKeys], facts)
    // Where it prints nothing the message is empty, and nobody signs that.
    if (isAlone(branch.pieces)) bound.add('secret')
    return { when: branch.when, binding: bindingOf(bound), bound }
  })
  const signed = new Set(message.branches.flatMap(({ pieces }) => pieces.flatMap((piece) => directly(piece))))
  ambiguous ??= alikeIn(keys, signed, facts, guards, 'in the key')
  ambiguous ??= alikeIn(values, signed, facts, guards, 'in the value of a field')
  const byKey = inKeys.length === 0 ? NOTHING : boundByKey(message, branches, facts)
  const inAll = [message, ...values].flatMap((text) => text.branches.flatMap(({ pieces }) => pieces))
  const sometimes = inAll.map((piece) => whyUnbound(piece, facts)).find(Boolean)
  return { branches, guards, ambiguous, byKey, sometimes }
}

/** Whether a message is a list alone, each item of which prints the secret. */
function isAlone([piece, ...others]: readonly FlatPiece[]): boolean {
  return piece !== undefined && 'list' in piece && others.length === 0 && piece.list.secretInEach
}

function whyUnbound(piece: FlatPiece, facts: BoundFacts): string | undefined {
  if (!('through' in piece) || piece.through === undefined || piece.piped) return undefined
  const { branches } = piece.through
  if (!branches.some(({ pieces }) => boundBy(pieces, facts).has('body')) || boundBy([piece], facts).has('body')) return undefined
  return branches.some(isOfBodies)
    ? `${piece.source} can print for a body what it prints for none; print a digest of it there, or make the choice in the message itself`
    : `${piece.source} prints it in some requests only; choose there by "when": { "body": true } alone, or make the choice in the message itself`
}

const NOTHING: ReadonlySet<string> = new Set()

function boundByKey({ branches }: CompiledText, judged: readonly JudgedBranch[], facts: JudgeFacts): ReadonlySet<string> {
  return new Set(
    judged.flatMap(({ bound }, i) => {
      const byMessage = boundBy(branches[i]?.pieces ?? [], facts)
      return [...bound].filter((name) => !byMessage.has(name))
    }),
  )
}

/**
 * Why two different requests can print the same in a text that stands for parts of them: a key, or what a field is recomputed from.
 * Where the message itself holds all of these parts too, they are told apart by it.
 */
function alikeIn(
  texts: readonly CompiledText[],
  signed: ReadonlySet<string>,
  facts: JudgeFacts,
  guards: Guard[],
  where: string,
): string | undefined {
  for (const { branches } of texts) {
    for (const { pieces } of branches) {
      if (pieces.flatMap(partsOf).every((name) => signed.has(name))) continue
      const alike = judgePieces(pieces, facts, guards, () => undefined)
      if (alike !== undefined) return `${where} ${alike}`
    }
  }
  return undefined
}

type BoundFacts = Pick<JudgeFacts, 'expand' | 'ofBodies' | 'inPath'>

/** Everything that pieces bind, closed over what stands for something else. */
export function boundBy(pieces: readonly FlatPiece[], { expand, ofBodies, inPath = [] }: BoundFacts): Set<string> {
  const bound = new Set<string>()
  const queue = pieces.flatMap((piece) => directly(piece, ofBodies))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (bound.has(next)) continue
    bound.add(next)
    if (PARTLY_BOUND.includes(next)) bound.add(partOf(next))
    if (!next.startsWith(PART)) queue.push(...expand(next))
  }
  // A path is its format with these in it, and the signature, which nobody else can make.
  if (inPath.length > 0 && inPath.every((name) => bound.has(name))) bound.add('path').add(partOf('path'))
  return bound
}

/** Of which a part is enough to tell requests apart; of all else that is signed in part, the rest can be changed. */
const PARTLY_BOUND = ['method', 'path', 'query', 'host', 'keyId']

const PART = 'part-of:'

/** What stands for a part of a thing: it binds nothing that the thing carries, which could be in what is left out. */
function partOf(name: string): string {
  return `${PART}${name}`
}

/** What a piece binds by itself. */
export function directly(piece: FlatPiece, ofBodies: JudgeFacts['ofBodies'] = () => false): string[] {
  if ('literal' in piece) return []
  if ('list' in piece) return [...piece.list.binds]
  const bound = throughPipes(piece, ofBodies)
  const parts = bound.filter((name) => PARTLY_BOUND.includes(name)).map(partOf)
  if (piece.shape.cut === true) return [...bound.filter((name) => name.startsWith(PART)), ...parts]
  return [...bound, ...parts]
}

function throughPipes(piece: Exclude<FlatPiece, { literal: string } | { list: unknown }>, ofBodies: JudgeFacts['ofBodies']): string[] {
  if (piece.through !== undefined) {
    const { branches } = piece.through
    const printed = branches.map(({ pieces }) => withData(pieces.flatMap((inner) => directly(inner, ofBodies))))
    // A request without body has none of the digests that the others print.
    const digests = printed.flat().filter(ofBodies)
    const all = intersection(
      printed.map((names, i) => {
        const none = bodyless(branches, i, piece.shape)
        return none.length === 0 ? names : [...names, ...none, ...digests]
      }),
    )
    return piece.shape.lossy === true ? all.map((name) => (name === 'body' ? 'data' : name)) : all
  }
  if (piece.part.data === true) return [...piece.part.binds, 'data']
  // What is left of a body behind a pipe that loses something is its data: its octets can be others.
  const isData = piece.shape.lossy === true && piece.part.binds.includes('body')
  const members = isData && piece.membersBut !== undefined ? [`json-but:${JSON.stringify(piece.membersBut)}`] : []
  return [...members, ...piece.part.binds.map((name) => (name === 'body' && isData ? 'data' : name))]
}

/** Where the octets of a body are signed its data is, so that branches of which each signs one of the two all sign the data. */
function withData(names: readonly string[]): readonly string[] {
  return names.includes('body') ? [...names, 'data'] : names
}

/**
 * What a branch binds by being that of requests without body: that they have none. What such a request prints is then printed by no
 * request with a body, which has to take another branch.
 */
function bodyless(branches: readonly Branch[], at: number, { lossy }: Shape): readonly string[] {
  const empty = branches.findIndex(isOfBodies) + 1
  if (lossy === true || empty === 0 || at < empty) return []
  return branches.slice(0, empty).every((other) => areApart(branches[at] as Branch, other, NOTHING)) ? ['body', 'data'] : []
}

/** Whether a branch is that of all requests with a body. */
function isOfBodies({ when }: Branch): boolean {
  return when?.body === true && Object.keys(when).length === 1
}

function bindingOf(bound: ReadonlySet<string>): Binding {
  return {
    body: bound.has('body') ? 'octets' : bound.has('data') ? 'data' : 'none',
    method: bound.has(partOf('method')),
    path: bound.has(partOf('path')),
    query: bound.has(partOf('query')) || [...bound].some((name) => name.startsWith('query-but:')),
    timestamp: bound.has('timestamp'),
    nonce: bound.has('nonce'),
    keyId: bound.has(partOf('keyId')),
  }
}

/**
 * Two fingers: from the left while a slot has a width or ends where the next literal begins, from the right likewise. When they
 * meet on one slot at most, the pieces can be told apart again, so no two requests print the same.
 */
function judgePieces(
  pieces: readonly FlatPiece[],
  facts: JudgeFacts,
  guards: Guard[],
  alike: (branches: readonly Branch[]) => string | undefined = branchesAlike,
): string | undefined {
  for (const piece of pieces) {
    if ('list' in piece && piece.list.ambiguous !== undefined) return piece.list.ambiguous
    if ('through' in piece && piece.through !== undefined) {
      const { branches } = piece.through
      const inner = alike(branches) ?? branches.map((b) => judgePieces(b.pieces, facts, guards, alike)).find(Boolean)
      if (inner !== undefined) return inner
    }
  }
  let left = 0
  let right = pieces.length - 1
  while (left <= right && fromLeft(pieces, left)) left += 1
  while (right > left && fromRight(pieces, right)) right -= 1
  while (left < right) {
    const guard = guardFor(pieces, left, facts)
    const last = guard === undefined ? (widthGuard(pieces, right, facts) ?? guardBehind(pieces, right, facts)) : undefined
    if (last !== undefined) {
      guards.push(last)
      right -= 1
      while (right > left && fromRight(pieces, right)) right -= 1
      continue
    }
    if (guard === undefined)
      return `${shown(pieces[left])} runs into ${shown(pieces[left + 1])}; put a separator between that the first cannot hold`
    guards.push(guard)
    left += 1
    while (left <= right && fromLeft(pieces, left)) left += 1
  }
  return undefined
}

function fromRight(pieces: readonly FlatPiece[], at: number): boolean {
  if (isConstant(pieces[at] as FlatPiece)) return true
  const shape = shapeAt(pieces[at] as FlatPiece)
  if (shape.width !== undefined || shape.delimited === true) return true
  const before = pieces[at - 1]
  return before !== undefined && 'literal' in before && shape.kind === 'text' && excludes(shape.alphabet, before.literal.at(-1) as string)
}

function shown(piece: FlatPiece | undefined): string {
  if (piece === undefined) return 'the end'
  if ('literal' in piece) return JSON.stringify(piece.literal)
  return 'list' in piece ? 'a list' : piece.source
}
