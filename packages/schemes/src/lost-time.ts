import type { Shape } from './pipe-kit.js'
import { type CompiledPipes, runPipes } from './pipes.js'
import { unitOf } from './units.js'

/**
 * Whether a time comes out of its pipes like another one, as behind `remove:1`: whoever puts the one in the place of the other is not
 * noticed then. What loses nothing of some hundred days and seconds, such as `remove:-` of a date, loses nothing of any time of the unit.
 */
export function losesTime({ unit }: Shape, { shape, pipes }: CompiledPipes): boolean {
  if (unit === undefined || shape.lossy !== true || shape.cut === true) return false
  const { print } = unitOf(unit)
  const times = new Set(SOME_TIMES.map((ms) => print(ms)))
  try {
    return new Set([...times].map((time) => String(runPipes(time, pipes, { key: undefined }, true)))).size < times.size
  } catch {
    return true
  }
}

/** A second or a day apart. */
const SOME_TIMES: readonly number[] = [...Array(300).keys()].flatMap((i) =>
  [1, 86_400].map((seconds) => (1_700_000_000 + i * seconds) * 1000),
)
