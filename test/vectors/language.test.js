import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import { unsigned } from './vectors.js'

/** LANGUAGE.md: each example is compiled and holds both ways, every word of the language is in its tables, and no other word is. */
const page = readFileSync(join(import.meta.dirname, '../../packages/schemes/LANGUAGE.md'), 'utf8')
const chapter = (number) => page.split(/^## /m).find((text) => text.startsWith(`${number} `))

const examples = chapter(2)
  .split(/^### /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    definition: JSON.parse(block(text, 'json')),
    setUp: setUpOf(text.match(/^Set-up: (.*)$/m)[1]),
    request: requestOf(block(text, 'http')),
  }))

test('there are ten examples', () => assert.equal(examples.length, 10))

for (const { title, definition, setUp, request } of examples) {
  const { keyId, nonce, ...options } = setUp
  const secret = keyId === undefined ? options.secret : [{ id: keyId, secret: options.secret }]

  test(`example ${title}: compiles, and its request holds`, () => {
    const result = verify(scheme(definition), request, { ...options, secret })
    assert.equal(result.ok, true, result.reason)
  })

  test(`example ${title}: signing gives the request of the page`, () => {
    const own = scheme(definition)
    const bare = unsigned({ request, scheme: own, own: {} })
    const signed = sign(own, bare.request, { ...options, secret, ...(nonce && { nonce }) })
    for (const name of bare.removed) assert.equal(signed.headers[name], request.headers[name], name)
    assert.equal(new URL(request.url).origin + signed.target, request.url)
    assert.equal(Buffer.from(signed.body).toString(), request.body.toString())
  })

  test(`example ${title}: another secret and another body are refused`, () => {
    const own = scheme(definition)
    const other = typeof secret === 'string' ? secret.replace(/0|[A-Z]/, 'B') : [{ id: keyId, secret: 'another-secret-0123' }]
    assert.equal(verify(own, request, { ...options, secret: other }).ok, false)
    const body = Buffer.from(request.body.toString().replace('1000', '1001').replace('10.5', '11.5') || '{}')
    assert.equal(verify(own, { ...request, body }, { ...options, secret }).ok, false)
  })
}

test('the profile of RFC 9421 in chapter 3 prints the signature base of its section 2.5, and holds', () => {
  const own = scheme(JSON.parse(block(chapter(3), 'json')))
  const setUp = { secret: [{ id: 'k1', secret: 'top-secret-key-0123' }], now: () => 1768478400000 }
  const asked = {
    method: 'POST',
    url: 'https://api.example.com/v1/orders?b=2&a=1',
    headers: { 'x-tenant': 't1' },
    body: Buffer.from('{"id":1}'),
  }
  const { headers, message } = sign(own, asked, { ...setUp, sign: ['"@query-param";name="b"'] })
  const digest = `sha-512=:${createHash('sha512').update(asked.body).digest('base64')}:`
  const covered = '("@method" "@path" "@query" "content-digest" "x-tenant" "@query-param";name="b")'
  const params = `${covered};created=1768478400;keyid="k1";alg="hmac-sha256";tag="acme"`
  const base =
    `"@method": POST\n"@path": /v1/orders\n"@query": ?b=2&a=1\n"content-digest": ${digest}\n"x-tenant": t1\n` +
    `"@query-param";name="b": 2\n"@signature-params": ${params}`
  assert.equal(message.toString(), base)
  assert.equal(headers['signature-input'], `acme=${params}`)
  assert.equal(headers.signature, `acme=:${createHmac('sha256', 'top-secret-key-0123').update(base).digest('base64')}:`)
  const received = { ...asked, headers: { ...asked.headers, ...headers } }
  assert.equal(verify(own, received, setUp).ok, true)
  const changed = [
    { method: 'PUT' },
    { url: 'https://api.example.com/v1/orders?b=2&a=2' },
    { url: 'https://api.example.com/v2/orders?b=2&a=1' },
    { body: Buffer.from('{"id":2}') },
    { headers: { ...received.headers, 'x-tenant': 't2' } },
    { headers: { ...received.headers, 'signature-input': headers['signature-input'].replace('tag="acme"', 'tag="other"') } },
  ]
  for (const change of changed) assert.equal(verify(own, { ...received, ...change }, setUp).ok, false, JSON.stringify(change))
})

