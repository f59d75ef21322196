import { Problems } from '../definition/problems.js'
import { nearestWord } from '../definition/words.js'
import { DERIVATIONS } from '../hash/derivations.js'
import { HASHES } from '../hash/hmac.js'
import { datePattern } from '../time/date-pattern.js'
import { patternMeant } from '../time/other-patterns.js'
import { UNITS } from '../time/units.js'
import {
  anyOfTexts,
  type Check,
  count,
  filled,
  flag,
  home,
  isObject,
  oneOrMore,
  record,
  shape,
  someTexts,
  spelt,
  text,
  texts,
  typeName,
  word,
  yes,
} from './checks.js'

/** What is wrong with the shape of a definition, as it may come from a JSON file: names, types and closed lists of words. */
export function definitionProblems(definition: unknown, factory?: string): Problems {
  const name = isObject(definition) && typeof definition['name'] === 'string' ? definition['name'] : '?'
  const problems = new Problems(name, factory)
  SCHEME(definition, '', problems)
  return problems
}

const HASH = word(Object.keys(HASHES))
const WIRE_HASH: Check = (value, path, problems) => {
  if (typeof value !== 'string' || !value.startsWith('{param:')) HASH(value, path, problems)
}
const HASH_TABLE: Check = (value, path, problems) => {
  record(WIRE_HASH, true)(value, path, problems)
  if (isObject(value) && Object.keys(value).length === 0) problems.add(path, 'is empty; name at least one hash')
}
const POINTER: Check = (value, path, problems) => {
  filled(value, path, problems)
  if (typeof value === 'string' && (!value.startsWith('/') || value.split('*').length > 2))
    problems.add(path, `${JSON.stringify(value)} is no JSON pointer with at most one "*"; it begins with "/"`)
}
const UNIT: Check = (value, path, problems) => {
  if (typeof value !== 'string') return word(Object.keys(UNITS))(value, path, problems)
  if (Object.hasOwn(UNITS, value)) return
  const pattern = value.includes('YY') ? datePattern(value) : ''
  if (typeof pattern !== 'string') return
  const meant = patternMeant(value)
  if (meant !== undefined) return problems.add(path, `the pattern ${JSON.stringify(value)} is written "${meant}" here`)
  if (pattern !== '') return problems.add(path, `${JSON.stringify(value)} ${pattern}`)
  const known = nearestWord(value, Object.keys(UNITS))
  const none = known.includes('did you mean') ? '' : ', and no pattern such as YYYY-MM-DD HH:mm:ss'
  problems.add(path, `unknown word "${value}"${none}${known}`)
}
const WHEN_PARTS = {
  method: spelt(/^[A-Z-]+$/, 'a method in capitals, such as POST'),
  contentType: spelt(/^[^A-Z\s;/]+\/[^A-Z\s;/]+$/, 'a media type in lower case, without parameters'),
  body: flag,
  carries: filled,
}
const IS: Check = (value, path, problems) => {
  record(anyOfTexts, true)(value, path, problems)
  if (isObject(value) && Object.keys(value).length === 0) problems.add(path, 'is empty; name a part, such as "{json:/type}"')
}
const when =
  (parts: Check): Check =>
  (value, path, problems) => {
    parts(value, path, problems)
    if (isObject(value) && Object.keys(value).length === 0) problems.add(path, 'is empty, and so always holds; say what it asks for')
  }
const WHEN = when(shape(WHEN_PARTS))
const BRANCH_WHEN = when(shape({ ...WHEN_PARTS, is: IS }))
const HINT = shape({ header: filled, text: filled, value: filled }, ['header', 'text', 'value'])
const KEY_CHAIN = shape({ chain: texts, by: word(DERIVATIONS), encoding: oneOrMore }, ['chain'])
const KEY: Check = (value, path, problems) => {
  if (!isObject(value) || Object.hasOwn(value, 'chain')) return KEY_CHAIN(value, path, problems)
  problems.add(path, 'is a text, such as "{secret|fromBase64}", or a "chain" of texts, of which each is signed with the key before')
}
const TIME = { toleranceSeconds: count(1, 86_400 * 366), futureSeconds: count(0, 86_400 * 366) }
const NONCE_FORMS = ['base64url', 'hex', 'digits', 'uuid']
const SOURCES = ['query', 'form', 'json', 'xml', 'headers']

