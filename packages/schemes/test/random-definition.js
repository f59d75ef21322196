/** Definitions at random, each with what its message claims of a request: what two requests of one message have to have in common. */

/** Slots, each with the fact of random-request.js that it stands for; without one where a pipe loses something. */
const OF_REQUEST = [
  ...['{method}', '{path}', '{query}', '{target}', '{host}', '{nonce}', '{timestamp}', '{keyId}', '{x}', '{y}'].map((slot) => [
    slot,
    slot.slice(1, -1),
  ]),
  ...['{query?}', '{query?|prepend:?}', '{query|encode}'].map((slot) => [slot, 'query']),
  ...['{path|encode}', '{path|sha256|hex}', '{path|reverse}'].map((slot) => [slot, 'path']),
  ['{target|utf8|base64url}', 'target'],
  ['{x?}', 'x'],
  ...['', '?', '?|prepend:a=', '?|prepend:x-a:|append:\n', '|trim', '|utf8|hex', '|encode', '|reverse'].map((more) => [
    `{header:x-a${more}}`,
    'header:x-a',
  ]),
  ...['?', '?|prepend:b=|append:;', '?|prepend:x-b:|append:\n'].map((more) => [`{header:x-b${more}}`, 'header:x-b']),
  ...['{query:a}', '{query:a?}', '{query:a?|encode}'].map((slot) => [slot, 'query:a']),
  ...['{query:b?}', '{query:b?|prepend:b=|append:&}'].map((slot) => [slot, 'query:b']),
  ...['{cookie:c}', '{cookie:c?}'].map((slot) => [slot, 'cookie:c']),
  ...['{method|lower}', '{hostname}', '{authority}', '{port}', '{header:x-a?|default:x}', '{header:x-a?|lower}', '{header:x-a|base64url}'],
  ...['{header:x-a?|quote}', '{path|unprefix:/}', '{path|after:/|before:/}', '{path|normalPath}', '{timestamp|time:YYYY-MM-DD}'],
  ...['{body|length}', '{header:x-a|length}'],
].map((slot) => (typeof slot === 'string' ? [slot] : slot))

