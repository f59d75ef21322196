import type { Field, Home, SchemeDefinition } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { SchemeRefusal } from '../refusal.js'
import { trimBlanks } from '../text/blanks.js'
import type { Shape } from '../text/shape.js'
import { isToken } from '../text/token.js'
import { Captures } from './captured.js'
import { compileFormat, endsWithSeveral, type Format } from './format.js'
import { headerHome } from './header-home.js'
import type { CompiledHome } from './home.js'
import { structuredHome } from './structured-home.js'
import { valueHome } from './value-home.js'

/** Reads `texts` with the format; an element of a `list` that is not of the form is ignored, anything else is refused. */
export function readHome(home: CompiledHome, texts: readonly string[], list: string | undefined, max: number): readonly Captures[] {
  const found: Captures[] = []
  for (const text of texts) {
    if (list === undefined) {
      if (!readElement(home, text, found)) throw notOfTheForm(home, text)
      continue
    }
    const elements = text.split(list)
    if (elements.length > MAX_ELEMENTS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_ELEMENTS} elements`)
    for (const element of elements) readElement(home, trimBlanks(element), found)
  }
  if (found.length > max) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${max} signatures`)
  return found
}

/** Adds what one text captures, of each signature in it; false when it is not of the form. */
function readElement({ format }: CompiledHome, text: string, found: Captures[]): boolean {
  const captures = new Captures()
  const several: Captures[] = []
  if (!format.read(text, captures, several)) return false
  if (several.length === 0) found.push(captures)
  for (const one of several) {
    one.addAll(captures)
    found.push(one)
  }
  return true
}

/** More elements than any list has. */
export const MAX_ELEMENTS = 128

/** What a text is refused with that is not of the form of its home. */
export function notOfTheForm(home: CompiledHome, text: string): SchemeRefusal {
  const where = home.headers.length > 0 ? `the field ${home.headers[0]}` : 'what carries it'
  const elsewhere = home.format.names.includes('signature') ? sharedField(home) : undefined
  const why = /[\n\r\0]/.test(text) ? ': it holds a line break, which a captured value cannot; name the part itself in the message' : ''
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `${where} is not of the form of the scheme${why}`, { elsewhere })
}

/** The header field of a signature, where it is one, and no auth-scheme in front says whose the value is. */
export function sharedField({ headers }: CompiledHome): string | undefined {
  return headers.length === 1 && headers[0] !== 'authorization' ? headers[0] : undefined
}

/** Where something can be carried. */
export const PLACES = ['header', 'authorization', 'dictionary', 'query', 'form', 'cookie', 'json', 'xml', 'item', 'path', 'from'] as const

/** Compiles a home; undefined when the definition names no place for it (another home's format captures it then). */
export function compileHome(
  written: Home,
  path: string,
  self: string,
  shapeOf: (name: string) => Shape,
  params: (text: string, path: string) => string,
  problems: Problems,
): CompiledHome | undefined {
  const places = PLACES.filter((place) => written[place] !== undefined)
  if (places.length > 1) problems.add(path, `${places.join(' and ')}: it has one place`)
  if (places.length !== 1 || written.from !== undefined) return undefined
  const source = sourceOf(written, path, self, params)
  const { home, between } = withoutList(written, source)
  const { list } = written
  if (list !== undefined && source.includes(list))
    problems.add(`${path}.list`, `the separator ${JSON.stringify(list)} stands in the format too, so that the list cannot be read`)
  if (home.dictionary !== undefined) {
    const components = (home as Field).names === 'components'
    const format = compileFormat(components ? `{${self}}` : source, `${path}.format`, shapeOf, problems)
    return structuredHome(home, { path, self, format, problems, params, components })
  }
  const authorization = splitWord(home, source, params, path)
  const inner = compileFormat(authorization?.rest ?? source, `${path}.format`, shapeOf, problems, home.members, between)
  const format = wrappedFormat(home, inner)
  if (authorization !== undefined) {
    if (!isToken(authorization.word))
      problems.add(`${path}.authorization`, `${JSON.stringify(authorization.word)} is no auth-scheme; ${asHeader(source)}`)
    return authorizationHome(authorization.word, format, home.list)
  }
  if (home.header !== undefined) return headerHome(home, params, path, format, problems)
  return valueHome(home, path, format, problems)
}

