import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseClientsDocument } from '../dist/clients/clients-document.js'
import { arrayPieces } from '../dist/clients/json-pieces.js'

/** The array's elements by way of the pieces; undefined when no array was found. */
function piecewise(text, pieceOctets) {
  const octets = Buffer.from(text)
  const pieces = arrayPieces(octets, 'clients', pieceOctets)
  const runs = []
  let next = pieces.next()
  for (; next.done !== true; next = pieces.next()) runs.push(octets.toString('utf8', next.value.start, next.value.end))
  return next.value === undefined ? undefined : runs.flatMap((run) => JSON.parse(`[${run}]`))
}

async function parsed(text) {
  const { runs, ...head } = await parseClientsDocument('test', Buffer.from(text))
  return { head, clients: [...runs].flat() }
}

const blank = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '  \n ')
const json = fc.json({ maxDepth: 4 })

/** Texts, how long a run becomes, and the runs; undefined: the text is left to JSON.parse. */
const PIECES = [
  ['{"clients":[1,2,3]}', 0, ['1', '2', '3']],
  ['{"clients":[1,2,3]}', 1, ['1', '2', '3']],
  ['{"clients":[1,2,3]}', 2, ['1,2', '3']],
  ['{"clients":[12,34]}', 1, ['12', '34']],
  ['{"clients":[12,34]}', 3, ['12,34']],
  ['{"clients":[]}', 1, ['']],
  ['{"clients":[{"a":1,"b":[2,3]},[4,5],"x,y",6]}', 1, ['{"a":1,"b":[2,3]}', '[4,5]', '"x,y"', '6']],
  ['{"clients":["a\\",b","\\\\","c"]}', 1, ['"a\\",b"', '"\\\\"', '"c"']],
  ...['1', 'true', '"x"', '"}],"', '"\\"}"', '[]', '{}', '[1,[2,{"c":3}]]', '{"b":{"clients":[9]},"c":[]}', '[{"x":"]"},{}]'].flatMap(
    (value) => [
      [`{"a":${value},"clients":[1,2]}`, 1, ['1', '2']],
      [`{"clients":[1,2],"a":${value}}`, 1, ['1', '2']],
      [`{"a":${value},"b":${value},"clients":[1,2],"c":${value}}`, 1, ['1', '2']],
    ],
  ),
  ...[' ', '\n', '\r', '\t', ' \r\n\t'].map((b) => [
    `${b}{${b}"a"${b}:${b}0${b},${b}"clients"${b}:${b}[1]${b},${b}"c"${b}:${b}0${b}}${b}`,
    1,
    ['1'],
  ]),
  ...[
    '',
    '[1]',
    '7',
    '["clients":[1]]',
    '{}',
    '{"a":1}',
    '{clients:[1]}',
    '{a":1,"clients":[1]}',
    'x{"clients":[1]}',
    '{"clients" [1]}',
    '{"clients"=[1]}',
  ].map((text) => [text, 1]),
  ...['{"clients":{"a":1}}', '{"clients":1}', '{"clients":"[1]"}', '{"a":1 "clients":[1]}', '{"a":{"clients":[1]}}'].map((text) => [
    text,
    1,
  ]),
  ...['{"client\\u0073":[1]}', '{"\\u0061":1,"clients":[1]}', '{"clients', '{"a":"', '{"a":[', '{"a', '{"a\\'].map((text) => [text, 1]),
]

for (const [text, size, wanted] of PIECES) {
  test(`the list in ${JSON.stringify(text)} is ${wanted === undefined ? 'not to be found' : `cut into ${JSON.stringify(wanted)}`}`, () => {
    const octets = Buffer.from(text)
    const pieces = arrayPieces(octets, 'clients', size)
    const runs = []
    let next = pieces.next()
    for (; next.done !== true; next = pieces.next()) runs.push(octets.toString('latin1', next.value.start, next.value.end))
    if (wanted === undefined) assert.equal(next.value, undefined)
    else {
      assert.deepEqual(runs, wanted)
      assert.equal(octets.toString('latin1', next.value.start, next.value.end), wanted.join(','))
    }
  })
}

test('a list that ends too early is found up to the end of the text, and no further', () => {
  for (const text of ['{"clients":[', '{"clients":[1', '{"clients":["a', '{"clients":["a\\', '{"clients":[{"a":[1', '{"clients":[1,']) {
    const octets = Buffer.from(text)
    const [piece, ...others] = arrayPieces(octets, 'clients')
    assert.deepEqual([piece, others], [{ start: 12, end: octets.length }, []], text)
  }
})

test('a list that appears twice is refused by its name', () => {
  for (const text of ['{"clients":[],"clients":[]}', '{"clients":[1],"a":0,"clients":[2]}']) {
    assert.throws(() => piecewise(text, 1), { name: 'SyntaxError', message: 'the member "clients" appears twice' })
  }
})

