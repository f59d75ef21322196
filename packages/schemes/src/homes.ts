import { headerValues } from '@countersign/core'
import type { Home } from './definition.js'
import { type Captures, compileFormat, type Format } from './format.js'
import { type Json, pointed, pointerTokens, scalarText } from './json.js'
import { requestPart } from './parts.js'
import { type Shape, trimBlanks } from './pipes.js'
import type { Problems } from './problems.js'
import type { Reading } from './reading.js'
import { SchemeRefusal } from './refusal.js'

/** What the signer writes a home into. */
export interface Outgoing {
  readonly headers: Map<string, string>
  query(name: string, value: string): void
  body(pointer: readonly string[], value: string): void
  /** Like body, inside the item that is being signed. */
  itemBody(pointer: readonly string[], value: string): void
}

/** Where something is carried, both ways. */
export interface CompiledHome {
  /** Whether it can be read before the body is. */
  readonly phase: 'head' | 'body'
  readonly format: Format
  /** The header fields that it stands in, lower case. */
  readonly headers: readonly string[]
  /** Whether one request can carry several. */
  readonly several: boolean
  /** Whether its text stands for the octets of the wire one by one. */
  readonly wire: boolean
  /** The texts that are there, in order; none when absent. A repeated field is refused. */
  readonly texts: (reading: Reading) => readonly string[]
  readonly write: (out: Outgoing, captures: Captures, several: readonly Captures[]) => void
}

/** Reads `texts` with the format; an element of a `list` that is not of the form is ignored, anything else is refused. */
export function readHome(home: CompiledHome, texts: readonly string[], list: string | undefined, max: number): readonly Captures[] {
  const found: Captures[] = []
  for (const text of texts) {
    const elements = list === undefined ? [text] : text.split(list)
    if (elements.length > MAX_ELEMENTS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_ELEMENTS} elements`)
    for (const element of elements) {
      const captures: Captures = new Map()
      const several: Captures[] = []
      const fits = home.format.read(list === undefined ? element : trimBlanks(element), captures, several)
      if (!fits && list === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `${where(home)} is not of the form of the scheme`)
      if (!fits) continue
      if (several.length === 0) found.push(captures)
      for (const one of several) found.push(new Map([...captures, ...one]))
    }
  }
  if (found.length > max) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${max} signatures`)
  return found
}

const MAX_ELEMENTS = 128

function where(home: CompiledHome): string {
  return home.headers.length > 0 ? `the field ${home.headers[0]}` : 'what carries it'
}

const PLACES = ['header', 'authorization', 'query', 'form', 'json', 'item'] as const

/** Compiles a home; undefined when the definition names no place for it (another home's format captures it then). */
export function compileHome(
  home: Home,
  path: string,
  self: string,
  shapeOf: (name: string) => Shape,
  params: (text: string, path: string) => string,
  problems: Problems,
): CompiledHome | undefined {
  const places = PLACES.filter((place) => home[place] !== undefined)
  if (places.length === 0) return undefined
  if (places.length > 1) {
    problems.add(path, `${places.join(' and ')}: it has one place`)
    return undefined
  }
  const source = home.format === undefined ? `{${self}}` : params(home.format, `${path}.format`)
  const members = home.members
  if (home.list !== undefined && source.includes(home.list)) {
    problems.add(`${path}.list`, `the separator ${JSON.stringify(home.list)} stands in the format too, so that the list cannot be read`)
  }
  const authorization = splitWord(home, source, params, path)
  const format = compileFormat(authorization?.rest ?? source, `${path}.format`, shapeOf, problems, members)
  if (authorization !== undefined) return authorizationHome(authorization.word, format)
  if (home.header !== undefined) return headerHome(home, params, path, format)
  return valueHome(home, path, format, problems)
}

/** An Authorization home, also where it was written as a header whose format begins with the auth-scheme. */
function splitWord(home: Home, source: string, params: (text: string, path: string) => string, path: string): { word: string; rest: string } | undefined {
  if (home.authorization !== undefined) return { word: params(home.authorization, path), rest: source }
  if (typeof home.header !== 'string' || home.header.toLowerCase() !== 'authorization') return undefined
  const word = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+) +/.exec(source)
  return word === null ? undefined : { word: word[1] as string, rest: source.slice(word[0].length) }
}

function authorizationHome(word: string, format: Format): CompiledHome {
  const lower = word.toLowerCase()
  return {
    phase: 'head',
    format,
    headers: ['authorization'],
    wire: true,
    several: format.repeated !== undefined,
    texts: (reading) => {
      const value = reading.header('authorization')
      if (value === undefined) return []
      const space = value.indexOf(' ')
      if (space < 0 || value.slice(0, space).toLowerCase() !== lower) return []
      return [trimBlanks(value.slice(space))]
    },
    write: (out, captures, several) => out.headers.set('authorization', `${word} ${format.print(captures, several)}`),
  }
}

