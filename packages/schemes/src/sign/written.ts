import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { Captures } from '../home/captured.js'
import { readHome } from '../home/homes.js'
import { againstGuard } from '../judge/guards.js'
import { SchemeRefusal } from '../refusal.js'
import { Reading, type RequestView } from '../request/reading.js'
import { unitOf } from '../time/units.js'

/** What a caller of the signer may choose, checked before anything is written. */
export interface Chosen {
  readonly timestamp?: string | undefined
  readonly algorithm?: string | false | undefined
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/**
 * Asks what the caller gave in place of the signer's own to be what a verifier takes.
 *
 * @throws SchemeRefusal that names it
 */
export function checkChosen(scheme: CompiledScheme, { timestamp, algorithm, fields }: Chosen): void {
  const unit = scheme.facts.timestamp?.unit
  if (timestamp !== undefined) {
    if (unit === undefined) throw refused('timestamp is given, and the scheme signs none')
    if (unitOf(unit).read(timestamp) === undefined) throw refused(`timestamp "${timestamp}" is no time in ${unit}`)
  }
  if (typeof algorithm === 'string' && scheme.algorithms?.has(algorithm.toLowerCase()) !== true)
    throw refused(`algorithm "${algorithm}" is none that the scheme lists`)
  if (fields === undefined) return
  const known = scheme.fields.map(({ name }) => name)
  for (const name of Object.keys(fields))
    if (!known.includes(name))
      throw refused(`fields.${name} is unknown; ${known.length === 0 ? 'the scheme has none' : `known are ${known.join(', ')}`}`)
}

/**
 * Asks what was written in front of the body to be read back as it was meant: a value that holds a separator of its format, or a
 * character that its home cannot carry, would be read as another.
 *
 * @throws SchemeRefusal that names what cannot be carried
 */
export function checkWritten(scheme: CompiledScheme, written: Captures, view: RequestView): void {
  let back: Reading | undefined
  for (const { home } of scheme.carried) {
    if (home.phase !== 'head') continue
    back ??= new Reading(view, scheme.names.size, scheme)
    const texts = home.texts(back)
    if (texts.length === 0) continue
    const [found = new Map()] = readHome(home, texts, undefined, 1)
    for (const name of home.format.names) {
      if (found.get(name) !== written.get(name)) throw refused(`{${name}} holds a character that ends it where it is carried`)
    }
  }
  for (const guard of scheme.guards) {
    const value = written.get(guard.name)
    const problem = value === undefined ? undefined : againstGuard(guard, value)
    if (problem !== undefined) throw refused(problem)
  }
}

/**
 * Asks header fields to be ones that a wire can carry (RFC 9110 section 5.5).
 *
 * @throws SchemeRefusal that names the field
 */
export function checkHeaders(headers: ReadonlyMap<string, string>): void {
  for (const [name, value] of headers) {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw refused(`the field ${name} would hold a character that no field can carry`)
  }
}

function refused(problem: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', problem)
}
