import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, describe, test } from 'node:test'
import { HeaderAPIKeyStrategy } from '@countersign/api-key/passport'
import fc from 'fast-check'
import { frameworks } from '../../../test/support/frameworks.js'
import { interleaved, outcomeOf, passported } from '../../../test/support/passport.js'
import { unhandledRejections } from '../../../test/support/promises.js'
import { exchange } from '../../../test/support/raw-http.js'
import { server } from '../../../test/support/verdicts.js'

const { HeaderAPIKeyStrategy: Published } = createRequire(import.meta.url)('passport-headerapikey')

// The deadlines of the library hold no process open.
const open = setInterval(() => {}, 1000)
after(() => clearInterval(open))

const CHALLENGE = 'ApiKey realm="api"'
const refused = { status: 401, challenges: [CHALLENGE], verified: [] }
/** P23: passport-headerapikey fails without a challenge. */
const bare = { status: 401, challenges: [], verified: [] }
const passed = (key) => ({ status: 200, challenges: [], verified: [[key]] })
const prefixed = { header: 'Authorization', prefix: 'Api-Key ' }

/** Where the key is, what was sent, what passport-headerapikey makes of it, what the drop-in does. */
const table = [
  ['a key', undefined, { 'x-api-key': 'abc' }, passed('abc'), 'same'],
  ['no options', null, { 'x-api-key': 'abc' }, passed('abc'), 'same'],
  ['empty options', {}, { 'X-API-KEY': 'abc' }, passed('abc'), 'same'],
  ['empty names', { header: '', prefix: '' }, { 'x-api-key': 'abc' }, passed('abc'), 'same'],
  ['another field', { header: 'X-Other' }, { 'x-other': 'abc' }, passed('abc'), 'same'],
  ['a prefix', prefixed, { authorization: 'Api-Key abc' }, passed('abc'), 'same'],
  ['a space behind the prefix', prefixed, { authorization: 'Api-Key  abc' }, passed(' abc'), 'same'],
  ['a prefix without space', { prefix: 'key-' }, { 'x-api-key': 'key-abc' }, passed('abc'), 'same'],
  ['the prefix twice', prefixed, { authorization: 'Api-Key Api-Key abc' }, passed('Api-Key abc'), 'same'],
  ['octets beyond ASCII', undefined, { 'x-api-key': 'a\u00e9' }, passed('a\u00e9'), 'same'],
  ['a wrong key', undefined, { 'x-api-key': 'wrong' }, { ...bare, verified: [['wrong']] }, { ...refused, verified: [['wrong']] }],
  ['P23: no field', undefined, {}, bare, refused],
  ['P23: an empty field', undefined, { 'x-api-key': '' }, bare, refused],
  ['P23: another prefix', prefixed, { authorization: 'Bearer abc' }, bare, refused],
  // Kept: a drop-in takes nothing that the original refused, be it only the case of the prefix.
  ['the prefix in another case', prefixed, { authorization: 'api-key abc' }, bare, refused],
  // P25: prefixes were read as regular expressions.
  ['P25: parentheses', { prefix: 'Key (v1) ' }, { 'x-api-key': 'Key (v1) abc' }, passed('Key (v1) abc'), passed('abc')],
  ['P25: a plus', { prefix: 'Key+ ' }, { 'x-api-key': 'Key+ abc' }, passed('Key+ abc'), passed('abc')],
  ['P25: a plus that repeats', { prefix: 'Key+ ' }, { 'x-api-key': 'Keyyy abc' }, bare, refused],
  ['P25: a dollar', { prefix: '$' }, { 'x-api-key': '$abc' }, passed('$abc'), passed('abc')],
  ['P25: a dot', { prefix: 'K.y ' }, { 'x-api-key': 'Key abc' }, bare, refused],
  ['P25: a bracket', { prefix: '[k' }, { 'x-api-key': '[kabc' }, { ...bare, status: 500 }, passed('abc')],
  ['P25: an empty key behind its prefix', { prefix: 'Api-Key' }, { 'x-api-key': 'Api-Key' }, passed(''), refused],
  ['P25: a blank key', { prefix: '"' }, { 'x-api-key': '" \u00a0' }, passed(' \u00a0'), refused],
  ['P26: the field twice', undefined, { 'x-api-key': ['one', 'two'] }, passed('one, two'), refused],
  ['P26: Authorization twice', prefixed, { authorization: ['Api-Key one', 'Api-Key two'] }, passed('one'), refused],
  // lodash.get reads a name with dots as a path.
  [
    'a field with a dot that is a path to others',
    { header: 'x-api-key.length' },
    { 'x-api-key': 'abc' },
    { ...bare, status: 500 },
    refused,
  ],
]

