import type { FlatPiece } from '../template/compiled-text.js'

/** Something that the verifier has to ask of a captured value, so that the message is injective. */
export interface Guard {
  /** The role or field. */
  readonly name: string
  /** Must not hold this character. */
  readonly excludes?: string
  /** Must have the usual length of its unit. */
  readonly width?: number
}

/** Guards that are always kept, and those that are kept where a secret answers to any key id. */
export interface GuardSets {
  readonly guards: readonly Guard[]
  readonly namelessGuards: readonly Guard[]
}

/**
 * The guards of a scheme. One that is declared ambiguous lets key ids hold what separates them where each has a secret of its own: whoever
 * moves a part of the message into a key id, or out of it, names another secret then.
 */
export function guardSets(guards: readonly Guard[], ambiguous: string | undefined): GuardSets {
  if (ambiguous === undefined) return { guards, namelessGuards: [] }
  return { guards: guards.filter((guard) => !isOfKeyId(guard)), namelessGuards: guards.filter(isOfKeyId) }
}

/** Whether a guard asks a key id not to hold a character. */
export function isOfKeyId({ name, excludes }: Guard): boolean {
  return name === 'keyId' && excludes !== undefined
}

/** What a guard has against a value; undefined where it holds. */
export function againstGuard({ name, excludes, width }: Guard, value: string): string | undefined {
  const moves = 'which would move the parts of the signed message'
  if (excludes !== undefined && value.includes(excludes)) return `{${name}} holds ${JSON.stringify(excludes)}, ${moves}`
  return width === undefined || value.length === width ? undefined : `{${name}} has ${value.length} characters and not ${width}, ${moves}`
}

/** What is known of the roles and fields that can be asked for something. */
export interface GuardFacts {
  /** The role or field that a slot prints, when it is one of the scheme's own. */
  readonly own: (piece: FlatPiece) => string | undefined
  /** The usual length of a timestamp, which a guard can ask for. */
  readonly timestampWidth: number | undefined
}

/** A value of our own can be asked not to hold the octet that ends it, or to have its unit's length. */
export function guardFor(pieces: readonly FlatPiece[], at: number, facts: GuardFacts): Guard | undefined {
  const name = facts.own(pieces[at] as FlatPiece)
  if (name === undefined) return undefined
  const width = widthGuard(pieces, at, facts)
  if (width !== undefined) return width
  const next = pieces[at + 1]
  return next !== undefined && 'literal' in next ? without(name, next.literal[0] as string) : undefined
}

/** A character beyond ASCII is several octets, which text of the wire can hold without holding the character. */
function without(name: string, character: string): Guard | undefined {
  return character < '\x80' ? { name, excludes: character } : undefined
}

/** Behind a text a time, nonce or key id can be asked not to hold the last octet of that text: it is then found from the end. */
export function guardBehind(pieces: readonly FlatPiece[], at: number, facts: GuardFacts): Guard | undefined {
  const name = facts.own(pieces[at] as FlatPiece)
  const before = pieces[at - 1]
  const isRole = name === 'nonce' || name === 'keyId' || name === 'timestamp'
  return isRole && before !== undefined && 'literal' in before ? without(name, before.literal.at(-1) as string) : undefined
}

/** A timestamp can be asked to have the usual length of its unit. */
export function widthGuard(pieces: readonly FlatPiece[], at: number, facts: GuardFacts): Guard | undefined {
  const name = facts.own(pieces[at] as FlatPiece)
  return name === 'timestamp' && facts.timestampWidth !== undefined ? { name, width: facts.timestampWidth } : undefined
}
