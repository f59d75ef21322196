import type { When } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import { nearestWord } from '../definition/words.js'
import type { Reading } from '../request/reading.js'

/** Whether a condition holds for a request. */
export type WhenTest = (reading: Reading) => boolean

/** A condition as a function of the request; all that it names must hold. */
export function compileWhen(when: When, names: Names, path = '', problems?: Problems): WhenTest {
  const methods = listOf(when.method)
  const types = listOf(when.contentType)
  const { carries } = when
  if (carries !== undefined && !names.has(carries))
    problems?.add(`${path}.carries`, `"${carries}" is no role and no field${nearestWord(carries, names.all)}`)
  const index = carries === undefined ? undefined : names.index(carries)
  return (reading) =>
    (methods === undefined || methods.includes(reading.request.method)) &&
    (types === undefined || types.includes(reading.contentType)) &&
    (when.body === undefined || when.body === reading.body.length > 0) &&
    (index === undefined || reading.captured[index] !== undefined)
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value
}