/** The format of a home alone. */
export function compileFormatOf(
  home: Home,
  path: string,
  self: string,
  shapeOf: (name: string) => Shape,
  params: (text: string, path: string) => string,
  problems: Problems,
): Format {
  const source = sourceOf(home, path, self, params)
  const { between } = withoutList(home, source)
  return wrappedFormat(home, compileFormat(source, `${path}.format`, shapeOf, problems, home.members, between))
}

/** Where a format ends with several signatures, the list is of these, and what carries them is one. */
function withoutList(home: Home, source: string): { readonly home: Home; readonly between: string | undefined } {
  if (home.list === undefined || home.members !== undefined || !endsWithSeveral(source)) return { home, between: undefined }
  const { list: between, ...rest } = home
  return { home: rest, between }
}

/** What stands between the elements of a home that is a list; undefined where it is none. */
export function listOf(home: Home): string | undefined {
  return withoutList(home, home.format ?? '').home.list
}

function sourceOf(home: Home, path: string, self: string, params: (text: string, path: string) => string): string {
  const format = home.path ?? home.format
  return format === undefined ? `{${self}}` : params(format, `${path}.format`)
}

/** A format whose text is encoded as a whole. Only the one spelling that the encoder writes is read. */
function wrappedFormat({ wrapped }: Home, inner: Format): Format {
  if (wrapped === undefined) return inner
  return {
    ...inner,
    plain: undefined,
    inner: undefined,
    sole: undefined,
    read: (text, into, several) => {
      const octets = Buffer.from(text, wrapped)
      return octets.toString(wrapped) === text && inner.read(octets.toString('latin1'), into, several)
    },
    print: (from, several) => Buffer.from(inner.print(from, several), 'latin1').toString(wrapped),
  }
}

/** An Authorization home, also where it was written as a header whose format begins with the auth-scheme. */
function splitWord(
  home: Home,
  source: string,
  params: (text: string, path: string) => string,
  path: string,
): { word: string; rest: string } | undefined {
  if (home.authorization !== undefined) return { word: params(home.authorization, path), rest: source }
  if (typeof home.header !== 'string' || home.header.toLowerCase() !== 'authorization') return undefined
  const word = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+) +/.exec(source)
  return word === null ? undefined : { word: word[1] as string, rest: source.slice(word[0].length) }
}

function asHeader(source: string): string {
  return `write the whole text: "header": "authorization", "format": ${JSON.stringify(`... ${source}`)}`
}

function authorizationHome(word: string, format: Format, list: string | undefined): CompiledHome {
  const lower = word.toLowerCase()
  return {
    phase: 'head',
    format,
    headers: ['authorization'],
    wire: true,
    several: format.repeated !== undefined || list !== undefined,
    texts: (reading) => {
      const value = reading.header('authorization')
      if (value === undefined) return []
      const space = value.indexOf(' ')
      if (space < 0 || value.slice(0, space).toLowerCase() !== lower) return []
      return [trimBlanks(value.slice(space))]
    },
    write: (out, captures, rounds) => {
      const once = list === undefined ? rounds.slice(0, 1) : rounds
      const texts = format.repeated === undefined ? once.map((one) => format.print(one, [])) : [format.print(captures, rounds)]
      out.header('authorization', `${word} ${texts.join(list)}`)
    },
  }
}

/** Whether the elements of a list may differ in more than each signature has of its own. */
export function isJudgedApart({ signature }: SchemeDefinition, home: CompiledHome | undefined): boolean {
  return listOf(signature) !== undefined && home?.phase === 'head' && !home.format.names.every(isOfOneSignature)
}

/** Whether each signature of a list has its own. */
export function isOfOneSignature(name: string): boolean {
  return name === 'signature' || name === 'keyId'
}
