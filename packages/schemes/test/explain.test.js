import './counted-crypto.js'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import * as schemes from '@countersign/schemes'
import { explain, formatExplanation } from '@countersign/schemes/explain'
import fc from 'fast-check'
import { calls } from './counted-crypto.js'
import { JSON_BODY, NOW_MS, SECRET, send, senders } from './explain-senders.js'

const PRESETS = new Map(Object.entries(schemes))
const { github, slack, scheme } = schemes
const now = () => NOW_MS
const UNKNOWN = 'no known cause: the secret differs or the request was altered'

function optionsOf(name) {
  const sender = senders[name]
  return { secret: sender.secret ?? SECRET, now, ...(sender.params && { params: sender.params }) }
}

const schemeOf = (name) => senders[name].scheme ?? PRESETS.get(name)

function hexOf(message, key = SECRET, hash = 'sha256') {
  return createHmac(hash, key).update(message).digest('hex')
}

function hook(headers, body = JSON_BODY) {
  return { method: 'POST', url: 'https://api.example.com/hooks/in', headers, body: Buffer.from(body) }
}

const toGithub = (signature, more = {}) => hook({ 'x-hub-signature-256': signature, ...more })

test('a forged request has exactly one finding, and it names no cause', () => {
  for (const name of Object.keys(senders)) {
    const request = send(senders[name], { key: Buffer.from('no secret that anybody here has') })
    const { ok, code, findings, work } = explain(schemeOf(name), request, optionsOf(name))
    assert.equal(ok, false)
    assert.equal(code, 'ERR_HMAC_MISMATCH', name)
    assert.deepEqual(
      findings.map(({ cause, title }) => [cause, title]),
      [['unknown', UNKNOWN]],
      name,
    )
    assert.ok(work.hmacs <= 2000 && work.parses <= 64)
  }
})

test('a request that was altered has exactly one finding, and it names no cause', () => {
  for (const name of Object.keys(senders).filter((one) => !senders[one].form)) {
    const request = send(senders[name], ({ body }) => ({ signed: { body: Buffer.from(body.toString().replace('1050', '9050')) } }))
    const { findings } = explain(schemeOf(name), request, optionsOf(name))
    const wanted = ['rfc9421', 'draftCavage'].includes(name) ? 'body-altered' : 'unknown'
    assert.deepEqual(
      findings.map(({ cause }) => cause),
      [wanted],
      name,
    )
  }
})

test('random signatures of the right form never have a cause', () => {
  const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((octets) => Buffer.from(octets).toString('hex'))
  const property = fc.property(hex, fc.string({ maxLength: 64 }), (signature, body) => {
    const { findings } = explain(github, { ...toGithub(`sha256=${signature}`), body: Buffer.from(`x${body}`) }, { secret: SECRET, now })
    assert.deepEqual(
      findings.map(({ cause }) => cause),
      ['unknown'],
    )
  })
  fc.assert(property, { numRuns: 10, seed: 8 })
})

/** A request that a scheme of the catalogue signs; undefined where none of these will do. */
function signedBy(preset, options) {
  const members =
    '{"n":1,"signature":{},"notificationItems":[{"NotificationRequestItem":{"pspReference":"1","additionalData":{}}}],"events":[]}'
  const tries = [
    { method: 'POST', type: 'application/json', body: members },
    { method: 'POST', type: 'application/x-www-form-urlencoded', body: 'a=1&b=2' },
    { method: 'GET', type: 'application/json', body: '' },
  ]
  for (const { method, type, body } of tries) {
    const url = 'https://api.example.com/v1/in?a=1'
    const request = { method, url, headers: { host: 'api.example.com', 'content-type': type }, body: Buffer.from(body) }
    try {
      const { headers, target, body: octets } = schemes.sign(preset, request, { ...options, secret: { id: 'k1', secret: options.secret } })
      const whole = { ...request, url: `https://api.example.com${target}`, headers: { ...request.headers, ...headers }, body: octets }
      if (schemes.verify(preset, whole, options).ok) return whole
    } catch (error) {
      if (error.code !== 'ERR_INVALID_ARG_VALUE') throw error
    }
  }
  return undefined
}

