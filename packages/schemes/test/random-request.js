/** Requests at random for a definition at random, each with its facts: what a handler behind the guard reads of it. */
import { createHash } from 'node:crypto'
import { TIMES } from './random-definition.js'

const JSON_VALUES = [
  ...['1', '1.0', 'true', 'false', 'null', '"true"', '""', '{}', '[]', '[1]', '{"a":1}', '"\\u0061"', '10', '1e1', '-0', '0', '"a\\"b"'],
]
const PARAMETERS = ['query:a', 'query:b', 'form:a', 'form:b']
const SIGNATURE = 'a'.repeat(64)
const IN_BODY_NAMES = { json: ['a', 'b', 's', 'o', 'a=', '', 'a&b', '__proto__'], xml: ['a', 'b', 'c', 'aa'] }

/** What the requests for a definition differ in, and what their values are made of: little, and what separates its parts. */
export function varying(definition) {
  const text = JSON.stringify([definition.message, definition.define ?? {}, definition.signature])
  const between = new Set((text.match(/\\n|b=|x-b:|[-.|:&/?= ;0%,]/g) ?? []).map((one) => (one === '\\n' ? '\n' : one)))
  return { pieces: ['a', 'b', '1', ...between], named: Object.keys(NAMED).filter((name) => NAMED[name].test(text)) }
}

/** Values for all that a request carries; `entries` are the members or elements of its body. */
export function randomValues(random, definition, kind, { pieces }) {
  const few = (most) => Array.from({ length: random.below(most + 1) }, () => random.pick(pieces)).join('')
  const values = { host: random.pick(['h', 'h:1', 'i']), method: random.pick(['POST', 'PUT', 'GET', 'PO']) }
  for (const name of ['path', 'nonce', 'keyId', 'x', 'y']) values[name] = few(2)
  for (const name of ['x-a', 'x-b', 'x-c', 'c', ...PARAMETERS]) values[name] = random.next() < 0.7 ? few(3) : undefined
  values.timestamp = random.pick(TIMES[definition.timestamp?.unit ?? 'seconds'])
  for (const name of ['query', 'body']) values[name] = random.next() < 0.25 ? '' : few(3)
  const names = (IN_BODY_NAMES[kind] ?? []).filter((name) => random.next() < (/^[ab]$/.test(name) ? 0.8 : 0.15))
  if (random.next() < 0.5) names.reverse()
  values.entries = names.map((name) => [name, kind === 'json' && random.next() < 0.25 ? random.pick(JSON_VALUES) : JSON.stringify(few(2))])
  values.type = random.pick(TYPES[kind])
  return values
}

const TYPES = {
  octets: [undefined, undefined, 'text/plain', 'application/json'],
  json: ['application/json', 'application/json', undefined, 'text/plain'],
  form: ['application/x-www-form-urlencoded'],
  xml: ['application/xml', 'text/xml'],
}

/** The values of a request with a piece of one moved into another, as somebody does who wants one message of both. */
export function moved(random, values, { pieces, named }) {
  const after = { ...values, entries: values.entries.map((entry) => [...entry]) }
  const carriers = carriersOf(after, named)
  if (carriers.length === 0) return after
  const [from, to] = [random.pick(carriers), random.pick(carriers)]
  const apart = random.pick(['', ...pieces, ...pieces.map((piece) => piece + random.pick(pieces))])
  const text = from.get()
  const other = to.get()
  const cut = apart === '' ? random.below(text.length + 1) : text.indexOf(apart)
  if (from === to || cut < 0 || random.next() < 0.2) return randomlyChanged(random, after, carriers, pieces)
  const [kept, given] =
    random.next() < 0.5 ? [text.slice(0, cut), text.slice(cut + apart.length)] : [text.slice(cut + apart.length), text.slice(0, cut)]
  from.set(kept)
  to.set(random.next() < 0.5 ? given + apart + other : other + apart + given)
  return after
}

function randomlyChanged(random, values, carriers, pieces) {
  const one = random.pick(carriers)
  if (random.next() < 0.3) values.method = random.pick(['POST', 'PUT', 'GET', 'PO'])
  else one.set(random.next() < 0.5 ? one.get() + random.pick(pieces) : '')
  return values
}

