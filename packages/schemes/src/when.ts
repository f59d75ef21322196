import type { When } from './definition.js'
import type { Reading } from './reading.js'

export type WhenTest = (reading: Reading) => boolean

/** A condition as a function of the request; all that it names must hold. */
export function compileWhen(when: When): WhenTest {
  const methods = listOf(when.method)
  const types = listOf(when.contentType)
  return (reading) =>
    (methods === undefined || methods.includes(reading.request.method)) &&
    (types === undefined || types.includes(reading.contentType)) &&
    (when.body === undefined || when.body === reading.body.length > 0)
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value
}