test('over the whole catalogue a line feed behind the secret is found, and a foreign secret has no cause', () => {
  const catalogue = Object.values(schemes).filter((value) => typeof value === 'object' && value !== null && Object.hasOwn(value, 'message'))
  let known = 0
  for (const preset of catalogue) {
    const key = JSON.stringify(preset.key ?? '')
    const encoding = key.includes('fromHex') ? 'hex' : key.includes('fromBase64') ? 'base64' : 'latin1'
    const [secret, other] = ['one secret of the tests, 32 octets', 'any secret of another, 32 octets..'].map((text) =>
      Buffer.from(text).toString(encoding),
    )
    const needed = Object.entries(preset.params ?? {}).filter(([, value]) => value === null)
    const options = { now, secret, allowInsecureScheme: true, params: Object.fromEntries(needed.map(([name]) => [name, 'x'])) }
    const request = signedBy(preset, options)
    if (request === undefined) continue
    known += 1
    const causes = (asked) => explain(preset, request, { ...options, secret: asked }).findings.map(({ cause }) => cause)
    assert.deepEqual(causes(`${secret}\n`), ['secret-newline'], preset.name)
    assert.deepEqual(causes(other), ['unknown'], preset.name)
  }
  assert.ok(known >= catalogue.length - 2, `${known} of ${catalogue.length}`)
})

test('two causes at once are both named, each with the other', () => {
  const python = JSON_BODY.replaceAll('":', '": ').replaceAll(',"', ', "').replaceAll(',{', ', {').replaceAll('\u00eb', '\\u00eb')
  const { findings } = explain(github, toGithub(`sha256=${hexOf(python, `${SECRET}\n`)}`), { secret: SECRET, now })
  assert.deepEqual(
    findings.map(({ cause, with: others }) => [cause, others]),
    [
      ['body-unicode', ['secret-newline']],
      ['secret-newline', ['body-unicode']],
    ],
  )
})

test('a wrong hash in a wrong encoding is found as a pair', () => {
  const signature = createHmac('sha1', SECRET).update(JSON_BODY).digest('base64')
  const { findings } = explain(github, toGithub(`sha256=${signature}`), { secret: SECRET, now })
  assert.deepEqual(findings.map(({ cause }) => cause).sort(), ['algorithm', 'signature-encoding'])
})

test('http for https and a stripped prefix are found as a pair', () => {
  const url = 'https://api.example.com/api/in'
  const request = send(senders.square, { signed: { url }, sent: { url: 'http://api.example.com/in' } })
  const { findings } = explain(schemes.square, request, { secret: SECRET, now })
  assert.deepEqual(findings.map(({ cause }) => cause).sort(), ['path-prefix', 'url-scheme'])
})

test('a stale request is told as well where another cause is found first', () => {
  const time = String(NOW_MS / 1000 - 1000)
  const request = send(senders.slack, { time, key: Buffer.from(`${SECRET}\n`) })
  const { findings } = explain(slack, request, { secret: SECRET, now })
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['secret-newline', 'time-stale'],
  )
})

test('a request that is forged and stale is not said to be stale alone', () => {
  const request = send(senders.slack, { time: String(NOW_MS / 1000 - 1000), key: Buffer.from('another secret altogether, 123') })
  const { code, findings } = explain(slack, request, { secret: SECRET, now })
  assert.equal(code, 'ERR_HMAC_STALE')
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['unknown', 'time-stale'],
  )
})

test("another vendor's scheme is found by its field, and proved by its signature", () => {
  const pairs = [
    ['github', slack],
    ['slack', github],
    ['stripe', github],
    ['shopify', schemes.stripe],
    ['standardWebhooks', github],
    ['zendesk', schemes.shopify],
    ['bitbucket', schemes.typeform],
  ]
  for (const [sent, asked] of pairs) {
    const secret = senders[sent].secret ?? SECRET
    const [first] = explain(asked, send(senders[sent]), { secret, now }).findings
    assert.equal(first.cause, 'other-scheme', sent)
    assert.equal(first.confidence, 'proved', sent)
    assert.match(first.title, new RegExp(PRESETS.get(sent).name), sent)
    const [likely] = explain(asked, send(senders[sent]), { secret: 'none of these, but long enough', now }).findings
    assert.equal(likely.cause, 'other-scheme', sent)
    assert.equal(likely.confidence, 'likely', sent)
  }
})

test('a request without any signature is told so', () => {
  const { code, findings } = explain(slack, hook({}), { secret: SECRET, now })
  assert.equal(code, 'ERR_HMAC_MISSING')
  assert.equal(findings[0].cause, 'signature-missing')
  assert.match(findings[0].title, /x-slack-signature/)
})

