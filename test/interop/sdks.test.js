import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { sign, verify } from '@countersign/schemes'
import { sdks, URL_OF_ALL } from './sdks.js'

const NOW = 1_768_478_400_000
const BODY = JSON.stringify({ id: 'evt_1', type: 'order.paid', note: 'na\u00efve caf\u00e9 \u2615 / slash', amount: 1000 })

mock.timers.enable({ apis: ['Date'], now: NOW })

for (const { sdk, scheme, secret, sign: theirSign, verify: theirVerify, type = 'application/json', body: text = BODY } of sdks) {
  describe(`${sdk} and ${scheme.name}`, () => {
    const body = Buffer.from(text)
    const altered = Buffer.from(text.replace('1', '2'))
    const other = `${secret.slice(0, 12)}${secret[12] === 'A' ? 'B' : 'A'}${secret.slice(13)}`
    const request = (headers, octets) => ({ method: 'POST', url: URL_OF_ALL, headers: { 'content-type': type, ...headers }, body: octets })
    const ours = (headers, octets, key) => verify(scheme, request(headers, octets), { secret: key, now: () => NOW })
    const signed = (key, now = NOW) => sign(scheme, request({}, body), { secret: key, now: () => now }).headers

    test('the SDK accepts what we sign, and refuses an altered octet and another secret', async () => {
      const headers = { 'content-type': type, ...signed(secret) }
      assert.equal(await theirVerify(headers, body), true)
      assert.equal(await theirVerify(headers, altered), false)
      assert.equal(await theirVerify({ 'content-type': type, ...signed(other) }, body), false)
      assert.equal(ours(headers, body, secret).ok, true)
    })

    if (theirSign === undefined) return
    test('we accept what the SDK signs, and refuse an altered octet and another secret', async () => {
      const headers = await theirSign(body, NOW)
      assert.equal(ours(headers, body, secret).ok, true)
      assert.equal(ours(headers, altered, secret).ok, false)
      assert.equal(ours(headers, body, other).ok, false)
    })
  })
}

test('what the SDKs let through and we do not', async () => {
  const slack = sdks.find(({ sdk }) => sdk === '@slack/bolt')
  const request = { method: 'POST', url: URL_OF_ALL, body: Buffer.from(BODY) }
  const ahead = sign(slack.scheme, request, { secret: slack.secret, now: () => NOW + 86_400_000 }).headers
  assert.equal(await slack.verify(ahead, request.body), true, 'bolt looks at the past alone: a request signed for tomorrow passes')
  const result = verify(slack.scheme, { ...request, headers: ahead }, { secret: slack.secret, now: () => NOW })
  assert.equal(result.code, 'ERR_HMAC_FUTURE')
})