const acme = { name: 'acme', signature: { header: 'x-s' }, message: '{body}' }

test('every name of the language is in a table of chapter 4, and each name there is one', () => {
  const known = new Set([
    ...namesKnownAt({ ...acme, zzzzzzzz: 1 }, 'zzzzzzzz'),
    ...namesKnownAt({ ...acme, signature: { header: 'x', zzzzzzzz: 1 } }, 'signature.zzzzzzzz'),
    ...namesKnownAt({ ...acme, timestamp: { header: 'x', unit: 'seconds', zzzzzzzz: 1 } }, 'timestamp.zzzzzzzz'),
    ...namesKnownAt({ ...acme, nonce: { header: 'x', zzzzzzzz: 1 } }, 'nonce.zzzzzzzz'),
    ...namesKnownAt({ ...acme, fields: { x: { header: 'x', zzzzzzzz: 1 } } }, 'fields.x.zzzzzzzz'),
    ...namesKnownAt({ ...acme, fields: { x: { header: 'x', when: { zzzzzzzz: 1 } } } }, 'fields.x.when.zzzzzzzz'),
    ...namesKnownAt(
      { ...acme, message: { choose: [{ when: { zzzzzzzz: 1 }, use: 'x' }, { use: 'y' }] } },
      'message.choose[0].when.zzzzzzzz',
    ),
    ...namesKnownAt({ ...acme, message: { each: 'query', item: 'x', join: '', zzzzzzzz: 1 } }, 'message.zzzzzzzz'),
    ...namesKnownAt({ ...acme, message: { choose: [{ use: 'x', zzzzzzzz: 1 }, { use: 'y' }] } }, 'message.choose[0].zzzzzzzz'),
    ...namesKnownAt({ ...acme, scope: { json: '/*', hold: 'all', zzzzzzzz: 1 } }, 'scope.zzzzzzzz'),
    'choose',
  ])
  const listed = tables(chapter(4), ['name'])
  assert.deepEqual([...known].filter((name) => !listed.has(name)).sort(), [], 'not in the tables')
  assert.deepEqual([...listed].filter((name) => !known.has(name)).sort(), [], 'no name of the language')
})

test('every pipe is in the table of pipes, and each pipe there is one', () => {
  const known = wordsKnown({ ...acme, message: '{body|zzzzzzzz}' }, /unknown pipe/)
  const listed = new Set([...tables(chapter(4), ['pipe'])].map((name) => name.replace(/:.*$/, '')))
  assert.deepEqual(known.filter((name) => !listed.has(name)).sort(), [])
  assert.deepEqual([...listed].filter((name) => !known.includes(name)).sort(), [])
})

test('every part is in the table of parts, and each part there is one', () => {
  const own = { timestamp: { header: 't', unit: 'seconds' }, nonce: { header: 'n' }, keyId: { header: 'k' }, algorithm: { a: 'sha256' } }
  const known = wordsKnown({ ...acme, ...own, message: '{zzzzzzzz}' }, /unknown part/).filter((name) => name !== 'signature')
  const listed = new Set(
    [...tables(chapter(4), ['part'])].filter((name) => name.startsWith('{')).map((name) => name.replace(/^\{|[:}].*$/g, '')),
  )
  for (const local of ['name', 'value']) listed.delete(local)
  assert.deepEqual(known.filter((name) => !listed.has(name)).sort(), [])
  assert.deepEqual([...listed].filter((name) => !known.includes(name)).sort(), [])
})