test('a field that many vendors have says nothing of which of them it is', () => {
  for (const name of ['authorization', 'signature', 'x-signature']) {
    const { findings } = explain(github, hook({ [name]: 'ab'.repeat(32) }), { secret: SECRET, now })
    assert.equal(findings[0].cause, 'signature-missing', name)
  }
  const [shopify] = explain(github, hook({ 'x-shopify-hmac-sha256': 'ab'.repeat(32) }), { secret: SECRET, now }).findings
  assert.equal(shopify.cause, 'other-scheme')
})

test('a time that is not of the unit is told with its text, and the unit that it is in', () => {
  const headers = { 'x-slack-request-timestamp': '2026-01-15T12:00:00Z', 'x-slack-signature': `v0=${'0'.repeat(64)}` }
  const [first] = explain(slack, hook(headers), { secret: SECRET, now }).findings
  assert.equal(first.cause, 'time-unit')
  assert.equal(first.title, 'the time "2026-01-15T12:00:00Z" is not written in seconds; it is written in "unit": "rfc3339"')
  const none = { ...headers, 'x-slack-request-timestamp': 'noon' }
  const [other] = explain(slack, hook(none), { secret: SECRET, now }).findings
  assert.deepEqual([other.cause, other.title], ['time-form', 'the time "noon" is not written in seconds'])
})

test('an unknown key id, a foreign algorithm and a short list are told', () => {
  const secret = [{ id: 'other', secret: 'the secret of the other client' }]
  const [unknown] = explain(schemes.wso2, send(senders.wso2), { secret, now }).findings
  assert.equal(unknown.cause, 'key-unknown')
  assert.match(unknown.title, /client-1/)
  const [known] = explain(schemes.wso2, send(senders.wso2), { secret: [{ id: 'other', secret: SECRET }], now }).findings
  assert.equal(known.cause, 'secret-other')
  const request = send(senders.draftCavage)
  const algorithm = request.headers.authorization.replace('hmac-sha256', 'rsa-sha256')
  const [foreign] = explain(
    schemes.draftCavage,
    { ...request, headers: { ...request.headers, authorization: algorithm } },
    { secret: SECRET, now },
  ).findings
  assert.equal(foreign.cause, 'algorithm-unlisted')
  const short = { ...optionsOf('draftCavage'), mustInclude: ['(request-target)', 'date', 'digest', 'x-tenant'] }
  const [uncovered] = explain(schemes.draftCavage, request, short).findings
  assert.deepEqual([uncovered.cause, uncovered.confidence], ['uncovered', 'proved'])
})

test('a body of another length than announced is told', () => {
  const request = toGithub(`sha256=${hexOf(JSON_BODY)}`, { 'content-length': String(JSON_BODY.length + 40) })
  const { findings } = explain(github, { ...request, body: Buffer.from('{"quite":"another"}') }, { secret: SECRET, now })
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['body-length', 'unknown'],
  )
})

test('a secret that does not decode is a finding and no throw', () => {
  const { code, findings } = explain(schemes.standardWebhooks, send(senders.standardWebhooks), { secret: 'whsec_ this is no base64!', now })
  assert.equal(code, 'ERR_SECRET_UNUSABLE')
  assert.equal(findings[0].cause, 'secret-undecodable')
})

test('both strings to sign are shown, cut around the first difference, which is marked', () => {
  const long = JSON.stringify({ front: 'f'.repeat(5000), mark: 'caf\u00e9', back: 'b'.repeat(5000) })
  const theirs = long.replace('\u00e9', '\\u00e9')
  const [first] = explain(github, { ...toGithub(`sha256=${hexOf(theirs)}`), body: Buffer.from(long) }, { secret: SECRET, now }).findings
  assert.equal(first.shows, 'message')
  assert.equal(first.difference.offset, long.indexOf('\u00e9'))
  assert.equal(first.difference.line, 1)
  assert.ok(first.theirs.includes('caf\\u00e9') && first.ours.includes('caf\u00e9'))
  assert.ok(first.theirs.length < 600 && first.ours.length < 600)
  const [above, below, caret] = first.difference.marked.split('\n')
  assert.equal(above.slice(0, caret.indexOf('^')).slice(8), below.slice(0, caret.indexOf('^')).slice(8))
  assert.notEqual(above[caret.indexOf('^')], below[caret.indexOf('^')])
})