for (const framework of frameworks) {
  const serve = server(framework)
  const keyed = async (verify, { passReq = false, options = { timeoutMs: 20 } } = {}, t = undefined) =>
    serve(
      t,
      passported(() => new HeaderAPIKeyStrategy(options, passReq, verify)),
    )

  describe(`the drop-in beside passport-headerapikey 1.2.2, ${framework}`, () => {
    for (const [title, options, headers, published, ours] of table) {
      test(title, async (t) => {
        const calls = []
        const verify = (key, verified) => {
          calls.push([key])
          verified(null, key === 'wrong' ? false : { id: key })
        }
        for (const [Strategy, wanted] of [
          [Published, published],
          [HeaderAPIKeyStrategy, ours === 'same' ? published : ours],
        ]) {
          for (const isInstance of [false, true]) {
            const copy = options && { ...options }
            const app = await serve(
              t,
              passported(() => new Strategy(copy, false, verify), { isInstance }),
            )
            assert.deepEqual(await outcomeOf(app, calls, headers), wanted, Strategy === Published ? 'published' : 'ours')
          }
        }
      })
    }

    for (const isInstance of [false, true]) {
      test(`P21, S25: 500 interleaved requests never swap users, ${isInstance ? 'as an instance' : 'by name'}`, async (t) => {
        const waiting = []
        const verify = async (client, verified) => {
          await new Promise((resolve) => waiting.push(resolve))
          verified(null, client.startsWith('bad') ? false : { id: client })
        }
        const app = await serve(
          t,
          passported(() => new HeaderAPIKeyStrategy(null, false, verify), { isInstance }),
        )
        const requestOf = (client) => ({ headers: { 'x-api-key': client } })
        await interleaved(app.port, waiting, requestOf, (client, answer) => {
          if (client.startsWith('bad')) assert.equal(answer.status, 401)
          else assert.equal(answer.json()[0].id, client)
        })
      })
    }

    test('passReqToCallback puts the request last, and info goes on with a user, in both', async (t) => {
      for (const Strategy of [Published, HeaderAPIKeyStrategy]) {
        const verify = (key, verified, req) => verified(null, { id: `${key} ${req.headers['x-tenant']}` }, { scope: 'read' })
        const app = await serve(
          t,
          passported(() => new Strategy(null, true, verify)),
        )
        const [user, info] = (await exchange(app.port, { headers: { 'x-api-key': 'abc', 'x-tenant': 'acme' } })).json()
        assert.equal(user.id, 'abc acme')
        if (framework.startsWith('express')) assert.deepEqual(info, { scope: 'read' })
      }
    })

    test('without passReqToCallback verify gets two arguments, in both', async (t) => {
      for (const Strategy of [Published, HeaderAPIKeyStrategy]) {
        const app = await serve(
          t,
          passported(() => new Strategy(null, false, (...args) => args[1](null, { id: String(args.length) }))),
        )
        assert.equal((await exchange(app.port, { headers: { 'x-api-key': 'abc' } })).json()[0].id, '2')
      }
    })

    test('verify`s own error goes to the error handler as it is, in both', async (t) => {
      const error = Object.assign(new Error('locked out'), { status: 423 })
      for (const Strategy of [Published, HeaderAPIKeyStrategy]) {
        const app = await serve(
          t,
          passported(() => new Strategy(null, false, (_key, verified) => verified(error))),
        )
        assert.equal((await exchange(app.port, { headers: { 'x-api-key': 'abc' } })).status, 423)
        assert.deepEqual(app.errors, [error])
      }
    })

    for (const [title, verify] of [
      ['throws', () => { throw new Error('down') }], // biome-ignore format: one line
      ['rejects', async () => { throw new Error('down') }], // biome-ignore format: one line
      ['never answers', () => {}],
      ['resolves with a user and never calls back', async () => ({ id: 'u' })],
    ]) {
      test(`P20: a verify that ${title} is 503, and the next request is served`, async (t) => {
        const unhandled = unhandledRejections(t)
        const app = await keyed((key, verified) => (key === 'bad' ? verify() : verified(null, { id: key })), {}, t)
        assert.equal((await exchange(app.port, { headers: { 'x-api-key': 'bad' } })).status, 503)
        assert.equal((await exchange(app.port, { headers: { 'x-api-key': 'good' } })).json()[0].id, 'good')
        assert.deepEqual(unhandled, [])
      })
    }

    for (const info of ['bad key SECRET123', { message: 'SECRET123' }, new Error('SECRET123')]) {
      test(`what verify says of a wrong key is not sent: ${typeof info} ${info.name ?? ''}`, async (t) => {
        const app = await keyed((_key, verified) => verified(null, false, info), {}, t)
        const answer = await exchange(app.port, { headers: { 'x-api-key': 'SECRET123' } })
        assert.deepEqual(answer.all('www-authenticate'), [CHALLENGE])
        assert.ok(!JSON.stringify([answer.headers, answer.text]).includes('SECRET123'))
      })
    }
  })
}

