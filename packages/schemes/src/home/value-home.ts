import type { Home } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { type Json, pointed, pointerTokens, scalarText } from '../request/json.js'
import type { Reading } from '../request/reading.js'
import { elementPath } from '../request/xml.js'
import { requestPart } from '../template/parts.js'
import type { Format } from './format.js'
import type { CompiledHome } from './home.js'

/** A home in the query, a form field, a cookie, the path, an XML body, a JSON body or an item of one. */
export function valueHome(home: Home, path: string, format: Format, problems: Problems): CompiledHome | undefined {
  const { query, form, cookie } = home
  if (query !== undefined) {
    const write: CompiledHome['write'] = (out, captures, rounds) => out.query(query, format.print(rounds[0] ?? captures, rounds))
    return named('query', query, 'head', format, write)
  }
  if (form !== undefined) {
    const write: CompiledHome['write'] = (out, captures, rounds) => out.form(form, format.print(rounds[0] ?? captures, rounds))
    return named('form', form, 'body', format, write)
  }
  if (cookie !== undefined) {
    const write: CompiledHome['write'] = (out, captures, rounds) => out.cookie(cookie, format.print(rounds[0] ?? captures, rounds))
    return named('cookie', cookie, 'head', format, write)
  }
  if (home.path !== undefined) {
    const write: CompiledHome['write'] = (out, captures, rounds) => out.path(format.print(rounds[0] ?? captures, rounds))
    return single('path', 'head', format, (reading) => reading.path, write)
  }
  return home.xml === undefined ? jsonHome(home, path, format, problems) : xmlHome(home.xml, path, format, problems)
}

function named(
  part: 'query' | 'form' | 'cookie',
  name: string,
  phase: 'head' | 'body',
  format: Format,
  write: CompiledHome['write'],
): CompiledHome | undefined {
  const found = requestPart(part, name)
  if (typeof found !== 'object') return undefined
  const get = (reading: Reading) => (phase === 'body' && !reading.hasForm ? undefined : (found.get(reading) as string | undefined))
  return single(`${part}:${name}`, phase, format, get, write)
}

function xmlHome(xml: string, path: string, format: Format, problems: Problems): CompiledHome | undefined {
  const names = elementPath(xml)
  const found = requestPart('xml', xml)
  if (names === undefined || typeof found !== 'object') {
    problems.add(path, found as string)
    return undefined
  }
  const get = (reading: Reading) => (reading.body.length === 0 ? undefined : (found.get(reading) as string | undefined))
  return single(`xml:${xml}`, 'body', format, get, (out, captures, rounds) => {
    out.xml(names, format.print(rounds[0] ?? captures, rounds))
  })
}

function jsonHome(home: Home, path: string, format: Format, problems: Problems): CompiledHome | undefined {
  const { json, item, number = false } = home
  const pointer = (json ?? item) as string
  const tokens = pointerTokens(pointer)
  if (tokens === undefined) {
    problems.add(path, `${JSON.stringify(pointer)} is no JSON pointer; it begins with "/"`)
    return undefined
  }
  const inBody = (reading: Reading): Json | undefined => (reading.body.length === 0 ? undefined : reading.json)
  const source = item === undefined ? inBody : (reading: Reading) => reading.item
  const get = (reading: Reading) => {
    const value = source(reading)
    return value === undefined ? undefined : scalarText(pointed(value, tokens))
  }
  return single(`${item === undefined ? 'json' : 'item'}:${pointer}`, 'body', format, get, (out, captures, rounds) => {
    const text = format.print(rounds[0] ?? captures, rounds)
    if (item === undefined) out.body(tokens, text, number)
    else out.itemBody(tokens, text, number)
  })
}

function single(
  place: string,
  phase: 'head' | 'body',
  format: Format,
  get: (reading: Reading) => string | undefined,
  write: CompiledHome['write'],
): CompiledHome {
  return {
    phase,
    format,
    headers: [],
    place,
    wire: false,
    several: format.repeated !== undefined,
    texts: (reading) => {
      const value = get(reading)
      return value === undefined ? [] : [value]
    },
    write,
  }
}
