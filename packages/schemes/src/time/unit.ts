import type { Alphabet } from '../text/shape.js'

/** How a time is written. */
export interface Unit {
  /** Milliseconds since the epoch; undefined when the text is not exactly of the unit's form. */
  readonly read: (text: string) => number | undefined
  readonly print: (ms: number) => string
  readonly alphabet: Alphabet
  /** The length of every text of it; undefined where they differ. */
  readonly width: number | undefined
  /** The length that is only usual: where a message relies on it, others are refused. */
  readonly usual?: number
  /** Whether no text of the unit is the beginning or the end of another. */
  readonly delimited?: boolean
  /** How far its zone is ahead of UTC, milliseconds. */
  readonly ahead?: number
}
