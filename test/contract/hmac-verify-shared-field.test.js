import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { allOf, anonymous, anyOf } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { bitbucket, intercom, scheme, standardWebhooks } from '@countersign/schemes'
import { frameworks } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

/** Two vendors write into one field, and a prefix tells them apart: Bitbucket's `sha256=`, Intercom's `sha1=` in X-Hub-Signature. */
const SECRET = 'a-secret-of-the-tests-0123456789'
const OTHER = 'another-secret-of-the-tests-0123'
const BODY = '{"data":"test"}'
const mac = (hash, secret = SECRET) => createHmac(hash, secret).update(BODY).digest('hex')
const hub = (value, more = {}) => ({ method: 'POST', body: BODY, headers: { 'x-hub-signature': value, ...more } })
const of = (definition, more = {}) => hmacAuthenticator({ scheme: definition, secret: SECRET, replay: false, ...more })
const bitbucketOnly = of(bitbucket)
const intercomOnly = of(intercom)
const either = anyOf(bitbucketOnly, intercomOnly)

/** Whoever sends `x-key: good` is let in, whatever else the request holds. */
const keyed = {
  name: 'keyed',
  challenges: ['ApiKey realm="api"'],
  authenticate: ({ rawHeaders }) =>
    rawHeaders.some((value, i) => i % 2 === 1 && value === 'good' && rawHeaders[i - 1].toLowerCase() === 'x-key')
      ? { kind: 'granted', principal: { clientId: 'keyed', scheme: 'test', groups: [] } }
      : { kind: 'absent' },
}

