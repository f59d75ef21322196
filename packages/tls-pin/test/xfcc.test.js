import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envoy, tlsPinAuthenticator } from '@countersign/tls-pin'
import fc from 'fast-check'
import { parseXfcc } from '../dist/dialects/xfcc.js'
import { outcome, requestWith } from './support/request.js'
import { shortest } from './support/timing.js'

const PINNED = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
const OTHER = '9ba61d6425303443c0748a02dd8de688468ed33be74eee6556d90c0149c1309e'

function judge(value, options = {}, asked = { pins: PINNED }) {
  const from = envoy({ trustedProxies: ['127.0.0.1'], proxyVerifies: true, ...options })
  return outcome(tlsPinAuthenticator({ from, ...asked }).authenticate(requestWith([['X-Forwarded-Client-Cert', value]])))
}

test('P33, S13: stray and missing quotes, empty pairs and doubled keys are refused', () => {
  const bad = [
    ';',
    ',',
    'Hash',
    '=x',
    `Hash=${PINNED};`,
    `Hash=${PINNED},`,
    `;Hash=${PINNED}`,
    `,Hash=${PINNED}`,
    `Hash=${PINNED};;By=x`,
    `Hash="${PINNED}`,
    `Hash=${PINNED}"`,
    `Hash="${PINNED}"x`,
    `Hash=x"${PINNED}"`,
    `Hash=${PINNED};Hash=${PINNED}`,
    `Hash=${OTHER};hash=${PINNED}`,
    `Hash=${PINNED};Subject="a";Subject="b"`,
    `Hash=${PINNED};Cert="a";Cert="b"`,
    `Hash=${PINNED};Chain="a";Chain="b"`,
    `Ha sh=${PINNED}`,
    `Hash=${PINNED.slice(1)}`,
    `Hash=${PINNED}0`,
    `Subject="CN=a\\"`,
  ]
  for (const value of bad) assert.equal(judge(value), 'ERR_TLS_HEADER_MALFORMED', value)
  assert.equal(judge(''), 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge('By=spiffe://a'), 'ERR_TLS_HEADER_MISSING')
})