/** The texts that a definition signs, by what its parts are written with. */
const NAMED = {
  path: /\{(path|target)/,
  query: /\{(query|target|pairs|both)/,
  'x-a': /:x-a|\{lines/,
  'x-b': /:x-b|\{lines/,
  'x-c': /\{lines/,
  'query:a': /query:a|\{(pairs|both)/,
  'query:b': /query:b|\{(pairs|both)/,
  'form:a': /form:a|\{(fields|both)/,
  'form:b': /form:b|\{(fields|both)/,
  c: /cookie:c/,
  nonce: /\{nonce/,
  keyId: /\{keyId/,
  x: /\{x[}?]/,
  y: /\{y[}?]/,
  body: /\{(body|either|digest|fields|both)/,
}

function carriersOf(values, named) {
  return [
    ...named
      .filter((name) => values[name] !== undefined)
      .map((name) => ({
        get: () => values[name],
        set: (text) => {
          values[name] = text
        },
      })),
    ...values.entries
      .filter(([, source]) => source.startsWith('"'))
      .map((entry) => ({
        get: () => JSON.parse(entry[1]),
        set: (text) => {
          entry[1] = JSON.stringify(text)
        },
      })),
  ]
}

/** The request of these values as the engine takes it, and its facts. */
export function requestOf(random, definition, kind, values) {
  const { text, facts } = BODIES[kind](random, values)
  const query = parameters(random, 'query', values.query, values)
  const headers = [['host', values.host]]
  if (values.type !== undefined) headers.push(['content-type', values.type])
  for (const name of ['x-a', 'x-b', 'x-c']) if (values[name] !== undefined) headers.push([name, ofHeader(values[name])])
  const cookies = values.c === undefined ? [] : [['c', ofCookie(values.c)]]
  carry(definition, values, { headers, query, cookies }, text)
  if (cookies.length > 0) headers.push(['cookie', cookies.map((pair) => pair.join('=')).join('; ')])
  const path = `/${escaped(random, values.path, /[#? \n]/g)}`
  const target = path + (query.length === 0 ? '' : `?${query.join('&')}`)
  const { method } = values
  return {
    view: { method, target, rawHeaders: headers.flat(), secure: true, origin: undefined, namedOrigin: undefined },
    body: Buffer.from(text),
    facts: { ...facts, ...factsOfHead({ method, path, query: query.join('&'), target, headers, cookies }) },
  }
}

const ofHeader = (text) => text.replaceAll('\n', '').trim()
const ofCookie = (text) => ofHeader(text).replaceAll(/[; ,]/g, '')

/** A query or a form: a raw text, and parameters of which the values are known. */
function parameters(random, place, raw, values) {
  const named = ['a', 'b'].map((name) => [name, values[`${place}:${name}`]]).filter(([, value]) => value !== undefined)
  if (random.next() < 0.3) named.reverse()
  const pairs = named.map(([name, value]) => `${name}=${escaped(random, value, /[#?&%+= \n;]/g)}`)
  return [escaped(random, raw, /[#? \n]/g), ...pairs].filter(Boolean)
}

/** Percent-encodes what cannot stand there, and some of what can. */
function escaped(random, text, never) {
  const all = random.next() < 0.1
  return text.replaceAll(all ? /[^\w]/g : never, encodeURIComponent)
}

function factsOfHead({ method, path, query, target, headers, cookies }) {
  const values = new Map(headers)
  const pairs = [...new URLSearchParams(query)]
  const named = (name) => pairs.filter(([known]) => known === name).map(([, value]) => value)
  return {
    ...{ method, path, query, target, host: values.get('host'), pairs },
    'header:x-a': values.get('x-a') ?? '',
    'header:x-b': values.get('x-b') ?? '',
    'query:a': named('a').join('\u0000'),
    'query:b': named('b').join('\u0000'),
    'cookie:c': new Map(cookies).get('c') ?? '',
    lines: headers.filter(([name]) => name.startsWith('x-') && name !== 'x-signature'),
  }
}

/** Puts each value where the definition has its place. */
function carry(definition, values, { headers, query, cookies }, body) {
  const places = { nonce: definition.nonce, keyId: definition.keyId, timestamp: definition.timestamp, ...definition.fields }
  for (const name of ['nonce', 'keyId', 'timestamp', 'x', 'y']) {
    const { header, query: parameter, cookie } = places[name] ?? {}
    if (header !== undefined) headers.push([header, ofHeader(values[name])])
    if (parameter !== undefined) query.push(`${parameter}=${encodeURIComponent(values[name])}`)
    if (cookie !== undefined) cookies.push([cookie, ofCookie(values[name])])
  }
  if (definition.fields?.digest !== undefined) headers.push(['digest', digestOf(definition.fields.digest.value, body)])
  const { format = '{signature}' } = definition.signature
  headers.push(['x-signature', ofHeader(format.replaceAll(/\{(\w+)\}/g, (_, name) => values[name] ?? SIGNATURE))])
}

function digestOf(value, body) {
  return value.replace(/\{body\|(\w+)\|(\w+)\}/, (_, hash, encoding) => createHash(hash).update(body).digest(encoding))
}

const BODIES = {
  octets(_random, { body }) {
    return { text: body, facts: { body } }
  },
  json(random, { entries }) {
    const members = entries.map(([name, source]) => `${JSON.stringify(name)}${random.pick([':', ': '])}${source}`)
    const object = `{${members.join(random.pick([',', ', ']))}}`
    const text = random.next() < 0.03 ? random.pick(['[]', '1', '{"a":1}\n', '{"a":1,"a":2}', '[1,2]']) : object
    const value = JSON.parse(text)
    const named = typeof value === 'object' ? Object.entries(value).map(([name, one]) => [name, textOf(one)]) : []
    return { text, facts: { body: text, value: sorted(value), 'json:a': textOf(value.a), 'json:b': textOf(value.b), members: named } }
  },
  form(random, values) {
    const text = parameters(random, 'form', values.body, values).join('&')
    const fields = [...new URLSearchParams(text)]
    const named = (name) => fields.filter(([known]) => known === name).map(([, value]) => value)
    return { text, facts: { body: text, fields, 'form:a': named('a').join('\u0000'), 'form:b': named('b').join('\u0000') } }
  },
  xml(random, values) {
    const elements = values.entries.map(([name, source]) => [name, JSON.parse(source).trim()])
    const inner = elements.map(([name, text]) => `<${name}>${ofElement(random, text)}</${name}>`).join(random.pick(['', '\n']))
    const named = new Map(elements)
    return { text: `<x>${inner}</x>`, facts: { elements, 'xml:a': named.get('a') ?? '', 'xml:b': named.get('b') ?? '' } }
  },
}

function ofElement(random, text) {
  return random.next() < 0.4 ? `<![CDATA[${text}]]>` : text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** What a member is as text; absent, null and empty are one. */
function textOf(value) {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, sorted(one)])
}
