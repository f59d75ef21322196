/** Hawk beside its own package, in both directions, with the clock that a stale request is told. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { protect } from '@countersign/core/express'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hawk, sign, verify } from '@countersign/schemes'
import Hawk from 'hawk'

const credentials = { id: 'key-1', key: 'werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn', algorithm: 'sha256' }
const NOW = 1_768_478_400
const URL = 'https://api.example.com/v1/orders?limit=10&after=a%2Fb'
const setUp = { secret: credentials.key, now: () => NOW * 1000 }

const CASES = {
  'GET without body': { method: 'GET' },
  'POST with payload': { method: 'POST', payload: '{"a":"caf\u00e9"}', contentType: 'application/json; charset=utf-8' },
  'POST without content type': { method: 'POST', payload: 'x', contentType: '' },
  'ext, app and dlg': { method: 'PUT', payload: 'x', contentType: 'text/plain', ext: 'some data', app: 'app-1', dlg: 'dlg-1' },
  'app alone': { method: 'DELETE', app: 'app-1' },
}

for (const [name, { method, payload, contentType, ...more }] of Object.entries(CASES)) {
  const headers = { host: 'api.example.com', ...(contentType && { 'content-type': contentType }) }
  const body = Buffer.from(payload ?? '')
  const artifacts = { method, url: '/v1/orders?limit=10&after=a%2Fb', host: 'api.example.com', port: 443, contentType }

  test(`${name}: ours accepts what theirs signs`, () => {
    const { header } = Hawk.client.header(URL, method, {
      credentials,
      timestamp: NOW,
      ...more,
      ...(payload !== undefined && { payload, contentType }),
    })
    const request = { method, url: URL, headers: { ...headers, authorization: header }, body }
    const result = verify(hawk, request, setUp)
    assert.equal(result.ok, true, result.reason)
    assert.equal(verify(hawk, { ...request, body: Buffer.from('other') }, setUp).ok, false)
  })

  test(`${name}: theirs accepts what ours signs`, async () => {
    const signed = sign(hawk, { method, url: URL, headers, body }, { ...setUp, keyId: credentials.id, fields: more })
    const options = { localtimeOffsetMsec: NOW * 1000 - Date.now(), ...(payload !== undefined && { payload }) }
    const result = await Hawk.server.authenticate({ ...artifacts, authorization: signed.headers.authorization }, () => credentials, options)
    assert.equal(result.credentials.id, credentials.id)
    await assert.rejects(() =>
      Hawk.server.authenticate({ ...artifacts, url: '/other', authorization: signed.headers.authorization }, () => credentials, options),
    )
  })
}

test('theirs sends no dlg without app, which neither side would sign', () => {
  const { header } = Hawk.client.header(URL, 'GET', { credentials, timestamp: NOW, dlg: 'dlg-1' })
  assert.doesNotMatch(header, /dlg=/)
})

describe('on the wire', () => {
  async function answering(run) {
    const guard = protect(hmacAuthenticator({ scheme: hawk, secret: { id: credentials.id, secret: credentials.key } }))
    const server = createServer((req, res) => guard(req, res, () => res.end(`hello ${req.auth.clientId}`)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await run(`http://127.0.0.1:${server.address().port}/v1/orders`)
    } finally {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }

  async function call(url, { timestamp, key = credentials.key } = {}) {
    const own = { ...credentials, key }
    const { header, artifacts } = Hawk.client.header(url, 'POST', { credentials: own, payload: 'x', contentType: 'text/plain', timestamp })
    const response = await fetch(url, { method: 'POST', body: 'x', headers: { authorization: header, 'content-type': 'text/plain' } })
    return { response, artifacts, own, text: await response.text() }
  }

  test('their client is let in', () =>
    answering(async (url) => {
      const { response, text } = await call(url)
      assert.equal(response.status, 200)
      assert.equal(text, 'hello key-1')
    }))

  test('their client, an hour off, is told our clock and believes it', () =>
    answering(async (url) => {
      const before = Math.floor(Date.now() / 1000)
      const { response, artifacts, own } = await call(url, { timestamp: before - 3600 })
      assert.equal(response.status, 401)
      const found = Hawk.client.authenticate({ headers: Object.fromEntries(response.headers) }, own, artifacts)
      const { ts, error } = found.headers['www-authenticate']
      assert.ok(Number(ts) >= before && Number(ts) <= before + 60, ts)
      assert.equal(error, 'Stale timestamp')
      const again = await call(url, { timestamp: Number(ts) })
      assert.equal(again.response.status, 200)
    }))

  test('whoever lacks the key is not told it', () =>
    answering(async (url) => {
      const { response } = await call(url, { timestamp: Math.floor(Date.now() / 1000) - 3600, key: 'another-key-of-more-than-16-octets' })
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('www-authenticate'), 'Signature realm="api"')
    }))

  test('a nonce is taken once', () =>
    answering(async (url) => {
      const { header } = Hawk.client.header(url, 'POST', { credentials, payload: 'x', contentType: 'text/plain' })
      const send = () => fetch(url, { method: 'POST', body: 'x', headers: { authorization: header, 'content-type': 'text/plain' } })
      assert.deepEqual([(await send()).status, (await send()).status], [200, 401])
    }))
})
