import type { TimeUnit } from '../definition/definition.js'

/** What a slot holds: text, whose octets are UTF-8, or octets. */
export type Value = string | Uint8Array

/** What a value is known to be made of; decides what can separate it from its neighbours. */
export type Alphabet =
  | 'any'
  | 'line'
  | 'token'
  | 'capitals'
  | 'letters'
  | 'digits'
  | 'hex'
  | 'base64'
  | 'base64url'
  | 'path'
  | 'query'
  | 'target'
  | 'host'
  | 'unreserved'
  | 'encoded'
  | 'pairName'
  | 'pairValue'

/** The type of a value between two pipes. */
export interface Shape {
  readonly kind: 'text' | 'octets'
  readonly alphabet: Alphabet
  /** The length in octets, where it is the same for every value. */
  readonly width?: number | undefined
  /** Whether different inputs can give the same output. */
  readonly lossy?: boolean
  /** Whether only a part of what went in comes out, so that the rest can be anything. */
  readonly cut?: boolean
  /** Whether it ends by its own grammar: no value is the beginning or the end of another; `forward`: the beginning. */
  readonly delimited?: boolean | 'forward'
  /** The unit of a time that is as it was carried. */
  readonly unit?: TimeUnit
  /** The characters that it can begin with, where it is never empty and they are few. */
  readonly starts?: string
  /** The constant text that it begins with, where it is there. */
  readonly label?: string
  /** What stands behind the label is made of. */
  readonly behind?: Alphabet
}

/** The shape of text. `lossy`: not all of what went in comes out. */
export const text = (alphabet: Alphabet, width?: number, lossy = false): Shape => ({ kind: 'text', alphabet, width, lossy })
/** The shape of octets. `lossy`: not all of what went in comes out. */
export const octets = (width?: number, lossy = false): Shape => ({ kind: 'octets', alphabet: 'any', width, lossy })

/** What is left when something was taken away, wherever it was. */
export const lossy = (input: Shape): Shape => text(input.alphabet, undefined, true)

/** Fewer characters of a digest prove too little: 128 bits of hex. */
const LEAST_OF_DIGEST = 32

/** What is left when only a part of the input comes out; of a value of fixed length, such as a digest, enough may be left. */
export const part = (input: Shape, left = 0): Shape => ({
  ...lossy(input),
  cut: input.width === undefined || left < LEAST_OF_DIGEST,
})