test('P33: a semicolon, comma or quote in the subject forges nothing', () => {
  const subjects = [`CN=a;Hash=${PINNED}`, `CN=a,Hash=${PINNED}`, `CN=a\\";Hash=${PINNED};x=\\"`, `CN=a\\\\`]
  for (const subject of subjects) {
    assert.equal(judge(`Hash=${OTHER};Subject="${subject}"`), 'ERR_TLS_PIN_MISMATCH', subject)
    assert.equal(judge(`Hash=${PINNED};Subject="${subject}"`), 'granted', subject)
  }
  // RFC 2253 escapes a backslash with another one; the quote after both of them ends the value.
  assert.equal(judge(`Hash=${OTHER};Subject="CN=a\\\\";Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  const subject = { conditions: { FINGERPRINT256: PINNED, CN: 'a"; b\\' } }
  assert.equal(judge(`Hash=${PINNED};Subject="CN=a\\"\\; b\\\\,O=c"`, {}, subject), 'granted')
})

test('P33: a URI that Envoy does not quote forges neither an element nor a key', () => {
  assert.equal(judge(`By=x;Hash=${OTHER};URI=spiffe://evil,By=x;Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`By=x;Hash=${OTHER};URI=spiffe://evil;Subject="",By=x;Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`By=x;Hash=${OTHER};DNS=evil,Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`By=x;Hash=${OTHER};URI=spiffe://evil,By=x;Hash=${PINNED}`, { elements: 1 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`Hash=${PINNED};URI=spiffe://evil;Subject="CN=admin"`), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`Hash=${PINNED};URI=spiffe://evil;By=x`), 'ERR_TLS_HEADER_MALFORMED')
  const san = { pins: PINNED, conditions: 'SAN=uri:spiffe://td/admin' }
  assert.equal(judge(`Hash=${PINNED};URI=spiffe://td/admin`, {}, san), 'granted')
  assert.equal(judge(`Hash=${PINNED};URI=spiffe://evil;URI=spiffe://td/admin`, {}, san), 'ERR_TLS_CONDITION')
  assert.equal(judge(`Hash=${PINNED};URI="spiffe://evil";URI="spiffe://td/admin"`, {}, san), 'granted')
  assert.equal(judge(`Hash=${PINNED};URI=spiffe://evil;DNS=api`, {}, { pins: PINNED, conditions: 'SAN=dns:api' }), 'ERR_TLS_CONDITION')
})

test('P31: of several elements the one of the trusted hop counts, never one that a client sent before it', () => {
  const forged = `By=x;Hash=${PINNED};Subject="CN=a"`
  const real = `By=x;Hash=${OTHER};Subject="CN=b"`
  assert.equal(judge(`${forged},${real}`), 'ERR_TLS_PIN_MISMATCH')
  assert.equal(judge(`${real},${forged}`), 'granted')
  assert.equal(judge(`${real}, ${forged}`), 'granted')
  assert.equal(judge(`${forged},${real}`, { elements: 1 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`${forged},${real}`, { elements: 2 }), 'ERR_TLS_PIN_MISMATCH')
  assert.equal(judge(`${forged},${real}`, { elements: 2, fromRight: 2 }), 'granted')
  assert.equal(judge(`x=y,${forged},${real}`, { elements: 2, fromRight: 2 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(real, { fromRight: 2 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.throws(() => judge(real, { elements: 1, fromRight: 2 }), /option "fromRight" must be at most elements/)
})

test('P33: the number of elements alone does not make an element believed that a name may have forged', () => {
  const by = 'spiffe://td/b'
  const honest = `By=spiffe://td/a;Hash=${OTHER};URI=spiffe://td/client,By=${by};Hash=${PINNED};URI=spiffe://td/a`
  const forged = [
    `By=${by};Hash=${OTHER};URI=spiffe://td/x,Hash=${PINNED}`,
    `By=${by};Hash=${OTHER};URI=spiffe://td/x,By=${by};Hash=${PINNED};URI=spiffe://td/a`,
    `By=${by};Hash=${OTHER};URI=spiffe://td/x,By=spiffe://td/z;Hash=${PINNED};URI=${by}`,
    `By=spiffe://td/other;By=${by};Hash=${OTHER};DNS=x,By=${by};Hash=${PINNED}`,
  ]
  for (const value of forged) {
    for (const options of [{}, { elements: 2 }, { elements: 2, by }]) assert.equal(judge(value, options), 'ERR_TLS_HEADER_MALFORMED', value)
  }
  assert.equal(judge(honest, { elements: 2 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(honest, { elements: 2, by }), 'granted')
  assert.equal(judge(honest, { elements: 2, fromRight: 2 }, { pins: OTHER }), 'granted', 'nothing stands before it')
  assert.equal(judge(honest, { elements: 2, by: 'spiffe://td/a' }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(honest, { elements: 2, by: 'spiffe://td/c' }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(honest, { elements: 3, by }), 'ERR_TLS_HEADER_MALFORMED')
  const likeTheProxy = `By=spiffe://td/z;Hash=${OTHER};URI=${by},By=${by};Hash=${PINNED};URI=spiffe://td/a`
  assert.equal(judge(likeTheProxy, { elements: 2, by }), 'granted', 'a client may be called like the proxy: By alone counts')
  const three = (first) => `${first},By=spiffe://td/a;Hash=${PINNED};URI=spiffe://td/e,By=${by};Hash=${OTHER};URI=spiffe://td/a`
  const second = { elements: 3, fromRight: 2, by: 'spiffe://td/a' }
  assert.equal(judge(three(`By=spiffe://td/e;Hash=${OTHER};URI=spiffe://td/client`), second), 'granted')
  assert.equal(judge(three(`By=spiffe://td/a;Hash=${OTHER};URI=spiffe://td/x`), second), 'ERR_TLS_HEADER_MALFORMED')
})

test('P33: a quote that a client leaves open does not swallow the element of the proxy', () => {
  // The client sends what stands before the comma, and its certificate has the URI x" or x",Hash=...
  for (const open of ['By="A', 'Subject="CN=a', 'x="', 'URI="']) {
    const swallowed = `${open},By=spiffe://td/b;Hash=${OTHER};URI=x"`
    for (const forged of [`;Hash=${PINNED}`, `,Hash=${PINNED}`, `,By=spiffe://td/b;Hash=${PINNED}`]) {
      for (const options of [{}, { elements: 2 }, { elements: 2, by: 'spiffe://td/b' }])
        assert.equal(judge(swallowed + forged, options), 'ERR_TLS_HEADER_MALFORMED', swallowed + forged)
    }
    assert.equal(judge(`${open},Hash=${OTHER};dns=x",Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  }
  assert.equal(judge(`Hash=${PINNED};Subject="CN=a\\;URI=b"`), 'granted', 'as RFC 2253 writes CN=a;URI=b')
})

test('P33: quotes within or after a value that is not read are refused too', () => {
  for (const rest of ['By=a"b', 'By="x', 'By="x"y', 'By="x\\', 'By="x"y"', 'By=x"']) {
    assert.equal(judge(`${rest};Hash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED', rest)
    assert.equal(judge(`Hash=${PINNED};${rest}`), 'ERR_TLS_HEADER_MALFORMED', rest)
  }
  // What stands behind a quoted value parts nothing, so that no key begins after it.
  assert.equal(judge(`By="x"yHash=${PINNED}`), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(`Hash="${PINNED}" By=x`), 'ERR_TLS_HEADER_MALFORMED')
  for (const hash of ['xyz', '', 'zz'.repeat(32), PINNED.slice(0, 40)]) assert.notEqual(judge(`Hash=${hash}`), 'granted', hash)
  assert.equal(judge(`Hash=${PINNED};Cert=""`), 'granted', 'an empty Cert is none')
})

test('envoy: only URI and DNS are alternative names, and a quote in one is undone', () => {
  const san = (wanted) => ({ pins: PINNED, conditions: { SAN: wanted } })
  assert.equal(judge(`Hash=${PINNED};Email=a@b.example`, {}, san('email:a@b.example')), 'ERR_TLS_CONDITION')
  assert.equal(judge(`Hash=${PINNED};Email=a@b.example;IP=10.0.0.1`, {}, san('ip:10.0.0.1')), 'ERR_TLS_CONDITION')
  assert.equal(judge(`Hash=${PINNED};URI="spiffe://td/a\\"b"`, {}, san('uri:spiffe://td/a"b')), 'granted')
  assert.equal(judge(`Hash=${PINNED};URI="spiffe://td/a\\"b"`, {}, san('uri:spiffe://td/ab')), 'ERR_TLS_CONDITION')
  assert.equal(judge(`Hash=${PINNED};URI="spiffe://td/a"`, {}, san('dns:spiffe://td/a')), 'ERR_TLS_CONDITION')
})

test('envoy: what a refusal says', () => {
  const reason = (value, options = {}) => {
    const from = envoy({ trustedProxies: ['127.0.0.1'], proxyVerifies: true, ...options })
    return tlsPinAuthenticator({ from, pins: PINNED }).authenticate(requestWith([['X-Forwarded-Client-Cert', value]])).reason
  }
  assert.equal(reason(';'), 'the header x-forwarded-client-cert is not what Envoy writes')
  assert.equal(reason('By=a,By=b', { elements: 1 }), 'the header x-forwarded-client-cert has 2 elements; see the elements option')
  assert.match(reason(`Hash=${PINNED};URI=a;By=b`), /^an unquoted URI or DNS is followed by another key/)
  assert.equal(reason('Hash=xyz'), 'Hash is no SHA-256')
  assert.equal(reason('By=a'), 'the element has no Cert')
  assert.equal(reason(`Hash=${PINNED};Cert="x"`), 'the header x-forwarded-client-cert does not contain a certificate')
})

test('envoy: Hash and Cert must be of one certificate', () => {
  assert.equal(judge(`Hash=${PINNED};Cert="-----BEGIN%20CERTIFICATE-----"`), 'ERR_TLS_HEADER_MALFORMED')
})

test('parseXfcc: values come back whatever they hold, and nothing throws', () => {
  const word = fc.constantFrom('By', 'URI', 'DNS')
  const value = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/["\\]/g, '\\$&'))
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(word, value), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (elements) => {
      const text = elements.map((pairs) => pairs.map(([key, inner]) => `${key}="${inner}"`).join(';')).join(',')
      assert.deepEqual(
        parseXfcc(text).map((pairs) => pairs.map((pair) => [pair.key, pair.value])),
        elements.map((pairs) => pairs.map(([key, inner]) => [key.toLowerCase(), inner])),
      )
    }),
  )
  fc.assert(fc.property(fc.stringMatching(/^[HashBy=;,"\\ ]*$/), (text) => void parseXfcc(text)))
})

test('parseXfcc: nothing takes long', () => {
  for (const text of [
    '"'.repeat(65_536),
    `By="${'\\'.repeat(65_536)}`,
    `By=a${';By=a'.repeat(13_000)}`,
    `By=a${',By=a'.repeat(13_000)}`,
    '='.repeat(65_536),
    ' '.repeat(65_536),
  ]) {
    assert.ok(shortest(() => parseXfcc(text)) < 500, text.slice(0, 20))
  }
})
