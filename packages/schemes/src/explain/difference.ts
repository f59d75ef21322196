import type { Difference } from './finding.js'
import { shownOctets } from './shown-text.js'

/** Octets that are shown in front of the first difference, and behind it. */
const BEFORE = 160
const BEHIND = 240
const MARKED_BEFORE = 30
const MARKED_BEHIND = 30

/** What is shown of two strings. */
export interface Shown {
  readonly theirs?: string
  readonly ours: string
  readonly difference?: Difference
}

/** Hides what may not be shown in octets that are about to be. */
export type Mask = (octets: Uint8Array) => Uint8Array

/** Two strings as they are shown: escaped, cut around the first difference, which is marked. */
export function shownPair(theirs: Uint8Array, ours: Uint8Array): Shown {
  const offset = firstDifference(theirs, ours)
  if (offset === undefined) return { ours: windowed(ours, 0) }
  return {
    theirs: windowed(theirs, offset),
    ours: windowed(ours, offset),
    difference: { offset, line: lineOf(ours, offset), marked: marked(theirs, ours, offset) },
  }
}

/** Octets of one string that are shown where there is no other to compare it with. */
const MOST_WHOLE = 2000

/** One string as it is shown: escaped, and cut where it is long. */
export function shownWhole(octets: Uint8Array): string {
  return cut(octets, 0, MOST_WHOLE)
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const least = Math.min(a.length, b.length)
  for (let i = 0; i < least; i += 1) if (a[i] !== b[i]) return characterStart(a, i)
  return a.length === b.length ? undefined : least
}

/** A character of UTF-8 is shown whole. */
function characterStart(octets: Uint8Array, at: number): number {
  let start = at
  while (start > 0 && at - start < 3 && ((octets[start] as number) & 0xc0) === 0x80) start -= 1
  return start
}

function lineOf(octets: Uint8Array, offset: number): number {
  let line = 1
  for (let i = 0; i < offset; i += 1) if (octets[i] === 0x0a) line += 1
  return line
}

function windowed(octets: Uint8Array, offset: number): string {
  return cut(octets, offset - BEFORE, offset + BEHIND)
}

function cut(octets: Uint8Array, from: number, to: number): string {
  const start = characterStart(octets, Math.max(0, Math.min(from, octets.length)))
  const end = to >= octets.length ? octets.length : characterStart(octets, to)
  const front = start > 0 ? `[${start} octets] ` : ''
  const rest = octets.length - end
  return front + shownOctets(octets.subarray(start, end)) + (rest > 0 ? ` [${rest} octets]` : '')
}

function marked(theirs: Uint8Array, ours: Uint8Array, offset: number): string {
  const start = characterStart(ours, Math.max(0, offset - MARKED_BEFORE))
  const front = `${start > 0 ? '...' : ''}${shownOctets(ours.subarray(start, offset))}`
  const tail = (octets: Uint8Array) => {
    const end = offset + MARKED_BEHIND >= octets.length ? octets.length : characterStart(octets, offset + MARKED_BEHIND)
    return shownOctets(octets.subarray(offset, end)) + (end < octets.length ? '...' : '')
  }
  return `theirs: ${front}${tail(theirs)}\nours:   ${front}${tail(ours)}\n        ${' '.repeat([...front].length)}^`
}