describe('the class', () => {
  const verify = () => {}

  test('is passport-headerapikey`s, by name and by instanceof', () => {
    const strategy = new HeaderAPIKeyStrategy({ header: 'X-Other' }, false, verify)
    assert.ok(strategy instanceof Published)
    assert.equal(strategy.name, 'headerapikey')
    assert.deepEqual(strategy.apiKeyHeader, { header: 'x-other', prefix: '' })
    assert.equal(strategy.verify, verify)
  })

  for (const [title, args, message] of [
    ['nothing', [], /"verify" must be a function/],
    ['options and verify, as in other strategies', [prefixed, verify], /"passReqToCallback" must be true or false/],
    ['verify alone', [verify], /options/],
    ['verify before passReqToCallback', [prefixed, verify, false], /"passReqToCallback"/],
    ['options that are a string', ['X-Api-Key', false, verify], /"options" must be an object/],
    ['an unknown option', [{ head: 'x' }, false, verify], /did you mean "header"/],
    ['a field name that is none', [{ header: 'a b' }, false, verify], /"header" must be the name/],
    ['a field name that is no text', [{ header: ['a'] }, false, verify], /"header" must be a string/],
    ['a prefix that is no text', [{ prefix: /Key/ }, false, verify], /"prefix" must be a string/],
    ['a timeout that is none', [{ timeoutMs: -1 }, false, verify], /"timeoutMs"/],
  ]) {
    test(`wrong constructor arguments throw at construction: ${title}`, () => {
      assert.throws(() => new HeaderAPIKeyStrategy(...args), { name: 'TypeError', message })
    })
  }

  test('the caller`s options stay as they were', () => {
    const options = { header: 'X-Other' }
    new HeaderAPIKeyStrategy(Object.freeze(options), undefined, verify)
    assert.deepEqual(options, { header: 'X-Other' })
    const mutated = { header: 'X-Other' }
    new Published(mutated, false, verify)
    assert.deepEqual(mutated, { header: 'x-other', prefix: '' })
  })

  test('a request without a message behind it, as in unit tests, is taken at its headers', () => {
    const acts = []
    const strategy = Object.assign(new HeaderAPIKeyStrategy(null, false, (key, verified) => verified(null, { id: key })), {
      success: (user) => acts.push(user),
      fail: (...args) => acts.push(args),
    })
    strategy.authenticate({ headers: { 'x-api-key': 'abc' } })
    strategy.authenticate({ headers: {} })
    assert.deepEqual(acts, [{ id: 'abc' }, [CHALLENGE, 401]])
  })

  test('P25: any prefix is literal: what follows it is the key, and nothing without it is one', () => {
    const piece = fc.array(fc.constantFrom('K', '+', '(', '[', '.', '$', ' ', '\\', '*', 'a', '^'), { maxLength: 5 })
    const text = piece.map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, fc.boolean(), (prefix, rest, isPrefixed) => {
        let got
        const strategy = new HeaderAPIKeyStrategy({ prefix }, false, (key) => {
          got = key
        })
        const value = isPrefixed ? prefix + rest : rest
        Object.assign(strategy, { fail: () => {} }).authenticate({ headers: { 'x-api-key': value } })
        if (got === undefined) assert.ok(!value.startsWith(prefix) || value.slice(prefix.length).trim() === '')
        else assert.ok(prefix + got === value && got.trim() !== '')
      }),
      { numRuns: 1000 },
    )
  })
})