const HOME = {
  header: oneOrMore,
  authorization: filled,
  dictionary: filled,
  label: filled,
  query: filled,
  form: filled,
  cookie: filled,
  json: text,
  xml: filled,
  path: filled,
  item: text,
  from: filled,
  format: filled,
  list: filled,
  members: filled,
  wrapped: word(['base64', 'base64url']),
  number: flag,
} as const

const LIST = shape(
  {
    each: (value, path, problems) => {
      for (const entry of [value].flat()) word(SOURCES)(entry, path, problems)
    },
    names: filled,
    prefix: filled,
    at: text,
    flatten: filled,
    only: someTexts,
    except: texts,
    with: (value, path, problems) => record(text, true)(value, path, problems),
    booleans: (value, path, problems) => {
      texts(value, path, problems)
      if (Array.isArray(value) && value.length !== 2) problems.add(path, "must be two texts, for true and for false, such as ['1', '0']")
    },
    spelt: (value, path, problems) => {
      if (value !== 'quoted' && typeof value !== 'boolean') problems.add(path, `must be true, false or "quoted"; got ${typeName(value)}`)
    },
    scalars: flag,
    skipEmpty: flag,
    decode: flag,
    encode: word(['rfc3986', 'form', 'uri']),
    sort: word(['name', 'name-any-case', 'name-natural', 'name-value', 'item']),
    distinct: flag,
    merge: filled,
    item: filled,
    join: text,
    before: filled,
    repeated: filled,
    named: (value, path, problems) => record(filled, true)(value, path, problems),
  },
  ['each', 'item', 'join'],
)

const TEXT: Check = (value, path, problems) => {
  if (typeof value === 'string') return
  if (isObject(value) && 'choose' in value) return CHOOSE(value, path, problems)
  if (isObject(value) && 'each' in value) return LIST(value, path, problems)
  problems.add(path, 'must be a template, { choose: [...] } or { each: ... }')
}

const CHOOSE = shape({
  choose: (value, path, problems) => {
    if (!Array.isArray(value) || value.length < 2) return problems.add(path, 'must be a list of at least two branches')
    value.forEach((branch, i) => {
      BRANCH(branch, `${path}[${i}]`, problems)
    })
  },
})

const BRANCH = shape({ when: BRANCH_WHEN, use: TEXT }, ['use'])

const FIELD = home({
  ...HOME,
  value: filled,
  oneOf: someTexts,
  unbound: filled,
  param: filled,
  write: filled,
  when: WHEN,
  unit: (value, path, problems) => (value === 'life' ? undefined : UNIT(value, path, problems)),
  names: filled,
  structured: record(word(['item', 'list', 'dictionary']), true),
  sign: texts,
  mustInclude: texts,
  exactly: texts,
  sort: flag,
  default: text,
})

const HANDSHAKE = shape(
  {
    method: word(['GET', 'POST', 'HEAD']),
    signed: flag,
    when: record(filled, true),
    token: filled,
    challenge: filled,
    learns: filled,
    answer: (value, path, problems) => (value === 'text' ? undefined : ANSWER)?.(value, path, problems),
  },
  ['method'],
)

const ANSWER = shape({ json: record(filled, true), header: filled })

const NAME: Check = (value, path, problems) => {
  if (typeof value !== 'string' || !/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(value))
    problems.add(path, 'must be lower-case words with hyphens, such as my-vendor')
}

const SCHEME: Check = shape(
  {
    name: NAME,
    docs: filled,
    evidence: word(['published', 'sdk', 'documented']),
    algorithm: (value, path, problems) => (typeof value === 'string' ? HASH : HASH_TABLE)(value, path, problems),
    params: record((value, path, problems) => {
      if (value !== null) text(value, path, problems)
    }),
    key: (value, path, problems) => (typeof value === 'string' ? filled : KEY)(value, path, problems),
    signature: home({ ...HOME, encoding: filled, max: count(1, 1000) }),
    timestamp: home({ ...HOME, ...TIME, unit: UNIT, unsent: yes, hint: HINT }, ['unit']),
    nonce: home({ ...HOME, random: count(8, 64), as: word(NONCE_FORMS) }),
    keyId: home(HOME),
    fields: record(FIELD),
    define: record(TEXT),
    message: TEXT,
    scope: shape({ json: POINTER, hold: word(['all']) }, ['json', 'hold']),
    jsonField: filled,
    ambiguous: filled,
    allowUnboundBody: filled,
    insecure: filled,
    construction: word(['hmac', 'hash']),
    handshake: HANDSHAKE,
  },
  ['name', 'signature', 'message'],
)