function headerHome(home: Home, params: (text: string, path: string) => string, path: string, format: Format): CompiledHome {
  const names = [home.header as string | readonly string[]].flat().map((name) => params(name, path).toLowerCase())
  const [first] = names
  const numbered = names.length === 1 && first !== undefined && first.endsWith('{n}') ? first.slice(0, -3) : undefined
  const { list } = home
  const bare = first === 'authorization'
  const texts = (reading: Reading): readonly string[] => {
    if (numbered !== undefined) return numberedValues(reading, numbered)
    if (list !== undefined) return names.flatMap((name) => headerValues(reading.request.rawHeaders, name))
    const values: string[] = []
    for (const name of names) {
      const value = reading.header(name)
      // RFC 9110 section 11.4: a word and a space before anything else name another auth-scheme.
      if (value !== undefined && !(bare && otherScheme(value))) values.push(value)
    }
    return values
  }
  const several = numbered !== undefined || names.length > 1 || list !== undefined || format.repeated !== undefined
  const write = (out: Outgoing, captures: Captures, rounds: readonly Captures[]) => {
    if (format.repeated !== undefined) out.headers.set(first as string, format.print(captures, rounds))
    else if (numbered !== undefined) rounds.forEach((one, i) => out.headers.set(`${numbered}${i + 1}`, format.print(one, [])))
    else if (list !== undefined) out.headers.set(first as string, rounds.map((one) => format.print(one, [])).join(list))
    else rounds.slice(0, names.length).forEach((one, i) => out.headers.set(names[i] as string, format.print(one, [])))
  }
  return { phase: 'head', format, headers: numbered === undefined ? names : [], wire: true, several, texts, write }
}

function otherScheme(value: string): boolean {
  const space = value.indexOf(' ')
  const colon = value.indexOf(':')
  return space > 0 && (colon < 0 || space < colon)
}

/** The values of `prefix1`, `prefix2` ... in the order of their numbers; each may stand once. */
function numberedValues(reading: Reading, prefix: string): readonly string[] {
  const found = new Map<number, string>()
  const { rawHeaders } = reading.request
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!name.startsWith(prefix) || !/^[1-9][0-9]{0,3}$/.test(name.slice(prefix.length))) continue
    const number = Number(name.slice(prefix.length))
    if (found.has(number)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${name} stands more than once`)
    found.set(number, rawHeaders[i + 1] as string)
  }
  return [...found].sort((a, b) => a[0] - b[0]).map(([, value]) => value)
}

function valueHome(home: Home, path: string, format: Format, problems: Problems): CompiledHome | undefined {
  const { query, form, json, item } = home
  const single = (phase: 'head' | 'body', get: (reading: Reading) => string | undefined, write: CompiledHome['write']): CompiledHome => ({
    phase,
    format,
    headers: [],
    wire: false,
    several: format.repeated !== undefined,
    texts: (reading) => {
      const value = get(reading)
      return value === undefined ? [] : [value]
    },
    write,
  })
  const unwritable = () => {
    throw new TypeError(`a form body is signed by whoever builds it: ${path} cannot be written into it`)
  }
  if (query !== undefined) {
    const part = requestPart('query', query)
    if (typeof part !== 'object') return undefined
    return single('head', (reading) => part.get(reading) as string | undefined, (out, captures, rounds) => out.query(query, format.print(rounds[0] ?? captures, rounds)))
  }
  if (form !== undefined) {
    const part = requestPart('form', form)
    if (typeof part !== 'object') return undefined
    return single('body', (reading) => part.get(reading) as string | undefined, unwritable)
  }
  const tokens = pointerTokens((json ?? item) as string)
  if (tokens === undefined) {
    problems.add(path, `${JSON.stringify(json ?? item)} is no JSON pointer; it begins with "/"`)
    return undefined
  }
  const source = (reading: Reading): Json | undefined => (item === undefined ? (reading.body.length === 0 ? undefined : reading.json) : reading.item)
  return single(
    'body',
    (reading) => {
      const value = source(reading)
      return value === undefined ? undefined : scalarText(pointed(value, tokens))
    },
    (out, captures, rounds) => {
      const text = format.print(rounds[0] ?? captures, rounds)
      if (item === undefined) out.body(tokens, text)
      else out.itemBody(tokens, text)
    },
  )
}
