import type { TimeUnit } from '../definition/definition.js'
import { type CompiledPipes, runPipes } from '../pipe/pipes.js'
import type { Shape } from '../text/shape.js'
import { unitOf } from '../time/units.js'

/**
 * Whether a time comes out of its pipes like another one, as behind `remove:1`: whoever puts the one in the place of the other is not
 * noticed then. What loses nothing of some hundred days and seconds, such as `remove:-` of a date, loses nothing of any time of the unit.
 */
export function losesTime({ unit }: Shape, { shape, pipes }: CompiledPipes): boolean {
  if (unit === undefined || shape.lossy !== true || shape.cut === true) return false
  const { print } = unitOf(unit)
  return comeTogether(
    SOME_TIMES.map((ms) => print(ms)),
    pipes,
    true,
  )
}

/**
 * Whether digits inside a longer text, such as a query, come out like other ones, or a time of the scheme that stands there: a time or a
 * digest would be signed in part only. A text that the pipes refuse, because it is not of their form, says nothing.
 *
 * @param units - of the times that a request carries: of some the case of a letter counts
 */
export function losesDigits(input: Shape, { shape, pipes }: CompiledPipes, units: readonly TimeUnit[]): boolean {
  if (input.kind !== 'text' || input.unit !== undefined || shape.lossy !== true || shape.cut === true) return false
  return ['seconds' as const, ...units].some((unit) => {
    const { print } = unitOf(unit)
    return comeTogether(
      SOME_TIMES.map((ms) => `t=${print(ms)}`),
      pipes,
      false,
    )
  })
}

function comeTogether(texts: readonly string[], pipes: CompiledPipes['pipes'], otherwise: boolean): boolean {
  const different = new Set(texts)
  try {
    return new Set([...different].map((text) => String(runPipes(text, pipes, { key: undefined }, true)))).size < different.size
  } catch {
    return otherwise
  }
}

/** A second or a day apart. */
const SOME_TIMES: readonly number[] = [...Array(300).keys()].flatMap((i) =>
  [1, 86_400].map((seconds) => (1_700_000_000 + i * seconds) * 1000),
)
