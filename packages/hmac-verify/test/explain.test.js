import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { github, slack, wso2 } from '@countersign/schemes'
import { authRequest, hexOf, now, nowSeconds, outcome, secret } from './requests.js'

const BODY = '{"n":1}'
const DEADLINE_MS = 20_000

/** The next explanation that the process is warned with. */
async function explanation() {
  for (;;) {
    const [warning] = await once(process, 'warning', { signal: AbortSignal.timeout(DEADLINE_MS) })
    if (warning.name === 'CountersignExplanation') return warning
  }
}

/** Judges a request, and gives the explanation that is logged. */
async function explained(authenticator, request) {
  const waiting = explanation()
  const code = await outcome(authenticator, request)
  return { code, warning: await waiting }
}

async function inProduction(value, work) {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = value
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

test('explain: true refuses to start where NODE_ENV is production, however it is written', async () => {
  for (const value of ['production', 'Production', ' PRODUCTION ', '"production"', 'prod', 'production-eu']) {
    await inProduction(value, () => {
      for (const [factory, make] of [
        ['hmacAuthenticator', hmacAuthenticator],
        ['hmacVerify', forExpress],
        ['hmacVerify', forKoa],
      ]) {
        assert.throws(() => make({ secret, explain: true }), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_VALUE',
          message: new RegExp(`${factory}: option "explain" .*NODE_ENV is production`),
        })
        assert.doesNotThrow(() => make({ secret, explain: false }))
      }
    })
  }
  assert.throws(() => hmacAuthenticator({ secret, explain: 'yes' }), {
    name: 'TypeError',
    message: /option "explain" must be true or false/,
  })
})

test('a refusal is explained in the log, with its code, and without the secret or the signature that would hold', async () => {
  const authenticator = hmacAuthenticator({ scheme: github, secret, explain: true })
  const { code, warning } = await explained(
    authenticator,
    authRequest({ headers: { 'x-hub-signature-256': `sha256=${hexOf(BODY, `${secret}\n`)}` } }),
  )
  assert.equal(code, 'ERR_HMAC_MISMATCH')
  assert.equal(warning.code, 'ERR_HMAC_MISMATCH')
  assert.match(warning.message, /the secret of the sender ends with a line feed/)
  for (const canary of [secret, hexOf(BODY)]) assert.ok(!warning.message.includes(canary))
})

test('an absent signature is explained only where the request carries that of another scheme', async () => {
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, explain: true })
  assert.equal(await outcome(authenticator, authRequest()), 'absent')
  const other = hmacAuthenticator({ scheme: slack, secret, now, explain: true })
  const { code, warning } = await explained(other, authRequest({ headers: { 'x-hub-signature-256': `sha256=${hexOf(BODY)}` } }))
  assert.equal(code, 'absent')
  assert.match(warning.message, /'github'/)
})