/** Parts side by side of which the beginning of one tells where the other ends, or whether it is there. */
const ROWS = [
  ...['{header:x-b?|prepend:x-b:|append:\n}', '{header:x-b?|prepend:x-|append:\n}', '{header:x-b?|prepend:b|append:;}'].flatMap((other) =>
    ['', '{query?}', '{path}', 'x-c:', '{nonce}'].map((last) => [
      `{header:x-a?|prepend:x-a:|append:\n}${other}${last}`,
      ['header:x-a', 'header:x-b', ...(/^\{\w+/.test(last) ? [last.replace(/\W/g, '')] : [])],
    ]),
  ),
  ...['{method}', '{keyId}', '{header:x-a}', '{query?}'].map((slot) => [`{lines}${slot}`, ['lines', slot.replace(/[^\w:-]/g, '')]]),
  ['{pairs}{path}', ['pairs', 'path']],
]

const OF_BODY = {
  octets: [
    ...['', '|sha256|hex', '|sha256', '|base64', '|hex', '|md5|base64', '|quote', '|text', '|sha256|base64|encode'].map((more) => [
      `{body${more}}`,
      'body',
    ]),
    ['{digest}', 'body'],
    ['{either}', 'body'],
  ],
  json: [
    ...[
      '|jcs',
      '|stringify',
      '|minify',
      '|stringify|spaced',
      '|stringify|escapeUnicode',
      '|jcs|sha256|hex',
      '|sorted',
      '|sorted:outer|spaced',
    ].map((more) => [`{body${more}}`, 'value']),
    ['{json:/a}', 'json:a'],
    ['{json:/a?}', 'json:a'],
    ['{json:/b?}', 'json:b'],
    ...['{body|without:b}', '{body|without:s|jcs}', '{body|spelt:/a}', '{json:/a|decimals:2}', '{json:/o?}'].map((slot) => [slot]),
    ...['{members}', '{members}', '{members|sha256|hex}'].map((slot) => [slot, 'members']),
  ],
  form: [
    ['{form:a}', 'form:a'],
    ['{form:a?}', 'form:a'],
    ['{form:b?|encode}', 'form:b'],
    ...['{fields}', '{fields}', '{fields|sha256|hex}'].map((slot) => [slot, 'fields']),
    ['{both}'],
  ],
  xml: [
    ['{xml:/x/a}', 'xml:a'],
    ['{xml:/x/b?}', 'xml:b'],
    ['{xml:/x/a|sha256|hex}', 'xml:a'],
    ...['{elements}', '{elements}', '{elements|sha256|hex}'].map((slot) => [slot, 'elements']),
  ],
}

export const KINDS = Object.keys(OF_BODY)

const BETWEEN = ['', '\n', '\n', '\n', '|', '.', ':', '&', '/', '?', '=', ' ', 'a', '\n\n', 'x-b:', '0', '-', '%', ';', 'b=', ',']
const ITEMS = [
  ...['{name}={value}', '{name}{value}', '{name}:{value}\n', '{name}\n{value}\n', '{name}={value};', '{name}{value?|prepend:=}'],
  ...['{name}={value|encode}', '{name|encode}={value|encode}', '{name|quote}:{value|quote}', '{name|length}{name}{value|length}{value}'],
]

/** The lists that a definition may name, each with what of it the message claims in random-request.js. */
const LISTS = {
  pairs: (random) => ({ each: 'query', ...pairOptions(random), ...(random.next() < 0.3 && { decode: false }) }),
  fields: (random) => ({ each: 'form', ...pairOptions(random), ...(random.next() < 0.3 && { decode: false }) }),
  both: (random) => ({ each: ['query', 'form'], ...pairOptions(random) }),
  members: (random) => ({
    ...{ each: 'json', ...pairOptions(random) },
    ...(random.next() < 0.2 && { except: ['b'] }),
    ...(random.next() < 0.2 && { spelt: random.pick([true, 'quoted']) }),
  }),
  elements: (random) => ({ each: 'xml', at: '/x', ...pairOptions(random) }),
  lines: (random) => ({
    ...{ each: 'headers', prefix: 'x-', ...listOptions(random, 'x-a') },
    ...(random.next() < 0.2 && { repeated: ',' }),
    ...(random.next() < 0.2 && { with: { 'x-w': random.pick(['{query:a?}', '{method}', '{query:a?|encode}']) } }),
  }),
}

/** What an entry of its own prints in place of an item: what the list leaves of the value, the message claims. */
const NAMED = [
  '{name}={value}',
  ':{value}',
  '{name}:{value}',
  '{value}',
  '{name}',
  '{name}\n{value}\n',
  '{name}={value}&',
  '-',
  '{name}{method}{value}',
]

function listOptions(random, entry = 'a') {
  return {
    ...(random.next() < 0.2 && { named: { [entry]: random.pick(NAMED) } }),
    item: random.pick(ITEMS),
    join: random.pick(['&', '', '\n', ',', ';']),
    ...(random.next() < 0.5 && { sort: random.pick(['name', 'name-value', 'item']) }),
    ...(random.next() < 0.2 && { skipEmpty: true }),
  }
}

function pairOptions(random) {
  return {
    ...listOptions(random),
    ...(random.next() < 0.5 && { encode: random.pick(['rfc3986', 'form', 'uri']) }),
    ...(random.next() < 0.2 && { before: random.pick(['?', '&', '\n']) }),
    ...(random.next() < 0.15 && { distinct: true }),
  }
}

/** What a choice is made by, and the slot that one of its branches may hold. */
const CONDITIONS = [
  [{ is: { '{header:x-b?}': '' } }, '{header:x-b}', 'header:x-b'],
  [{ is: { '{header:x-a?}': ['1', 'a'] } }, '{header:x-a}'],
  [{ is: { '{query:a?}': '' } }, '{query:a}', 'query:a'],
  [{ is: { '{cookie:c?}': '1' } }, '{cookie:c}'],
  [{ method: ['GET', 'PO'] }, '{header:x-a?}'],
  [{ contentType: 'text/plain' }, '{header:x-b?}'],
  [{ body: true }, '{header:x-a?}'],
]

/** A message of slots, `claims` all that it says of a request. */
function randomMessage(random, kind, more = []) {
  const slots = Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => random.pick(OF_REQUEST))
  for (const slot of [random.pick(OF_BODY[kind]), ...more]) slots.splice(random.below(slots.length + 1), 0, slot)
  const text = slots.map(([slot], i) => `${i === 0 ? random.pick(['', '', 'a', 'v1:']) : random.pick(BETWEEN)}${slot}`).join('')
  return { text: `${text}${random.pick(['', '', '', '\n', '.'])}`, claims: new Set(slots.flatMap(([, claim]) => claim ?? [])) }
}

