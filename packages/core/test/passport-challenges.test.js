import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { absent, allOf, anonymous, anyOf, decide } from '@countersign/core'
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