test('what is refused by its head is explained without its body being read', async () => {
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, explain: true })
  const time = String(nowSeconds - 1000)
  const request = authRequest({ headers: { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${hexOf(`v0:${time}:${BODY}`)}` } })
  const { code, warning } = await explained(authenticator, request)
  assert.equal(code, 'ERR_HMAC_STALE')
  assert.equal(request.reads, 0)
  assert.match(warning.message, /the time is 1000 s old/)
})

test('secrets of a look-up and of a registry are explained with what was found', async () => {
  const date = new Date(nowSeconds * 1000).toUTCString()
  const headers = { date, 'content-type': 'application/json', authorization: `k1:${'A'.repeat(43)}=` }
  const asked = []
  const lookup = async (keyId) => {
    asked.push(keyId)
    return keyId === 'k1' ? secret : undefined
  }
  const found = await explained(hmacAuthenticator({ scheme: wso2, secret: lookup, now, explain: true }), authRequest({ headers }))
  assert.equal(found.code, 'ERR_HMAC_MISMATCH')
  assert.match(found.warning.message, /no known cause/)
  const unknown = { ...headers, authorization: headers.authorization.replace('k1', 'k2') }
  const none = await explained(hmacAuthenticator({ scheme: wso2, secret: lookup, now, explain: true }), authRequest({ headers: unknown }))
  assert.match(none.warning.message, /no active secret belongs to the key id "k2"/)
  assert.deepEqual(asked, ['k1', 'k2'])
  const clients = memoryClients({ clients: [{ id: 'crm', credentials: [{ kind: 'hmac', keyId: 'k1', secret }] }] })
  const known = await explained(hmacAuthenticator({ scheme: wso2, clients, now, explain: true }), authRequest({ headers }))
  assert.match(known.warning.message, /no known cause/)
})

test('the secret of another key id is told apart', async () => {
  const date = new Date(nowSeconds * 1000).toUTCString()
  const digest = createHash('sha256').update(BODY).digest('base64')
  const signature = createHmac('sha256', 'the-secret-of-another-client-012')
    .update(`POST\n${date}\n/orders\napplication/json\n${digest}`)
    .digest('base64')
  const headers = { date, 'content-type': 'application/json', authorization: `k1:${signature}` }
  const secrets = [
    { id: 'k1', secret },
    { id: 'k2', secret: 'the-secret-of-another-client-012' },
  ]
  const { code, warning } = await explained(
    hmacAuthenticator({ scheme: wso2, secret: secrets, now, explain: true }),
    authRequest({ headers }),
  )
  assert.equal(code, 'ERR_HMAC_MISMATCH')
  assert.match(warning.message, /signed with the secret "k2"/)
})

test('a flood is explained in part, and how many were left out is told', async (t) => {
  const authenticator = hmacAuthenticator({ scheme: github, secret, explain: true })
  const warnings = []
  const listen = (warning) => warnings.push(warning)
  process.on('warning', listen)
  const forged = () => authRequest({ headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } })
  const first = explanation()
  for (let i = 0; i < 500; i += 1) assert.equal(await outcome(authenticator, forged()), 'ERR_HMAC_MISMATCH')
  assert.match((await first).message, /\(499 other refusals were not explained\)/)
  for (let i = 0; i < 50; i += 1) await outcome(authenticator, forged())
  assert.equal(warnings.length, 1)
  process.off('warning', listen)
  const later = performance.now() + 3_600_000
  t.mock.method(performance, 'now', () => later)
  const { warning } = await explained(authenticator, forged())
  assert.match(warning.message, /\(50 other refusals were not explained\)/)
})

test('a process that is told later that it is in production explains nothing', async () => {
  const authenticator = hmacAuthenticator({ scheme: github, secret, explain: true })
  const warnings = []
  const listen = (warning) => warnings.push(warning)
  process.on('warning', listen)
  await inProduction('production', async () => {
    await outcome(authenticator, authRequest({ headers: { 'x-hub-signature-256': `sha256=${hexOf('else')}` } }))
    for (let i = 0; i < 50; i += 1) await new Promise(setImmediate)
  })
  process.off('warning', listen)
  assert.deepEqual(warnings, [])
})

test('S03: without the option nothing that a request says loads or runs explain', () => {
  const script = `
    import { register } from 'node:module'
    const hooks = 'export async function load(url, context, next) { if (url.includes("/explain/")) console.log(url); return next(url, context) }'
    register('data:text/javascript,' + encodeURIComponent(hooks))
    const { hmacAuthenticator } = await import('@countersign/hmac-verify')
    const { authRequest } = await import('./requests.js')
    const guard = hmacAuthenticator({ secret: 'a-secret-of-the-tests-0123456789' })
    for (const more of [{ explain: 'true' }, { 'x-explain': '1' }, { 'x-debug': 'true' }, { debug: 'explain' }, { 'node-env': 'development' }])
      for (const target of ['/?explain=true', '/?explain=1&debug=true', '/explain'])
        await guard.authenticate(authRequest({ target, headers: { ...more, 'x-signature': '0'.repeat(64) }, body: '{"explain":true}' }))
    await new Promise(setImmediate)
    console.log('done')`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, encoding: 'utf8' })
  assert.equal(out, 'done\n')
})