for (const framework of frameworks) {
  const serve = server(framework)
  const answers = async (t, authenticator, requests, options = {}) => {
    const codes = []
    const guard = ({ protect }) => protect(authenticator, { onRefusal: ({ code }) => codes.push(code), ...options })
    const app = await serve(t, { guard })
    for (const [request, expected, code] of requests) {
      codes.length = 0
      const answer = await exchange(app.port, request)
      const got = answer.status === 200 ? (answer.json().auth?.clientId ?? 'nobody') : answer.status
      assert.deepEqual([got, codes[0]], [expected, code], JSON.stringify(request.headers))
    }
  }

  describe(`a field that two schemes write, ${framework}`, () => {
    test('each takes what has its prefix, in either order', async (t) => {
      for (const authenticator of [either, anyOf(intercomOnly, bitbucketOnly), anyOf(keyed, anyOf(bitbucketOnly), intercomOnly)]) {
        await answers(t, authenticator, [
          [hub(`sha256=${mac('sha256')}`), 'bitbucket', undefined],
          [hub(`sha1=${mac('sha1')}`), 'intercom', undefined],
          [hub(`sha256=${mac('sha256', OTHER)}`), 401, 'ERR_HMAC_MISMATCH'],
          [hub(`sha1=${mac('sha1', OTHER)}`), 401, 'ERR_HMAC_MISMATCH'],
          [hub(`sha1=${mac('sha256')}`), 401, 'ERR_HMAC_MALFORMED'],
          [hub(`sha256=${mac('sha1')}`), 401, 'ERR_HMAC_MALFORMED'],
          [{ method: 'POST', body: BODY, headers: {} }, 401, 'ERR_AUTH_REQUIRED'],
        ])
      }
    })

    test('what nobody takes is refused, also where the guard is optional or the route public', async (t) => {
      const nobodys = [
        `md5=${mac('md5')}`,
        `SHA256=${mac('sha256')}`,
        mac('sha256'),
        `sha256 =${mac('sha256')}`,
        'sha256',
        '=',
        'x',
        `sha1=${mac('sha1')}, sha256=${mac('sha256')}`,
      ]
      for (const value of nobodys) {
        await answers(t, either, [[hub(value), 401, 'ERR_HMAC_MALFORMED']], { optional: true })
        await answers(t, anyOf(bitbucketOnly, intercomOnly, anonymous()), [[hub(value), 401, 'ERR_HMAC_MALFORMED']])
        await answers(t, anyOf(either, anonymous()), [[hub(value), 401, 'ERR_HMAC_MALFORMED']])
      }
      await answers(t, bitbucketOnly, [[hub(`sha1=${mac('sha1')}`), 401, 'ERR_HMAC_MALFORMED']], { optional: true })
      await answers(t, anyOf(bitbucketOnly, anonymous()), [[hub(`sha1=${mac('sha1')}`), 401, 'ERR_HMAC_MALFORMED']])
    })

    test('nobody but a reader of the same field is asked for what is in it', async (t) => {
      const elsewhere = of(scheme({ name: 'elsewhere', signature: { header: 'x-other' }, message: '{body}' }))
      const held = { 'x-key': 'good', 'x-other': mac('sha256') }
      for (const authenticator of [anyOf(bitbucketOnly, keyed), anyOf(bitbucketOnly, elsewhere), anyOf(either, elsewhere, keyed)]) {
        await answers(t, authenticator, [[hub(`md5=${mac('md5')}`, held), 401, 'ERR_HMAC_MALFORMED']])
      }
      await answers(t, anyOf(bitbucketOnly, keyed), [
        [{ method: 'POST', body: BODY, headers: { 'x-key': 'good' } }, 'keyed', undefined],
        [hub(`sha256=${mac('sha256', OTHER)}`, held), 401, 'ERR_HMAC_MISMATCH'],
      ])
    })

    test('allOf asks for all', async (t) => {
      await answers(t, allOf(bitbucketOnly, intercomOnly), [
        [hub(`sha256=${mac('sha256')}`), 401, 'ERR_HMAC_MALFORMED'],
        [hub(`sha1=${mac('sha1')}`), 401, 'ERR_HMAC_MALFORMED'],
      ])
      await answers(t, allOf(either, keyed), [
        [hub(`sha1=${mac('sha1')}`, { 'x-key': 'good' }), 'intercom', undefined],
        [hub(`md5=${mac('md5')}`, { 'x-key': 'good' }), 401, 'ERR_HMAC_MALFORMED'],
      ])
    })

    test('lengths tell two schemes without prefix apart', async (t) => {
      const long = of(scheme({ name: 'long', signature: { header: 'x-signature' }, message: '{body}' }))
      const short = of(scheme({ name: 'short', algorithm: 'sha1', signature: { header: 'x-signature' }, message: '{body}' }))
      const framed = of(scheme({ name: 'framed', signature: { header: 'x-signature', format: 'a={signature},b=1' }, message: '{body}' }))
      const sent = (value) => ({ method: 'POST', body: BODY, headers: { 'x-signature': value } })
      for (const authenticator of [anyOf(long, short, framed), anyOf(framed, short, long)]) {
        await answers(t, authenticator, [
          [sent(mac('sha256')), 'long', undefined],
          [sent(mac('sha1')), 'short', undefined],
          [sent(`a=${mac('sha256')},b=1`), 'framed', undefined],
          [sent(mac('sha1', OTHER)), 401, 'ERR_HMAC_MISMATCH'],
          [sent(mac('sha256').slice(1)), 401, 'ERR_HMAC_MALFORMED'],
        ])
      }
    })

    test('a list without an element of the form', async (t) => {
      const v2 = scheme({
        name: 'second-version',
        signature: { header: 'webhook-signature', format: 'v2,{signature}', list: ' ' },
        timestamp: { header: 'webhook-timestamp', unit: 'seconds' },
        message: '{timestamp}.{body}',
      })
      const time = String(Math.floor(Date.now() / 1000))
      const value = `v2,${createHmac('sha256', SECRET).update(`${time}.${BODY}`).digest('hex')}`
      const request = { method: 'POST', body: BODY, headers: { 'webhook-id': 'm1', 'webhook-timestamp': time, 'webhook-signature': value } }
      await answers(t, anyOf(of(standardWebhooks, { secret: Buffer.from(SECRET) }), of(v2)), [
        [request, 'second-version', undefined],
        [{ ...request, headers: { ...request.headers, 'webhook-signature': 'v3,x' } }, 401, 'ERR_HMAC_MALFORMED'],
      ])
    })
  })
}
