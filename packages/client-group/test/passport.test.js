import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, describe, test } from 'node:test'
import { BasicStrategy } from '@countersign/client-group/passport'
import fc from 'fast-check'
import { frameworks } from '../../../test/support/frameworks.js'
import { basic, interleaved, outcomeOf, passported } from '../../../test/support/passport.js'
import { unhandledRejections } from '../../../test/support/promises.js'
import { exchange } from '../../../test/support/raw-http.js'
import { server } from '../../../test/support/verdicts.js'

const { BasicStrategy: Published } = createRequire(import.meta.url)('passport-http')

// The deadlines of the library hold no process open.
const open = setInterval(() => {}, 1000)
after(() => clearInterval(open))

const OURS = ['Basic realm="Users", charset="UTF-8"']
const THEIRS = ['Basic realm="Users"']
const refused = { status: 401, challenges: OURS, verified: [] }
const passed = (...args) => ({ status: 200, challenges: [], verified: [args] })
const theirs = (status, challenges, ...verified) => ({ status, challenges, verified })

/** What was sent, what passport-http makes of it, what the drop-in does; `same` but for the challenge's charset. */
const table = [
  ['a name and a password', { authorization: basic('u:p') }, passed('u', 'p'), 'same'],
  ['UTF-8', { authorization: basic('\u00fc:\u20ac') }, passed('\u00fc', '\u20ac'), 'same'],
  [
    'a wrong password',
    { authorization: basic('u:wrong') },
    theirs(401, THEIRS, ['u', 'wrong']),
    { ...refused, verified: [['u', 'wrong']] },
  ],
  ['the scheme in another case', { authorization: basic('u:p').replace('Basic', 'bAsIc') }, passed('u', 'p'), 'same'],
  ['no field', {}, theirs(401, THEIRS), refused],
  ['an empty field', { authorization: '' }, theirs(401, THEIRS), refused],
  ['another scheme', { authorization: 'Bearer dTpw' }, theirs(401, THEIRS), refused],
  ['an empty name', { authorization: basic(':p') }, theirs(401, THEIRS), refused],
  ['an empty password', { authorization: basic('u:') }, theirs(401, THEIRS), refused],
  ['neither', { authorization: basic(':') }, theirs(401, THEIRS), refused],
  // Defects of passport-http that are gone. P19: everything behind the first colon is the password.
  ['P19: a colon in the password', { authorization: basic('u:p:q') }, passed('u', 'p'), passed('u', 'p:q')],
  ['P19: a colon at its end', { authorization: basic('u:p:') }, passed('u', 'p'), passed('u', 'p:')],
  ['P19: colons alone', { authorization: basic('u::') }, theirs(401, THEIRS), passed('u', ':')],
  ['P19: three colons', { authorization: basic('u:::') }, theirs(401, THEIRS), passed('u', '::')],
  // Refused with a challenge instead of 400 without one (P23).
  ['P23: the scheme alone', { authorization: 'Basic' }, theirs(400, []), refused],
  ['P23: no colon', { authorization: basic('up') }, theirs(400, []), refused],
  ['P23: two spaces', { authorization: basic('u:p').replace(' ', '  ') }, theirs(400, []), refused],
  // No longer taken.
  ['a scheme that holds the word', { authorization: basic('u:p').replace('Basic', 'XBasicY') }, passed('u', 'p'), refused],
  ['something behind the credentials', { authorization: `${basic('u:p')} more` }, passed('u', 'p'), refused],
  ['no padding', { authorization: basic('u:pp').replace('=', '') }, passed('u', 'pp'), refused],
  ['base64url', { authorization: basic('u:?>?>').replace('/', '_') }, passed('u', '?>?>'), refused],
  ['junk among the base64', { authorization: 'Basic d!Tp*w' }, passed('u', 'p'), refused],
  ['bits that are dropped', { authorization: basic('u:pp').replace('A=', 'B=') }, passed('u', 'pp'), refused],
  ['ISO 8859-1', { authorization: basic([0x75, 0x3a, 0xe9]) }, passed('u', '\ufffd'), refused],
  ['ISO 8859-1 that collided with it', { authorization: basic([0x75, 0x3a, 0xe8]) }, passed('u', '\ufffd'), refused],
  ['a control character', { authorization: basic('u:p\u0000') }, passed('u', 'p\u0000'), refused],
  ['a line break', { authorization: basic('u:p\n') }, passed('u', 'p\n'), refused],
  ['P26: the field twice', { authorization: [basic('u:p'), basic('v:p')] }, passed('u', 'p'), refused],
]

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`the drop-in beside passport-http 0.3.0, ${framework}`, async () => {
    for (const [title, headers, published, ours] of table) {
      test(title, async (t) => {
        const calls = []
        const verify = (user, password, verified) => {
          calls.push([user, password])
          verified(null, password === 'wrong' ? false : { id: user })
        }
        for (const [Strategy, wanted] of [
          [Published, published],
          [BasicStrategy, ours === 'same' ? published : ours],
        ]) {
          for (const isInstance of [false, true]) {
            const app = await serve(
              t,
              passported(() => new Strategy(verify), { isInstance }),
            )
            assert.deepEqual(await outcomeOf(app, calls, headers), wanted, Strategy === Published ? 'published' : 'ours')
          }
        }
      })
    }

    for (const isInstance of [false, true]) {
      test(`P21, S25: 500 interleaved requests never swap users, ${isInstance ? 'as an instance' : 'by name'}`, async (t) => {
        const waiting = []
        const verify = async (client, _password, verified) => {
          await new Promise((resolve) => waiting.push(resolve))
          verified(null, client.startsWith('bad') ? false : { id: client })
        }
        const app = await serve(
          t,
          passported(() => new BasicStrategy(verify), { isInstance }),
        )
        const requestOf = (client) => ({ headers: { authorization: basic(`${client}:p`) } })
        await interleaved(app.port, waiting, requestOf, (client, answer) => {
          if (client.startsWith('bad')) assert.equal(answer.status, 401)
          else assert.equal(answer.json()[0].id, client)
        })
      })
    }

    test('passReqToCallback puts the request first, in both', async (t) => {
      for (const Strategy of [Published, BasicStrategy]) {
        const verify = (req, user, password, verified) => verified(null, { id: [req.headers['x-tenant'], user, password].join(' ') })
        const app = await serve(
          t,
          passported(() => new Strategy({ passReqToCallback: true }, verify)),
        )
        const answer = await exchange(app.port, { headers: { authorization: basic('u:p'), 'x-tenant': 'acme' } })
        assert.equal(answer.json()[0].id, 'acme u p')
      }
    })

    test('verify`s own error goes to the error handler as it is, in both', async (t) => {
      const error = Object.assign(new Error('locked out'), { status: 423 })
      for (const Strategy of [Published, BasicStrategy]) {
        const app = await serve(
          t,
          passported(() => new Strategy((_user, _password, verified) => verified(error))),
        )
        assert.equal((await exchange(app.port, { headers: { authorization: basic('u:p') } })).status, 423)
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
        const either = (user, password, verified) => (user === 'bad' ? verify() : verified(null, { id: `${user} ${password}` }))
        const app = await serve(
          t,
          passported(() => new BasicStrategy({ timeoutMs: 20 }, either)),
        )
        assert.equal((await exchange(app.port, { headers: { authorization: basic('bad:p') } })).status, 503)
        assert.equal((await exchange(app.port, { headers: { authorization: basic('good:p') } })).json()[0].id, 'good p')
        assert.deepEqual(unhandled, [])
        assert.equal(app.errors[0].status, 503)
      })
    }

    test('an async verify is awaited, and what comes after its answer changes nothing', async (t) => {
      const verify = async (user, _password, verified) => {
        await new Promise(setImmediate)
        verified(null, user === 'good' && { id: user }, { scope: 'read' })
        verified(null, { id: 'other' })
        verified(new Error('late'))
        throw new Error('later')
      }
      const app = await serve(
        t,
        passported(() => new BasicStrategy(verify)),
      )
      assert.deepEqual((await exchange(app.port, { headers: { authorization: basic('good:p') } })).json()[0], { id: 'good' })
      assert.equal((await exchange(app.port, { headers: { authorization: basic('bad:p') } })).status, 401)
    })

    test('what verify says of a wrong password is not sent', async (t) => {
      const verify = (_user, password, verified) => verified(null, false, `bad password ${password}`)
      const app = await serve(
        t,
        passported(() => new BasicStrategy({ realm: 'a "b" \\c' }, verify)),
      )
      const answer = await exchange(app.port, { headers: { authorization: basic('u:SECRET123') } })
      assert.ok(!JSON.stringify([answer.headers, answer.text]).includes('SECRET123'))
      assert.deepEqual(answer.all('www-authenticate'), ['Basic realm="a \\"b\\" \\\\c", charset="UTF-8"'])
    })
  })
}

