import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { absent, allOf, anonymous, anyOf, decide } from '@countersign/core'
import { fromPassport } from '@countersign/core/passport'
import { frameworks } from '../../../test/support/frameworks.js'
import { exchange } from '../../../test/support/raw-http.js'
import { guarded, refused, server, who } from '../../../test/support/verdicts.js'
import { newRequest } from './new-request.js'

const fixed = (name, answer = absent) => ({ name, challenges: [`${name} realm="api"`], authenticate: () => answer })
const dynamic = (answer = { ...absent, challenges: ['Digest nonce="1"'] }) => ({
  name: 'digest',
  challenges: [],
  authenticate: () => answer,
})
const challengesOf = async (authenticator) => (await decide(authenticator, newRequest())).challenges
const later = (authenticator) => ({ ...authenticator, authenticate: async () => authenticator.authenticate() })

describe('the challenge that a strategy always makes of itself', () => {
  let nonce = 0
  const strategy = (own) => ({ name: 'foreign', authenticate() {}, ...own })
  for (const [title, own, challenges] of [
    ['is there without a request', { _challenge: () => 'Bearer realm="Users"' }, ['Bearer realm="Users"']],
    [
      'reads what it keeps',
      {
        realm: 'r',
        _challenge: function own() {
          return `Basic realm="${this.realm}"`
        },
      },
      ['Basic realm="r"'],
    ],
    ['that is another each time is made for a request', { _challenge: () => `Digest nonce="${++nonce}"` }, []],
    ['that tells of an error is none', { _challenge: () => 'Bearer error="invalid_token"' }, []],
    ['that is a message is none', { _challenge: () => 'please log in' }, []],
    ['that throws is none', { _challenge: () => assert.fail() }, []],
    ['that is missing is none', {}, []],
  ]) {
    test(title, () => {
      assert.deepEqual(fromPassport(strategy(own)).challenges, challenges)
      assert.deepEqual(fromPassport(strategy(own), { challenges: ['X a=b'] }).challenges, ['X a=b'])
      assert.deepEqual(fromPassport(() => strategy(own)).challenges, [])
    })
  }

  for (const framework of frameworks) {
    const serve = server(framework)
    test(`P23: it is in the 401 of a composition that another member refuses, ${framework}`, async (t) => {
      const bearer = fromPassport(
        strategy({
          authenticate() {
            this.success({ id: 'a' })
          },
          _challenge: () => 'Bearer realm="Users"',
        }),
      )
      for (const authenticator of [anyOf(fixed('A', refused()), bearer), allOf(bearer, fixed('A', refused())), allOf(bearer, fixed('A'))]) {
        const answer = await exchange((await serve(t, guarded(authenticator))).port)
        assert.equal(answer.status, 401)
        assert.deepEqual(answer.all('www-authenticate').sort(), ['A realm="api"', 'Bearer realm="Users"'])
      }
    })
  }
})

describe('challenges that are made for one request', () => {
  for (const bad of ['Digest', [1], ['a\r\nb'], [''], {}, null]) {
    test(`${JSON.stringify(bad)} is a defect`, async () => {
      for (const verdict of [absent, refused()]) {
        await assert.rejects(async () => decide(dynamic({ ...verdict, challenges: bad }), newRequest()), { code: 'ERR_AUTH_DEFECT' })
      }
    })
  }

  for (const [title, wrap] of [
    ['', (member) => member],
    [', asynchronous', later],
  ]) {
    test(`a composition gathers them in the place of the member's own, beside those of the others${title}`, async () => {
      const members = () => [fixed('A'), wrap(dynamic()), fixed('B')]
      const all = ['A realm="api"', 'Digest nonce="1"', 'B realm="api"']
      assert.deepEqual(await challengesOf(anyOf(...members())), all)
      assert.deepEqual(await challengesOf(allOf(...members())), all)
      assert.deepEqual(await challengesOf(anyOf(fixed('C'), anyOf(...members()))), ['C realm="api"', ...all])
      assert.deepEqual(await challengesOf(allOf(...members(), fixed('C', refused()))), [...all, 'C realm="api"'])
      const bad = wrap(dynamic(refused({ challenges: ['Digest nonce="2"'] })))
      assert.deepEqual(await challengesOf(anyOf(fixed('A'), bad, fixed('B'))), ['A realm="api"', 'Digest nonce="2"', 'B realm="api"'])
      assert.equal(await challengesOf(anyOf(fixed('A'), wrap(fixed('B')))), undefined)
      assert.equal((await decide(anyOf(...members(), anonymous()), newRequest())).kind, 'granted')
    })
  }

  for (const framework of frameworks) {
    const serve = server(framework)
    test(`they are in the 401, ${framework}`, async (t) => {
      const answers = [
        [dynamic(), 401, ['Digest nonce="1"']],
        [{ ...dynamic(), challenges: ['Digest static'] }, 401, ['Digest nonce="1"']],
        [dynamic(refused({ challenges: ['Digest nonce="1"', 'X a=b'] })), 401, ['Digest nonce="1"', 'X a=b']],
        [dynamic({ ...absent, challenges: [] }), 403, []],
        [dynamic(refused({ challenges: ['Digest a=b'], status: 403 })), 403, []],
        [dynamic({ kind: 'granted', principal: who('a') }), 200, []],
      ]
      for (const [authenticator, status, challenges] of answers) {
        const app = await serve(t, guarded(authenticator))
        const answer = await exchange(app.port)
        assert.equal(answer.status, status)
        assert.deepEqual(answer.all('www-authenticate'), challenges)
      }
    })
  }
})