test('pieces of any JSON are the elements that JSON.parse finds, wherever it is cut', () => {
  const document = fc.record({
    before: fc.array(json, { maxLength: 2 }),
    elements: fc.array(json, { maxLength: 12 }),
    after: json,
    blank,
    size: fc.nat(40),
  })
  fc.assert(
    fc.property(document, ({ before, elements, after, blank: b, size }) => {
      const members = before.map((value, i) => `"m]},${i}"${b}:${b}${value}${b},${b}`).join('')
      const list = elements.map((value) => b + value + b).join(',')
      const text = `${b}{${b}${members}"clients"${b}:${b}[${list}${b}]${b},${b}"after"${b}:${b}${after}${b}}${b}`
      assert.deepEqual(piecewise(text, size), JSON.parse(text).clients)
    }),
    { numRuns: 1000 },
  )
})

test('whatever the text, the document is refused when JSON.parse refuses it, and says the same when not', async () => {
  const scrap = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"clients"',
    '"revision"',
    '1',
    '"a"',
    '"\\""',
    '\\',
    ' ',
    '{}',
    '{"id":"a"}',
    'null',
    '\u00e9',
  )
  const good = fc.constantFrom('{"clients":[', '{"revision":3,"clients":[{"id":"a"},', '{"clients":[{"id":"a"}],')
  const text = fc.oneof(
    fc.array(scrap, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.tuple(good, fc.array(scrap, { maxLength: 6 })).map(([start, rest]) => start + rest.join('')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (input) => {
      let wanted
      try {
        wanted = JSON.parse(input)
      } catch {
        await assert.rejects(parsed(input), SyntaxError, input)
        return
      }
      if (!Array.isArray(wanted?.clients) || Object.keys(wanted).some((name) => name !== 'clients' && name !== 'revision')) return
      if (wanted.revision !== undefined && !Number.isSafeInteger(wanted.revision)) return
      if (input.split('"clients"').length > 2) return
      assert.deepEqual((await parsed(input)).clients, wanted.clients, input)
    }),
    { numRuns: 3000 },
  )
})

test('a long list is cut, and a comma before its end is refused as JSON.parse refuses it', async () => {
  const clients = Array.from({ length: 5000 }, (_, i) => ({ id: `client ${i} }],{["`, groups: ['a', 'b'] }))
  const text = JSON.stringify({ revision: 7, clients })
  const octets = Buffer.from(text)
  assert.ok([...arrayPieces(octets, 'clients')].length > 3)
  const found = await parsed(text)
  assert.deepEqual(found.clients, clients)
  assert.equal(found.head.revision, 7)
  assert.deepEqual((await parsed(JSON.stringify({ clients }, null, 4))).clients, clients)
  for (const broken of [
    text.replace('}]}', '},]}'),
    text.replace('},{', '},,{'),
    text.slice(0, -1),
    text.slice(0, -2),
    `${text}}`,
    `${text} x`,
  ]) {
    await assert.rejects(parsed(broken), SyntaxError)
  }
  await assert.rejects(parsed('{"clients":[{"id":"a"},{"id":"b"}],"clients":[]}'), /appears twice/)
})

test('a name that is spelled with an escape is the name that it spells', async () => {
  const { clients, head } = await parsed('{"revision":2,"client\\u0073":[{"id":"a"},{"id":"b"}]}')
  assert.deepEqual([clients, head.revision], [[{ id: 'a' }, { id: 'b' }], 2])
})

test('a comma before the end of a list that is cut is refused', async () => {
  const long = JSON.stringify({ id: 'a', groups: ['x'.repeat(66_000)] })
  await assert.rejects(parsed(`{"clients":[${long},]}`), { name: 'SyntaxError', message: 'there is a comma before the end of "clients"' })
  assert.equal((await parsed(`{"clients":[${long},{"id":"b"}]}`)).clients.length, 2)
})

test('another document is refused, and no message quotes it', async () => {
  const wrong = [
    '',
    'CANARY',
    '[]',
    'null',
    '"CANARY"',
    '{}',
    '{"clients":{}}',
    '{"clients":[],"secret":"CANARY"}',
    '{"clients":[],"revision":-1}',
    '{"clients":[],"revision":"CANARY"}',
    '{"clients":[],"passwords":"CANARY"}',
    '{"clients":[{"id":"CANARY" "x"}]}',
  ]
  for (const text of wrong) {
    await assert.rejects(
      parsed(text),
      (error) => (error instanceof TypeError || error instanceof SyntaxError) && !error.message.includes('CANARY'),
      text,
    )
  }
  await assert.rejects(parseClientsDocument('test', Buffer.from([0x7b, 0xff, 0x7d])), /not UTF-8/)
})

test('S09: a member named like one of Object.prototype is an unknown member', async () => {
  for (const name of ['__proto__', 'constructor', 'toString']) await assert.rejects(parsed(`{"clients":[],"${name}":{}}`), /is unknown/)
})

test('S19: 1 MiB of brackets, quotes, commas or blanks takes no longer than its length asks for', async () => {
  for (const filler of ['[', '{', '"', ',', ' ', '\\', '{"a":', '"clients":']) {
    const started = performance.now()
    await parsed(`{"clients":[${filler.repeat(1_048_576 / filler.length)}`).catch(() => undefined)
    assert.ok(performance.now() - started < 2000, filler)
  }
})