test('where the string to sign holds a digest of the body the bodies are shown', () => {
  const [first] = explain(
    schemes.awsSigv4,
    send(senders.awsSigv4, { signed: { body: Buffer.from(`${JSON_BODY}\n`) } }),
    optionsOf('awsSigv4'),
  ).findings
  assert.equal(first.cause, 'body-newline')
  assert.equal(first.shows, 'body')
  assert.ok(first.theirs.endsWith('<LF>'))
})

test('what a terminal would act on is escaped', () => {
  const body = '\u001b[31mred\u0007\r\n\u202egnp\u0000\ufeff\u0085end'
  for (const octets of [Buffer.from(body), Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff, 0x9b, 0x0a])]) {
    const headers = { 'x-hub-signature-256': `sha256=${hexOf('else')}`, 'x-other': 'a' }
    const text = formatExplanation(explain(github, { ...hook(headers), body: octets }, { secret: SECRET, now }))
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\0-\x1f\x7f-\x9f\u202a-\u202e\ufeff]/)
    for (const line of text.split('\n')) assert.doesNotMatch(line, /^(red|end|gnp)/)
  }
})

test('formatExplanation has colours only when asked, and says when a signature holds', () => {
  const good = explain(github, toGithub(`sha256=${hexOf(JSON_BODY)}`), { secret: SECRET, now })
  assert.deepEqual([good.ok, good.findings.length], [true, 0])
  assert.equal(formatExplanation(good), 'the signature holds (github)')
  assert.ok(formatExplanation(good, { colour: true }).includes('\u001b['))
  const bad = explain(github, toGithub(hexOf(JSON_BODY)), { secret: SECRET, now })
  assert.ok(!formatExplanation(bad).includes('\u001b'))
  assert.match(formatExplanation(bad), /prefix-missing/)
  assert.throws(() => formatExplanation(bad, { color: true }), /did you mean "colour"/)
})