test('every unit, hash, encoding and order is on the page', () => {
  const words = (definition, mark) => wordsKnown({ ...acme, ...definition }, mark)
  const units = words({ timestamp: { header: 'x', unit: 'zzzzzzzz' } }, /timestamp\.unit/)
  assert.deepEqual(units, [...tables(chapter(4), ['unit'])])
  for (const [definition, mark] of [
    [{ algorithm: 'zzzzzzzz' }, /algorithm: unknown word/],
    [{ evidence: 'zzzzzzzz' }, /evidence: unknown word/],
    [{ construction: 'zzzzzzzz' }, /construction: unknown word/],
    [{ nonce: { header: 'x', as: 'zzzzzzzz' } }, /nonce\.as: unknown word/],
    [{ message: { each: 'zzzzzzzz', item: 'x', join: '' } }, /each: unknown word/],
    [{ message: { each: 'query', item: 'x', join: '', sort: 'zzzzzzzz' } }, /sort: unknown word/],
    [{ message: { each: 'query', item: 'x', join: '', encode: 'zzzzzzzz' } }, /encode: unknown word/],
    [{ signature: { header: 'x', wrapped: 'zzzzzzzz' } }, /wrapped: unknown word/],
    [{ key: { chain: ['{secret}'], encoding: 'zzzzzzzz' } }, /key\.encoding: unknown word/],
  ]) {
    const found = words(definition, mark)
    assert.ok(found.length > 0, String(mark))
    for (const word of found) assert.ok(chapter(4).includes(`\`${word}\``) || chapter(4).includes(`"${word}"`), `${word} (${mark})`)
  }
})

test('every template of the recipes and of the reference compiles', () => {
  const templates = [...(chapter(3) + chapter(4)).matchAll(/`([^`\n]*\{[^`\n]*)`/g)].map(([, code]) => code.replaceAll('\\|', '|'))
  const tried = templates.flatMap((code) => pieces(code))
  assert.ok(tried.length > 60, String(tried.length))
  for (const template of tried) assert.deepEqual(wrong(template), [], template)
})

test('the messages of chapter 7 are said', () => {
  const said = [
    { ...acme, message: '{bodi}{body|sha265}{{body}}{body|hex|hex}{method|hex}{body|lower}', zzzzzzzz: 1 },
    { ...acme, message: '{body' },
    { ...acme, message: '<body>' },
    { ...acme, message: 'body}' },
    { ...acme, message: '{body|hex|hex}{body|lower}' },
    { ...acme, timestamp: { unit: 'seconds' } },
    { ...acme, signature: { header: 'x', format: '{x}{signature}', encoding: 'base64|encode' } },
    { ...acme, timestamp: { header: 't', unit: 'seconds' } },
    { ...acme, fields: { x: { header: 'x-x', format: '{y}' }, y: {} } },
    { ...acme, message: { each: 'form', item: '{value}', join: '' } },
    {
      ...acme,
      message: { each: 'headers', names: '{signed}', item: '{name}: {value}', join: '\n' },
      fields: {
        signed: { header: 'x-signed', names: ' ', mustInclude: ['digest?'] },
        digest: { header: 'digest', when: { body: true }, value: '{body|sha256|hex}' },
      },
    },
    { ...acme, message: '{method}' },
    { ...acme, message: '{method}{header:x}{body}' },
    { ...acme, message: { choose: [{ when: { body: true }, use: '{body}' }, { use: '{header:x}' }] } },
    { ...acme, fields: { x: { header: 'x-x', value: '{body|sha256|hex}' } } },
    { ...acme, nonce: { header: 'n' } },
    { ...acme, ambiguous: 'no' },
    { ...acme, evidence: 'no' },
    { ...acme, message: '{d}', define: { d: { choose: [{ when: { method: 'POST' }, use: '{body}' }, { use: '-' }] } } },
    { ...acme, signature: { authorization: 'V2,' } },
    { ...acme, message: 'sha256({body})' },
    { ...acme, message: { each: 'form', booleans: ['1', '0'], item: '{name}{value}', join: '' } },
    {
      ...acme,
      message: { each: 'headers', names: '{signed}', only: ['x'], item: '{name}: {value}', join: '\n' },
      fields: { signed: { header: 'x-signed', names: ' ', mustInclude: ['digest'] } },
    },
  ].flatMap(problemsOf)
  for (const phrase of tables(chapter(7), ['message'])) {
    // What is said of a set-up.
    if (['has no default; give it', 'the secret does not decode as'].includes(phrase)) continue
    assert.ok(
      said.some((line) => line.includes(phrase.replace('captures {x}, which', 'captures {x}, which'))),
      `nothing says: ${phrase}`,
    )
  }
})

function block(text, language) {
  return text.match(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n?\`\`\``))[1]
}