describe('the class', () => {
  test('is passport-http`s, by name and by instanceof', () => {
    const strategy = new BasicStrategy(() => {})
    assert.ok(strategy instanceof Published)
    assert.equal(strategy.name, 'basic')
    assert.equal(new BasicStrategy({}, () => {}).name, 'basic')
  })

  for (const [title, args, message] of [
    ['nothing', [], /"verify" must be a function/],
    ['options alone', [{ realm: 'a' }], /"verify" must be a function/],
    ['verify before the options', [() => {}, { realm: 'a' }], /options/],
    ['an unknown option', [{ relm: 'a' }, () => {}], /did you mean "realm"/],
    ['a realm that is no text', [{ realm: 1 }, () => {}], /"realm" must be a string/],
    ['a realm that a field cannot carry', [{ realm: 'a\r\nb' }, () => {}], /"realm" must be printable ASCII/],
    ['passReqToCallback that is no boolean', [{ passReqToCallback: 'yes' }, () => {}], /"passReqToCallback"/],
    ['a timeout that is none', [{ timeoutMs: Number.NaN }, () => {}], /"timeoutMs"/],
  ]) {
    test(`wrong constructor arguments throw at construction: ${title}`, () => {
      assert.throws(() => new BasicStrategy(...args), { name: 'TypeError', message })
    })
  }

  test('the caller`s options stay as they were', () => {
    const options = Object.freeze({ realm: 'a' })
    assert.equal(new BasicStrategy(options, () => {})._challenge(), 'Basic realm="a", charset="UTF-8"')
  })

  test('a request without a message behind it, as in unit tests, is taken at its headers', () => {
    const acts = []
    const strategy = Object.assign(new BasicStrategy((user, password, verified) => verified(null, { id: user + password })), {
      success: (user) => acts.push(user),
      fail: (...args) => acts.push(args),
    })
    strategy.authenticate({ headers: { authorization: basic('u:p') } })
    strategy.authenticate({ headers: {} })
    strategy.authenticate({})
    assert.deepEqual(acts, [{ id: 'up' }, [OURS[0], 401], [OURS[0], 401]])
  })

  test('whatever is sent: nothing is taken that passport-http refuses but for colons, and one text has one spelling', () => {
    const ask = (Strategy, authorization) => {
      let got = 'failed'
      const strategy = Object.assign(
        new Strategy((...args) => {
          got = args.slice(0, 2)
        }),
        { fail: () => {} },
      )
      strategy.authenticate({ headers: { authorization } })
      return got
    }
    const text = fc.array(fc.constantFrom('u', ':', 'p', '\u00e9', '\n', ' ', '\ufffd'), { maxLength: 6 }).map((parts) => parts.join(''))
    const scheme = fc.constantFrom('Basic ', 'basic ', 'Basic  ', 'XBasic ', 'Basic\t', 'Bearer ', '')
    const end = fc.constantFrom('', ' ', '=', ' x', '\t')
    const octets = fc.oneof(text.map((one) => Buffer.from(one)), fc.uint8Array({ maxLength: 6 })) // biome-ignore format: one line
    fc.assert(
      fc.property(scheme, octets, end, (lead, sent, tail) => {
        const authorization = `${lead}${Buffer.from(sent).toString('base64')}${tail}`
        const ours = ask(BasicStrategy, authorization)
        if (ours === 'failed') return
        assert.deepEqual(Buffer.from(ours.join(':')), Buffer.from(sent))
        const published = ask(Published, authorization)
        const [user, password] = ours
        if (published === 'failed') assert.ok(password.startsWith(':'))
        else assert.deepEqual(published, [user, password.split(':')[0]])
      }),
      { numRuns: 2000 },
    )
  })
})
