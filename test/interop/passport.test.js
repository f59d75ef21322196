import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { absent, allOf, anonymous, anyOf, granted } from '@countersign/core'
import { fromPassport } from '@countersign/core/passport'
import { without } from '../support/components.js'
import { frameworks } from '../support/frameworks.js'
import { basic, interleaved } from '../support/passport.js'
import { unhandledRejections } from '../support/promises.js'
import { exchange, turns } from '../support/raw-http.js'
import { answering, keyed, server, who } from '../support/verdicts.js'

const require = createRequire(import.meta.url)
const { BasicStrategy, DigestStrategy } = require('passport-http')
const { Strategy: BearerStrategy } = require('passport-http-bearer')
const { HeaderAPIKeyStrategy } = require('passport-headerapikey')

const passwords = new Map([
  ['alice', 'correct horse'],
  ['bob', 'p'],
])

/** passport-http's Digest over the passwords, as its documentation has it. */
function digest(validate) {
  const secret = (username, done) => (passwords.has(username) ? done(null, { username }, passwords.get(username)) : done(null, false))
  return new DigestStrategy({ qop: 'auth', realm: 'api' }, secret, validate)
}

async function curl(...args) {
  const child = spawn('curl', ['--silent', '--show-error', '--noproxy', '*', '--max-time', '20', '--write-out', '\n%{http_code}', ...args])
  const chunks = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  await once(child, 'close')
  const lines = Buffer.concat(chunks).toString().split('\n')
  return { status: Number(lines.at(-1)), text: lines.slice(0, -1).join('\n') }
}