function setUpOf(line) {
  const words = Object.fromEntries([...line.matchAll(/(\w+) `([^`]*)`/g)].map(([, name, value]) => [name, value]))
  const { now, params, ...rest } = words
  return { ...rest, ...(now && { now: () => Number(now) * 1000 }), ...(params && { params: JSON.parse(params) }) }
}

function requestOf(text) {
  const end = text.indexOf('\n\n')
  const [line, ...lines] = (end < 0 ? text : text.slice(0, end)).trimEnd().split('\n')
  const [method, target] = line.split(' ')
  const headers = Object.fromEntries(lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 2)]))
  return { method, url: `https://${headers.host}${target}`, headers, body: Buffer.from(end < 0 ? '' : text.slice(end + 2)) }
}

/** The words in the first column of the tables whose first heading is one of these. */
function tables(text, headings) {
  const words = new Set()
  let counts = false
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) counts = false
    else if (headings.includes(line.split('|')[1].trim())) counts = true
    else if (counts) for (const [, word] of line.split(/(?<!\\)\|/)[1].matchAll(/`([^`]+)`/g)) words.add(word)
  }
  return words
}

function problemsOf(definition) {
  try {
    scheme(definition)
    return []
  } catch (error) {
    assert.equal(error.code, 'ERR_INVALID_ARG_VALUE', error.stack)
    return error.message.split('\n')
  }
}

/** What a message about an unknown word lists. */
function wordsKnown(definition, mark) {
  const line = problemsOf(definition).find((one) => mark.test(one))
  assert.notEqual(line, undefined, String(mark))
  return line
    .slice(line.indexOf('; known are ') + 12)
    .replace(/ in ".*$/, '')
    .split(', ')
}

function namesKnownAt(definition, path) {
  return wordsKnown(definition, new RegExp(`: ${path.replace(/[[\].]/g, '\\$&')}: unknown name`))
}

/** The templates in a piece of code: the code itself, or the texts in it. */
function pieces(code) {
  if (/^[[{]? ?"/.test(code))
    return [...code.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => JSON.parse(`"${text}"`)).filter((text) => text.includes('{'))
  return code.startsWith('\\') || code.includes('NAME') || code.includes('POINTER') || code.includes('part?') || code.includes('...')
    ? []
    : [code]
}

/** What is wrong with a template, beside what only its scheme as a whole can say. */
function wrong(template) {
  const carried = ['claims', 'rest', 'user', 'hash', 'head', 'payload', 'token', 'session', 'order']
  const defined = ['signed', 'all', 'base', 'inner', 'pairs', 'place', 'parameters', 'headText', 'claimsText']
  const fields = Object.fromEntries(carried.map((name) => [name, { header: name }]))
  const define = Object.fromEntries(defined.map((name) => [name, 'x']))
  const context = {
    ...acme,
    params: { region: 'r', clientId: 'c', tokenSecret: 't', passphrase: 'p' },
    timestamp: { header: 't', unit: 'seconds' },
    nonce: { header: 'n' },
    keyId: { header: 'k' },
    algorithm: { a: 'sha256' },
    fields,
    define,
  }
  const list = { ...context, message: { each: 'query', item: template, join: '' } }
  const bad = /unknown part|unknown pipe|takes |needs |names no |is never closed|without "\{"/
  const message =
    template.includes('{name}') || template.includes('{value')
      ? list
      : { ...context, message: template.replaceAll('{signature}', '').replaceAll('{item:/id}', '') }
  // The number of a header, and what a list of RFC 9421 prints, stand in no text of their own.
  return problemsOf(message).filter((line) => bad.test(line) && !/unknown part \{(?:n|component)\}/.test(line))
}