/** Every way in which a secret or the signature that we would take could be written. */
function canaries(name, request) {
  const { secret } = optionsOf(name)
  const texts = [secret, secret.replace('whsec_', ''), Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')]
  const decoded = name === 'standardWebhooks' || name === 'rfc9421' ? [Buffer.from(secret.replace('whsec_', ''), 'base64').toString()] : []
  const sender = senders[name]
  const honest = send(sender, () => ({ signed: { body: request.body, url: request.url } }))
  const signatures = Object.values(honest.headers).flatMap((value) => String(value).match(/[A-Za-z0-9+/_-]{26,}={0,2}/g) ?? [])
  const digests = signatures.filter((text) => [20, 32].includes(octetsOf(text).length))
  const expected = digests.flatMap((text) => [text, octetsOf(text).toString('base64'), octetsOf(text).toString('hex')])
  // A digest of the body is no signature.
  const digest = createHash('sha256').update(request.body).digest()
  const isDigest = (text) => [digest.toString('hex'), digest.toString('base64')].includes(text)
  return [...texts, ...decoded, ...expected.filter((text) => !isDigest(text))]
}

function octetsOf(text) {
  return Buffer.from(text, /^(?:[0-9a-f]{2})+$/.test(text) ? 'hex' : 'base64')
}

test('neither a secret nor the signature that would hold is ever shown', () => {
  const mistakes = [
    { key: Buffer.from('a forger does not know the secret') },
    ({ body }) => ({ signed: { body: Buffer.concat([body, Buffer.from('\n')]) } }),
    ({ encoding, front }) => ({ write: (octets) => front + octets.toString(encoding === 'hex' ? 'base64' : 'hex') }),
    { front: '' },
    ({ body, secret }) => ({ body: Buffer.concat([body, Buffer.from(`${secret} ${Buffer.from(secret).toString('hex')}`)]) }),
    ({ body, secret }) => ({
      body: Buffer.from(`{"key": "${secret}", "b64": "${Buffer.from(secret).toString('base64')}"}`),
      signed: { body },
    }),
    ({ sender }) => ({ time: sender.time?.(NOW_MS - 4_000_000) ?? String(NOW_MS / 1000 - 4000) }),
    ({ secret }) => ({ key: Buffer.from(`${secret}\n`) }),
    { hash: 'sha512' },
  ]
  for (const name of Object.keys(senders)) {
    for (const mistake of mistakes) {
      const request = send(senders[name], mistake)
      const explanation = explain(schemeOf(name), request, optionsOf(name))
      const shown = `${JSON.stringify(explanation)}\n${formatExplanation(explanation)}`
      for (const canary of canaries(name, request)) assert.ok(!shown.includes(canary), `${name} shows ${canary}: ${shown}`)
    }
  }
})

test('a scheme that signs the secret too shows the string to sign without it', () => {
  const own = scheme({
    name: 'signs-secret',
    signature: { header: 'x-signature' },
    message: '{secret}:{body}:{body|hmac|hex}',
  })
  const message = `${SECRET}:${JSON_BODY}\n:${hexOf(`${JSON_BODY}\n`)}`
  const { findings } = explain(own, hook({ 'x-signature': hexOf(message) }), { secret: SECRET, now })
  assert.equal(findings[0].cause, 'body-newline')
  assert.ok(findings[0].theirs.startsWith('[secret]:'))
  const shown = JSON.stringify(findings)
  for (const canary of [SECRET, hexOf(`${JSON_BODY}\n`), hexOf(JSON_BODY), hexOf(message)]) assert.ok(!shown.includes(canary))
})

test('a short secret is cut as well', () => {
  const [short, own] = ['hunter2', scheme({ name: 'keyed', signature: { header: 'x-signature' }, message: '{header:x-key}\n{body}' })]
  const request = hook({ 'x-key': short, 'x-signature': hexOf(`${short}\n${JSON_BODY}\n`, short) })
  const { findings } = explain(own, request, { secret: short, allowWeakSecret: true, now })
  assert.equal(findings[0].cause, 'body-newline')
  assert.ok(findings[0].theirs.startsWith('[secret]'))
  assert.ok(!JSON.stringify(findings).includes(short))
})

test('a title shows a backslash of a secret once', () => {
  const [first] = explain(github, toGithub(`sha256=${hexOf(JSON_BODY)}`), { secret: `${SECRET}\\n`, now }).findings
  assert.equal(first.title, 'our secret ends with the two characters \\n, which were to be a line feed')
})

test('a title quotes nothing of a secret, whatever the request or the prefix says', () => {
  const own = 'prod_billing_main_Zq81kTt0pW3r'
  const [first] = explain(github, toGithub(`sha256=${hexOf(JSON_BODY, 'Zq81kTt0pW3r')}`), { secret: own, now }).findings
  assert.equal(first.cause, 'secret-prefix')
  assert.doesNotMatch(first.title, /prod|billing|main|Zq81/)
  const headers = { 'x-slack-request-timestamp': SECRET, 'x-slack-signature': `v0=${hexOf(JSON_BODY)}` }
  const told = JSON.stringify(explain(slack, hook(headers), { secret: SECRET, now }))
  assert.ok(!told.includes(SECRET))
  const keyed = { date: new Date(NOW_MS).toUTCString(), authorization: `${SECRET}:${'A'.repeat(43)}=` }
  const unknown = JSON.stringify(explain(schemes.wso2, hook(keyed), { secret: [{ id: 'k', secret: SECRET }], now }))
  assert.ok(!unknown.includes(SECRET))
})

/** Counts what is really done, whatever explain says of it. */
function counting(body, work) {
  const counts = { hmacs: 0, parses: 0 }
  const before = { ...calls }
  const { parse } = JSON
  const Params = globalThis.URLSearchParams
  JSON.parse = (text, ...rest) => {
    if (typeof text === 'string' && text.length >= body.length - 8) counts.parses += 1
    return parse(text, ...rest)
  }
  try {
    const explanation = work()
    counts.hmacs = (calls.hash - before.hash) / 2 + calls.createHmac - before.createHmac
    return { counts, explanation }
  } finally {
    Object.assign(JSON, { parse })
    globalThis.URLSearchParams = Params
  }
}

test('an explanation does at most 2,000 HMACs and 64 parses of the body', () => {
  const members = scheme({
    name: 'members',
    signature: { json: '/mac' },
    message: '{json:/type}\n{json:/amount}',
    ambiguous: 'a line feed inside a value is not escaped',
  })
  const canonical = scheme({
    name: 'canonical',
    signature: { header: 'x-signature' },
    message: '{body|jcs}',
  })
  const jobs = [
    ...Object.keys(senders).map((name) => [
      schemeOf(name),
      send(senders[name], { key: Buffer.from('forged, with no secret of ours') }),
      optionsOf(name),
    ]),
    [members, hook({}, JSON_BODY.replace('{', `{"mac":"${'0'.repeat(64)}",`)), { secret: SECRET, now }],
    [canonical, hook({ 'x-signature': '0'.repeat(64) }), { secret: SECRET, now }],
    ...[
      '{body|minify}',
      '{body|spelt:/type}',
      { each: 'json', spelt: true, sort: 'name', item: '{name|encode}={value|encode}', join: '&' },
    ].map((message) => [
      scheme({ name: 'spelt', signature: { header: 'x-signature' }, message }),
      hook({ 'x-signature': '0'.repeat(64) }),
      { secret: SECRET, now },
    ]),
    [github, toGithub(`sha256=${'0'.repeat(64)}`), { secret: Array.from({ length: 40 }, (_, at) => `secret number ${at} of forty`), now }],
  ]
  for (const [asked, request, options] of jobs) {
    const { counts, explanation } = counting(request.body, () => explain(asked, request, options))
    assert.equal(explanation.ok, false)
    assert.ok(explanation.work.hmacs <= 2000 && explanation.work.parses <= 64)
    // Digests of the body count as half an HMAC here.
    assert.ok(counts.hmacs <= 4000, `${asked.name}: ${counts.hmacs}`)
    assert.ok(counts.parses <= 64, `${asked.name}: ${counts.parses} parses`)
  }
})

test('the count of HMACs is true: of a scheme that hashes nothing else, what is said is what was done', () => {
  const request = toGithub(`sha256=${'0'.repeat(64)}`)
  const { counts, explanation } = counting(request.body, () => explain(github, request, { secret: SECRET, now }))
  assert.ok(counts.hmacs <= 2000, `${counts.hmacs}`)
  assert.ok(Math.abs(counts.hmacs - explanation.work.hmacs) <= 40, `${counts.hmacs} ${explanation.work.hmacs}`)
})

test('a limit that ends the search is told', () => {
  const secret = Array.from({ length: 100 }, (_, at) => `secret number ${at} of a hundred`)
  const { work } = explain(github, toGithub(`sha256=${'0'.repeat(64)}`), { secret, now })
  assert.equal(work.exhausted, true)
})

test('hostile requests take bounded time', () => {
  const lots = (text, count) => text.repeat(count)
  const hostile = [
    hook({ 'x-hub-signature-256': `sha256=${lots('sha256=', 1000)}` }),
    toGithub(`sha256=${'0'.repeat(64)}`, {
      'x-forwarded-host': lots('a,', 4000),
      forwarded: lots('host=', 3000),
      'x-original-uri': lots('/', 8000),
    }),
    { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.from(lots('[', 100_000) + lots(']', 100_000)) },
    { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.from(`"${lots('\\u003c', 150_000)}"`) },
    { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.from(lots('\r\n', 500_000)) },
    { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.alloc(8 * 1024 * 1024, 0x20) },
    { ...toGithub(`sha256=${'0'.repeat(64)}`), url: `/${lots('%2f', 2000)}?${lots('a=b&', 999)}` },
  ]
  for (const [at, request] of hostile.entries()) {
    const started = process.hrtime.bigint()
    const { ok, work } = explain(github, request, { secret: SECRET, now })
    const seconds = Number(process.hrtime.bigint() - started) / 1e9
    assert.ok(!ok && work.hmacs <= 2000)
    assert.ok(seconds < 20, `${at}: ${seconds} s`)
  }
})

test('of a body of very many small values few parses are made', () => {
  const members = Array.from({ length: 90_000 }, (_, at) => `"k${at}":1`).join(',')
  const request = { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.from(`{${members}}`) }
  const inside = scheme({ name: 'inside', signature: { json: '/mac' }, message: '{json:/type}\n{json:/k1}', ambiguous: 'a test' })
  for (const [asked, parses] of [
    [inside, 16],
    [github, 3],
  ]) {
    const { ok, work } = explain(asked, request, { secret: SECRET, now })
    assert.ok(!ok && work.exhausted)
    assert.ok(work.parses <= parses && work.hmacs <= 60, JSON.stringify(work))
  }
})

test('a body of 1 MiB is not too large for the spellings that are most usual', () => {
  const row = { name: 'a customer of the shop', email: 'c@example.com', total: 12.5, note: 'Zo\u00eb' }
  const rows = Array.from({ length: 9000 }, (_, id) => ({ id, ...row }))
  const body = Buffer.from(JSON.stringify(rows))
  for (const signed of [JSON.stringify(rows, null, 2), `${JSON.stringify(rows)}\n`, JSON.stringify(rows, null, 4)]) {
    const request = { ...toGithub(`sha256=${createHmac('sha256', SECRET).update(signed).digest('hex')}`), body }
    assert.equal(explain(github, request, { secret: SECRET, now }).findings[0].confidence, 'proved')
  }
})

test('a body that is larger than all that a search may sign is explained without one', () => {
  const body = Buffer.alloc(208 * 1024 * 1024, 0x61)
  const { ok, findings, work } = explain(github, { ...toGithub(`sha256=${'0'.repeat(64)}`), body }, { secret: SECRET, now })
  assert.ok(!ok && work.exhausted)
  assert.equal(findings[0].cause, 'unknown')
})

test('of a body over 1 MiB no other spelling is tried, and that is told', () => {
  const { findings } = explain(
    github,
    { ...toGithub(`sha256=${'0'.repeat(64)}`), body: Buffer.alloc(1024 * 1024 + 1, 0x61) },
    { secret: SECRET, now },
  )
  assert.match(findings[0].title, /too large/)
})

test('no request makes explain throw', () => {
  const names = [
    'x-hub-signature-256',
    'content-type',
    'content-length',
    'host',
    'forwarded',
    'x-forwarded-host',
    'x-original-uri',
    'authorization',
    'signature-input',
    'signature',
    'date',
    'x-amz-date',
    'stripe-signature',
  ]
  const latin1 = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  const value = fc.oneof(
    latin1,
    fc.constantFrom('sha256=', 't=1,v1=00', 'k:AAAA', 'sig1=("@method");created=1', 'sig1=:AAAA:', '0'.repeat(64)),
  )
  const headers = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 }).map((pairs) => pairs.flat())
  const url = fc.oneof(
    fc.webPath().map((path) => path || '/'),
    latin1.map((text) => `/${text}`),
    fc.webUrl(),
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.json().map((text) => Buffer.from(text)),
    latin1.map((text) => Buffer.from(text)),
  )
  const asked = fc.constantFrom(...Object.keys(senders))
  const property = fc.property(asked, headers, url, body, (name, rawHeaders, target, octets) => {
    const result = explain(schemeOf(name), { method: 'POST', url: target, headers: rawHeaders, body: octets }, optionsOf(name))
    assert.ok(result.ok || result.findings.length > 0)
    assert.equal(typeof formatExplanation(result), 'string')
  })
  fc.assert(property, { numRuns: 60, seed: 9421 })
})

