import { headerValues } from '@countersign/core/base'
import type { Home } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { SchemeRefusal } from '../refusal.js'
import { coveredBy } from '../request/covered.js'
import { combinedHeader } from '../request/header-lines.js'
import type { Reading } from '../request/reading.js'
import { type Dictionary, type InnerList, type Item, isInnerList, writeOctets } from '../request/structured.js'
import { isToken } from '../text/token.js'
import { Captures } from './captured.js'
import type { Format } from './format.js'
import type { CompiledHome } from './home.js'
import { compileParams } from './structured-params.js'

/** What a home in a Dictionary field is compiled with. */
export interface StructuredHome {
  readonly path: string
  /** The role or field that it is the home of. */
  readonly self: string
  readonly format: Format
  readonly problems: Problems
  /** Its definition's strings with the params of the set-up in them. */
  readonly params: (text: string, path: string) => string
  /** Whether its members are lists of components, with the parameters that its format says. */
  readonly components: boolean
}

/**
 * A home in a Dictionary structured field (RFC 9651 section 3.2). With `label` each member of the field is a signature of its own, or
 * what one covers: all that stands under one label is judged together. Without, the value is the whole field, serialized.
 */
export function structuredHome(home: Home, given: StructuredHome): CompiledHome {
  const { path, params, problems } = given
  const header = params(home.dictionary as string, `${path}.dictionary`).toLowerCase()
  if (!isToken(header)) problems.add(`${path}.dictionary`, `"${header}" is no field name`)
  if (home.label === undefined) return wholeField(header, given)
  const label = params(home.label, `${path}.label`)
  if (!/^[a-z*][a-z0-9_.*-]*$/.test(label))
    problems.add(`${path}.label`, `"${label}" is no key of a dictionary: lower-case letters and digits`)
  const common = { phase: 'head', headers: [header], wire: true, several: false, label } as const
  if (given.components) return { ...common, ...listOfComponents(home, header, label, given) }
  if (given.format.plain === undefined) problems.add(`${path}.format`, 'a member of a dictionary is octets: leave the format out')
  const { self } = given
  return {
    ...common,
    format: given.format,
    texts: (reading) => {
      const member = memberOf(reading, header)
      return member === undefined ? [] : [octetsText(member, header, reading)]
    },
    write: (out, captures, rounds) => {
      const text = (rounds[0] ?? captures).get(self)
      if (text !== undefined) out.member(header, label, writeOctets(Buffer.from(text, 'base64')))
    },
  }
}

function wholeField(header: string, { format }: StructuredHome): CompiledHome {
  return {
    phase: 'head',
    format,
    headers: [header],
    wire: true,
    several: format.repeated !== undefined,
    texts: (reading) => {
      const text = combinedHeader(reading.request.rawHeaders, header, ', ')
      return text === undefined ? [] : [text]
    },
    write: (out, captures, rounds) => out.header(header, format.print(rounds[0] ?? captures, rounds)),
  }
}

function listOfComponents(
  home: Home,
  header: string,
  label: string,
  { path, self, problems }: StructuredHome,
): Pick<CompiledHome, 'format' | 'texts' | 'read' | 'write'> {
  const params = compileParams(home.format ?? '', self, `${path}.format`, problems)
  return {
    format: params.format,
    texts: () => [],
    read: (reading) => {
      const member = memberOf(reading, header)
      if (member === undefined) return undefined
      if (!isInnerList(member)) throw malformed(header)
      const captures = new Captures()
      reading.covered = coveredBy(member)
      if (!params.readInto(member, reading.covered, captures)) throw malformed(header)
      return captures
    },
    write: (out, captures) => {
      const text = captures.get(self)
      if (text !== undefined) out.member(header, label, text)
    },
  }
}

function memberOf(reading: Reading, header: string): Item | InnerList | undefined {
  const dictionary: Dictionary | undefined = reading.dictionary(header)
  return reading.label === undefined ? undefined : dictionary?.get(reading.label)
}

/** The octets of a member as base64. A reader of structured fields forgives other spellings (RFC 9651 section 4.2.7); a signature has one. */
function octetsText(member: Item | InnerList, header: string, { request }: Reading): string {
  const [value] = member
  if (!(value instanceof ArrayBuffer)) throw malformed(header)
  const text = Buffer.from(value).toString('base64')
  if (!headerValues(request.rawHeaders, header).some((line) => line.includes(`:${text}:`))) throw malformed(header)
  return text
}

function malformed(header: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `a member of the field ${header} is not of the form of the scheme`)
}