/** A definition that may compile or not, and what requests of one message have to have in common if it does. */
export function randomDefinition(random, kind) {
  const define = {}
  const more = []
  if (random.next() < 0.25) more.push(random.pick([['{pairs}', 'pairs'], ['{lines}', 'lines'], ...ROWS]))
  if (random.next() < 0.25) more.push(randomChoice(random, define))
  const first = randomMessage(random, kind, more)
  const branches = [first]
  const definition = { name: 'acme', signature: { header: 'x-signature' }, message: first.text }
  if (random.next() < 0.15) {
    const second = randomMessage(random, kind)
    branches.push(second)
    const [when] = random.pick(CONDITIONS)
    definition.message = { choose: [{ when, use: first.text }, { use: second.text }] }
  }
  const printed = JSON.stringify([definition.message, define])
  for (const [name, list] of Object.entries(LISTS)) if (printed.includes(`{${name}`)) define[name] = list(random)
  if (printed.includes('{either}')) define.either = randomEither(random)
  if (Object.keys(define).length > 0) definition.define = define
  place(random, definition, printed)
  const claims = [...first.claims].filter((claim) => branches.every((branch) => branch.claims.has(claim)))
  // What a list prints in one of two branches is for that branch alone to say.
  return { definition, claims: branches.length === 1 ? claims : claims.filter((claim) => LISTS[claim] === undefined) }
}

/** A part that is one of two texts, by what the request carries. */
function randomChoice(random, define) {
  const [when, slot, claim] = random.pick(CONDITIONS)
  const pipe = random.pick(['', '', '|sha256|hex', '|encode', '|utf8|base64', `|length}${slot}`.slice(0, -1)])
  const shown = `${random.pick(['', '', 'v', '1'])}${slot.slice(0, -1)}${pipe}}${random.pick(['', '', '\n'])}`
  const other = random.pick(['', '-', '0', 'x', 'none', '\n', ':'])
  // Where the other text stands for an absent value, the choice says which value it was.
  const says = claim !== undefined
  define.choice = { choose: says ? [{ when, use: other }, { use: shown }] : [{ when, use: random.pick([other, shown]) }, { use: shown }] }
  return ['{choice}', ...(says ? [claim] : [])]
}

function randomEither(random) {
  const use = random.pick(['{body|sha256|hex}', '{body}', '{body|sha256|base64}'])
  return { choose: [{ when: { body: true }, use }, { use: random.pick(['empty', '', '-']) }] }
}

/** Gives each value that the message names a place: beside the signature or in it. */
function place(random, definition, printed) {
  const named = ['nonce', 'timestamp', 'keyId', 'x', 'y'].filter((name) => new RegExp(`\\{${name}[}?|]`).test(printed))
  const inside = named.filter(() => random.next() < 0.35)
  const fields = {}
  for (const name of named) {
    const alone = random.pick([
      { header: `h-${name.toLowerCase()}` },
      { header: `h-${name.toLowerCase()}` },
      { query: `q${name}` },
      { cookie: `k${name}` },
    ])
    const put = inside.includes(name) ? {} : alone
    if (name === 'timestamp') definition.timestamp = { ...put, unit: random.pick(Object.keys(TIMES)) }
    else if (name === 'x' || name === 'y') fields[name] = put
    else if (name === 'nonce' || Object.keys(put).length > 0) definition[name] = put
  }
  if (inside.length > 0) definition.signature = { header: 'x-signature', ...randomFormat(random, [...inside, 'signature']) }
  if (printed.includes('{digest}'))
    fields.digest = { header: 'digest', value: random.pick(['{body|sha256|hex}', 'SHA-256={body|sha256|base64}', '{body|md5|hex}']) }
  if (Object.keys(fields).length > 0) definition.fields = fields
}

function randomFormat(random, names) {
  if (random.next() < 0.7) return { format: names.map((name) => `{${name}}`).join(random.pick([':', '.', '/', ','])) }
  const members = random.pick([',', ';', '; '])
  return { members, format: names.map((name, i) => `${'ktnsu'[i]}={${name}}`).join(members) }
}

/** The units of a time, each with texts of some. */
export const TIMES = {
  seconds: ['1700000000', '1700000001', '01700000000', '170000000'],
  milliseconds: ['1700000000000', '1700000001000'],
  rfc3339: ['2023-11-14T22:13:20Z', '2023-11-14T22:13:20.0Z', '2023-11-14T23:13:20+01:00'],
  'YYYY-MM-DD': ['2023-11-14', '2023-11-15'],
  'float-seconds': ['1700000000', '1700000000.0', '1700000000.5', '1700000001'],
}