test('mistakes of the caller are TypeErrors that name the option', () => {
  const request = toGithub('sha256=')
  assert.throws(() => explain(github, request, { secret: SECRET, secrets: [] }), {
    name: 'TypeError',
    message: /explain: option "secrets" is unknown/,
  })
  assert.throws(() => explain(github, request, {}), { name: 'TypeError', message: /option "secret" is needed/ })
  assert.throws(() => explain(github, request, { secret: () => SECRET }), { name: 'TypeError', message: /look-ups are for hmacVerify/ })
  assert.throws(() => explain(github, request, { secret: ' ' }), TypeError)
  assert.throws(() => explain(github, request, { secret: [] }), TypeError)
  assert.throws(() => explain(undefined, request, { secret: SECRET }), TypeError)
  assert.throws(() => explain(github, { ...request, body: 'text' }, { secret: SECRET }), { name: 'TypeError', message: /request.body/ })
  assert.throws(() => explain(slack, request, { secret: SECRET, publicOrigin: 'nowhere' }), TypeError)
})

test('the package itself does not load explain', () => {
  const probe = `
    import { register } from 'node:module'
    const hooks = 'export async function load(url, context, next) { if (url.includes("/explain/")) console.log(url); return next(url, context) }'
    register('data:text/javascript,' + encodeURIComponent(hooks))
    await import('@countersign/schemes')
    console.log('done')`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', probe], { cwd: import.meta.dirname, encoding: 'utf8' })
  assert.equal(out, 'done\n')
})