for (const framework of frameworks) {
  const serve = server(framework)
  const guardedBy = (authenticator, more = {}) => ({ guard: ({ protect }) => protect(authenticator), ...more })

  describe(`fromPassport with published strategies, ${framework}`, () => {
    for (const [title, setup, prefix] of [
      ['', {}, ''],
      [', mounted (P10)', { mount: '/api' }, '/api'],
    ]) {
      test(`passport-http's Digest answers curl --digest${title}`, { skip: without('curl') }, async (t) => {
        const seen = []
        const authenticator = fromPassport(digest((params, done) => done(null, seen.push(params.nonce) > 0)))
        const app = await serve(t, guardedBy(authenticator, setup))
        const url = `${app.url}${prefix}/data?a=1`
        const ok = await curl('--digest', '--user', 'alice:correct horse', url)
        assert.equal(ok.status, 200)
        assert.deepEqual(JSON.parse(ok.text).auth, { clientId: 'alice', scheme: 'digest', groups: [] })
        assert.equal(seen.length, 1)
        assert.equal((await curl('--digest', '--user', 'alice:wrong', url)).status, 401)
        assert.equal((await curl('--digest', '--user', 'mallory:p', url)).status, 401)
        const posted = await curl('--digest', '--user', 'bob:p', '--json', '{"a":1}', url)
        assert.equal(JSON.parse(posted.text).auth.clientId, 'bob')
      })
    }

    test('a Digest challenge is made for each request, and stands beside those of other members', async (t) => {
      const app = await serve(t, guardedBy(anyOf(fromPassport(digest()), keyed())))
      const nonces = new Set()
      for (let i = 0; i < 3; i += 1) {
        const answer = await exchange(app.port)
        assert.equal(answer.status, 401)
        const [first, second] = answer.all('www-authenticate')
        nonces.add(/^Digest realm="api", nonce="(\w{32})", qop="auth"$/.exec(first)[1])
        assert.equal(second, 'ApiKey realm="api"')
      }
      assert.equal(nonces.size, 3)
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'good a' } })).status, 200)
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'good a', authorization: 'Digest username="alice"' } })).status, 401)
      assert.equal((await exchange(app.port, { headers: { authorization: 'Digest' } })).status, 401)
    })

    test('passport-http-bearer: a token in the header or the query, a wrong one, none, two', async (t) => {
      const tokens = new Map([['t1', 'alice']])
      const strategy = new BearerStrategy({ realm: 'api' }, (token, done) => done(null, tokens.has(token) && { id: tokens.get(token) }))
      const app = await serve(t, guardedBy(anyOf(fromPassport(strategy), anonymous())))
      for (const [request, status, who] of [
        [{ headers: { authorization: 'Bearer t1' } }, 200, 'alice'],
        [{ path: '/?access_token=t1' }, 200, 'alice'],
        [{}, 200, 'anonymous'],
        [{ headers: { authorization: 'Basic dTpw' } }, 200, 'anonymous'],
        [{ headers: { authorization: 'Bearer t2' } }, 401],
        [{ path: '/?access_token=t2' }, 401],
        [{ path: '/?access_token=t1&access_token=t1' }, 401],
        [{ path: '/?access_token=t1', headers: { authorization: 'Bearer t1' } }, 401],
        [{ headers: { authorization: 'Bearer' } }, 401],
        [{ headers: { authorization: ['Bearer t1', 'Bearer t1'] } }, 401],
        [{ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'access_token=t1' }, 200, 'anonymous'],
      ]) {
        const answer = await exchange(app.port, request)
        assert.equal(answer.status, status, JSON.stringify(request))
        if (status === 200) assert.equal(answer.json().auth.clientId, who)
      }
      const wrong = await exchange(app.port, { headers: { authorization: 'Bearer t2' } })
      assert.deepEqual(wrong.all('www-authenticate'), ['Bearer realm="api", error="invalid_token"'])
    })

    test('P20: verify functions that reject are 503, and the next request is served, though the strategies ignore promises', async (t) => {
      const unhandled = unhandledRejections(t)
      const verify = async (name, ...more) => {
        await turns(1)
        if (name === 'bad') throw new Error('the directory is down')
        more.find((one) => typeof one === 'function')(null, { id: name }, name === 'good' ? 'p' : undefined)
      }
      for (const [strategy, header, of] of [
        [new BasicStrategy(verify), 'authorization', (name) => basic(`${name}:p`)],
        [new BearerStrategy(verify), 'authorization', (name) => `Bearer ${name}`],
        [new HeaderAPIKeyStrategy({ header: 'X-Key', prefix: '' }, false, verify), 'x-key', (name) => name],
      ]) {
        const app = await serve(t, guardedBy(fromPassport(strategy)))
        assert.equal((await exchange(app.port, { headers: { [header]: of('bad') } })).status, 503)
        assert.equal((await exchange(app.port, { headers: { [header]: of('good') } })).json().auth.clientId, 'good')
      }
      const app = await serve(t, guardedBy(fromPassport(new DigestStrategy(verify))))
      const credentials = (name) => `Digest username="${name}", realm="Users", nonce="n", uri="/", response="x"`
      assert.equal((await exchange(app.port, { headers: { authorization: credentials('bad') } })).status, 503)
      assert.deepEqual(unhandled, [])
    })

    test('P21, S25: 500 interleaved requests never swap users, though a strategy keeps one on itself', async (t) => {
      const waiting = []
      const strategy = new BearerStrategy({ passReqToCallback: true }, async function (_req, token, done) {
        this.token = token
        await new Promise((resolve) => waiting.push(resolve))
        done(null, token.startsWith('bad') ? false : { id: token, also: this.token })
      })
      const client = (user) => ({ clientId: `${user.id} ${user.also}` })
      const app = await serve(t, guardedBy(fromPassport(strategy, { client })))
      const requestOf = (token) => ({ headers: { authorization: `Bearer ${token}` } })
      await interleaved(app.port, waiting, requestOf, (token, answer) => {
        if (token.startsWith('bad')) assert.equal(answer.status, 401)
        else assert.equal(answer.json().auth.clientId, `${token} ${token}`)
      })
      assert.equal(strategy.token, undefined)
    })

    test('what a strategy says that is no challenge is not sent', async (t) => {
      const strategy = new HeaderAPIKeyStrategy({ header: 'X-Key', prefix: '' }, false, (key, done) => done(null, false, `bad key ${key}`))
      for (const [challenges, status] of [
        [[], 403],
        [['ApiKey realm="api"'], 401],
      ]) {
        const app = await serve(t, guardedBy(fromPassport(strategy, { challenges })))
        const answer = await exchange(app.port, { headers: { 'x-key': 'SECRET123' } })
        assert.equal(answer.status, status)
        assert.deepEqual(answer.all('www-authenticate'), challenges)
        assert.ok(!JSON.stringify([answer.headers, answer.text]).includes('SECRET123'))
      }
    })

    test('in a composition: both are needed, and no session comes of it', async (t) => {
      const bearer = fromPassport(new BearerStrategy((token, done) => done(null, { id: token })))
      const second = answering(({ headers }) => (headers['x-second'] === undefined ? absent : granted(who('second'))))
      const app = await serve(t, guardedBy(allOf(bearer, second)))
      const answer = await exchange(app.port, { headers: { authorization: 'Bearer a', 'x-second': '1' } })
      assert.deepEqual(answer.json().auth.also.map(({ clientId }) => clientId), ['second']) // biome-ignore format: one line
      assert.deepEqual(answer.all('set-cookie'), [])
      const half = await exchange(app.port, { headers: { authorization: 'Bearer a' } })
      assert.equal(half.status, 401)
      assert.deepEqual(half.all('www-authenticate'), ['Bearer realm="Users"', 'ApiKey realm="api"'])
      const none = await exchange(app.port)
      assert.deepEqual(none.all('www-authenticate'), ['Bearer realm="Users"', 'ApiKey realm="api"'])
    })
  })
}
