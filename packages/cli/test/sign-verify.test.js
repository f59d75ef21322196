import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as schemes from '@countersign/schemes'
import { without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { bash, cli, cliJson, inProcess, MAIN } from './support/cli.js'

const SECRET = 'canary-secret-0123456789abcdef'
const env = { S: SECRET }
const names = new Set(Object.values(schemes).map(({ name, message }) => message && name))
const vectors = JSON.parse(readFileSync(new URL('../../../test/vectors/preset.json', import.meta.url), 'utf8'))

/** Neither stream shows the secret, in any of the spellings that it could leak in. */
function holdsNoSecret({ stdout = '', stderr = '' }) {
  for (const text of [stdout, stderr])
    for (const form of [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex')])
      assert.ok(!text.includes(form), text)
}

describe('usage', () => {
  test('mistakes end with 2, on stderr, and stdout stays empty', async () => {
    const lines = [
      [['frob'], /unknown command 'frob'/],
      [['sign'], /missing required argument 'scheme'/],
      [['sign', 'githb', '/x', '--secret-env', 'S'], /did you mean github\?/],
      [['sign', 'github', '--secret-env', 'S'], /name a request/],
      [['sign', 'github', '/x', '--frob'], /unknown option '--frob'/],
      [['sign', 'github', '/x'], /--secret-env NAME, --secret-file FILE or --secret-stdin/],
      [['sign', 'github', '/x', '--secret-env', 'NOT_SET_ANYWHERE'], /NOT_SET_ANYWHERE is not set/],
      [['sign', 'github', 'x y', '--secret-env', 'S'], /URL must start/],
      [['sign', 'github', 'GET', '/x', 'more', '--secret-env', 'S'], /too many arguments/],
      [['sign', 'github', '/x', '-H', 'nothing', '--secret-env', 'S'], /'Name: value'/],
      [['sign', 'github', '/x', '-H', 'a b: c', '--secret-env', 'S'], /name of a field/],
      [['sign', 'github', '/x', '--as', 'xml', '--secret-env', 'S'], /headers, curl, openssl, message/],
      [['sign', 'github', '/x', '--as', 'curl', '--secret-env', 'S'], /whole URL/],
      [['sign', 'github', '/x', '--body', 'a', '--body-file', 'b', '--secret-env', 'S'], /--body or --body-file/],
      [['sign', 'github', '/x', '--request', 'f', '--secret-env', 'S'], /name one request/],
      [['verify', 'github', '--request', 'f', '--har', 'g', '--secret-env', 'S'], /name one request/],
      [['verify', 'github', '--request', 'f', '--header', 'a: b', '--secret-env', 'S'], /go with a URL/],
      [['verify', 'github', '--request', '-', '--secret-stdin'], /stdin/],
      [['verify', 'slack', '/x', '--now', 'yesterday', '--secret-env', 'S'], /--now/],
      [['verify', 'slack', '/x', '--tolerance', '1e3', '--secret-env', 'S'], /--tolerance must be a whole number of seconds/],
      [['sign', 'aws-sigv4', '/x', '--param', 'region', '--secret-env', 'S'], /NAME=VALUE/],
      [['sign', 'aws-sigv4', '/x', '--param', 'region=a', '--param', 'region=b', '--secret-env', 'S'], /region twice/],
      [['sign', 'hubspot-v1', '/x', '--secret-env', 'S'], /--allow-insecure-scheme/],
    ]
    for (const [args, pattern] of lines) {
      const { code, stdout, stderr } = await (args.includes('-') ? cli : inProcess)(args, { env, input: 'GET / HTTP/1.1\n\n' })
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
      assert.equal(stdout, '')
      assert.match(stderr, pattern)
    }
  })

  test('stdin gives one thing: what else would come from it is refused, not taken as empty', async () => {
    const curl = "curl https://a.example/hooks -d @- -H 'x-hub-signature-256: sha256=00'"
    const lines = [
      [['verify', 'github', '--curl', '-', '--secret-env', 'S'], curl],
      [['sign', 'github', '--secret-stdin', '--', 'curl', 'https://a.example/hooks', '-d', '@-'], SECRET],
      [['sign', '-', '/x', '--body-file', '-', '--secret-env', 'S'], '{"name":"a","signature":{"header":"x-s"},"message":"{body}"}'],
      [['sign', 'github', '/x', '--body', 'a', '--secret-file', '-', '--secret-stdin'], SECRET],
    ]
    for (const [args, input] of lines) {
      const result = await cli(args, { env, input })
      assert.deepEqual([result.code, result.stdout], [2, ''], args.join(' '))
      assert.match(result.stderr, /stdin can give one thing/)
      holdsNoSecret(result)
    }
  })

  test('a short secret is refused with the flag that takes it, and not shown', async () => {
    const { code, stderr } = await cli(['sign', 'github', '/x', '--body', 'a', '--secret-env', 'W'], { env: { W: 'tiny-w' } })
    assert.equal(code, 2)
    assert.match(stderr, /--allow-weak-secret/)
    assert.ok(!stderr.includes('tiny-w'))
    assert.equal(
      (await cli(['sign', 'github', '/x', '--body', 'a', '--secret-env', 'W', '--allow-weak-secret'], { env: { W: 'tiny-w' } })).code,
      0,
    )
  })

  test('a secret among the arguments is refused, and not repeated', async () => {
    for (const args of [
      [`--secret=${SECRET}`],
      ['--secret', SECRET],
      ['--secret-env', SECRET],
      [`--secret-env=${SECRET}`],
      [`--secret=${SECRET}'\n'x`],
      ['--password', SECRET],
    ]) {
      const result = await cli(['sign', 'github', '/x', '--body', 'a', ...args])
      assert.equal(result.code, 2)
      holdsNoSecret(result)
    }
  })

  test('what cannot be read ends with 3; a mistake is JSON with --json', async () => {
    const { code, stderr } = await cli(['verify', 'github', '--request', '/no/such/file', '--secret-env', 'S', '--json'], { env })
    assert.equal(code, 3)
    const { error } = JSON.parse(stderr)
    assert.deepEqual(Object.keys(error), ['code', 'message', 'exitCode'])
    assert.deepEqual([error.code, error.exitCode], ['ERR_CLI_OUT_OF_REACH', 3])
    assert.match(error.message, /ENOENT/)
    assert.equal((await cli(['sign', './nowhere.json', '/x', '--secret-env', 'S'], { env })).code, 3)
  })

  test('the --json of a curl command is its own', async () => {
    const args = ['sign', 'github', '--secret-env', 'S', '--', 'curl', '--json', '{"a":1}', 'http://a.example/x']
    const { code, stdout } = await inProcess(args, { env })
    assert.equal(code, 0)
    assert.match(stdout, /^x-hub-signature-256: sha256=[0-9a-f]{64}\n$/)
    const { stderr } = await inProcess([...args, 'http://b.example/'], { env })
    assert.match(stderr, /^countersign: the curl command has several URLs/)
  })

  test('help has examples, and a command alone shows it with 2', async () => {
    for (const command of ['sign', 'verify', 'explain', 'listen', 'pin', 'token', 'completion']) {
      const { code, stdout } = await inProcess([command, '--help'])
      assert.equal(code, 0)
      assert.match(stdout, /\nExamples:\n[\s\S]*countersign /, command)
    }
    assert.equal((await cli([])).code, 2)
    assert.match((await cli(['--help'])).stdout, /Exit codes:/)
    assert.match((await cli(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  })
})

describe('sign', () => {
  test('takes the secret from a variable, a file or stdin, with one line break at the end of a file cut', async (t) => {
    const folder = tempFolder(t)
    writeFileSync(join(folder, 'lf'), `${SECRET}\n`)
    writeFileSync(join(folder, 'crlf'), `${SECRET}\r\n`)
    const sign = async (args, options) =>
      (await cliJson(['sign', 'github', '/x', '--body', 'a', ...args], options)).json.headers['x-hub-signature-256']
    const wanted = await sign(['--secret-env', 'S'], { env })
    assert.equal(await sign(['--secret-file', join(folder, 'lf')]), wanted)
    assert.equal(await sign(['--secret-file', join(folder, 'crlf')]), wanted)
    assert.equal(await sign(['--secret-stdin'], { input: `${SECRET}\n` }), wanted)
    assert.notEqual(await sign(['--secret-stdin'], { input: `${SECRET}\n\n` }), wanted)
    const body = { method: 'POST', url: '/x', headers: { 'x-hub-signature-256': wanted }, body: Buffer.from('a') }
    assert.equal(schemes.verify(schemes.github, body, { secret: SECRET }).ok, true)
  })

  test('its JSON has always the same members, and no secret', async () => {
    const { json } = await cliJson(
      ['sign', 'slack', 'https://a.example/x?y=1', '--body', 'a', '--secret-env', 'S', '--now', '1700000000'],
      { env },
    )
    assert.deepEqual(Object.keys(json), ['scheme', 'method', 'url', 'headers', 'body', 'message'])
    assert.deepEqual(json.message, { utf8: 'v0:1700000000:a' })
    assert.deepEqual([json.method, json.url, json.body], ['POST', 'https://a.example/x?y=1', { utf8: 'a' }])
    const octets = await cliJson(['sign', 'github', '/x', '--body-file', '-', '--secret-env', 'S'], { env, input: Buffer.from([0xff, 0]) })
    assert.deepEqual(octets.json.body, { base64: '/wA=' })
    holdsNoSecret({ stdout: JSON.stringify(json) })
  })

  test('a message that holds the secret is not shown', async () => {
    const args = ['hubspot-v1', '/x', '--body', 'a', '--secret-env', 'S', '--allow-insecure-scheme']
    const shown = await cli(['sign', ...args, '--as', 'message'], { env })
    assert.equal(shown.code, 2)
    holdsNoSecret(shown)
    const { json } = await cliJson(['sign', ...args], { env })
    assert.ok(!('message' in json))
    assert.equal((await cli(['sign', ...args, '--as', 'openssl'], { env })).code, 2)
  })
})

describe('--as openssl', { skip: without('openssl', 'bash') }, () => {
  const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
  const base64 = Buffer.from(KEY, 'hex').toString('base64')
  const aws = ['--param', 'region=eu-1', '--param', 'service=s3', '--key-id', 'AK1']
  const cases = [
    ['github', SECRET, [], (headers) => headers['x-hub-signature-256'].slice('sha256='.length)],
    ['slack', SECRET, [], (headers) => headers['x-slack-signature'].slice('v0='.length)],
    ['shopify', SECRET, [], (headers) => headers['x-shopify-hmac-sha256']],
    ['standard-webhooks', `whsec_${base64}`, ['--nonce', 'msg_1'], (headers) => headers['webhook-signature'].slice('v1,'.length)],
    ['azure-app-configuration', base64, ['--key-id', 'k'], (headers) => /Signature=([^&]+)$/.exec(headers.authorization)[1]],
    ['adyen-platform', KEY, [], (headers) => headers.hmacsignature],
    ['aws-sigv4', SECRET, aws, (headers) => /Signature=([0-9a-f]+)$/.exec(headers.authorization)[1]],
    ['volcengine-v4', SECRET, aws, (headers) => /Signature=([0-9a-f]+)$/.exec(headers.authorization)[1]],
    [
      'gcs-goog4-hmac',
      SECRET,
      ['--param', 'region=eu-1', '--key-id', 'AK1'],
      (headers) => /Signature=([0-9a-f]+)$/.exec(headers.authorization)[1],
    ],
    ['alibaba-roa-v1', SECRET, ['--key-id', 'k', '--nonce', 'n-1'], (headers) => /:([^:]+)$/.exec(headers.authorization)[1]],
  ]
  for (const [scheme, secret, args, signatureOf] of cases) {
    test(`prints lines that give the signature of ${scheme}, and not its secret`, async () => {
      const all = [
        'sign',
        scheme,
        'https://api.example.com/a?b=1',
        '--body',
        '{"it\'s":"100% \u00e9\\n\n"}',
        '--secret-env',
        'S',
        '--now',
        '1700000000',
        ...args,
      ]
      const signed = await cliJson(all, { env: { S: secret } })
      assert.equal(signed.code, 0, signed.stderr)
      const { stdout } = await inProcess([...all, '--as', 'openssl'], { env: { S: secret } })
      assert.ok(!stdout.includes(secret))
      assert.equal((await bash(stdout, { S: secret })).trim(), signatureOf(signed.json.headers))
    })
  }

  test('and none for keys that are not derived by HMAC', async (t) => {
    const file = join(tempFolder(t), 'own.json')
    const own = { name: 'own', signature: { header: 'x-s' }, message: '{body}' }
    const args = ['sign', file, '/x', '--body', 'a', '--secret-env', 'S', '--as', 'openssl']
    for (const [by, code] of [
      ['hmac', 0],
      ['sha256', 2],
      ['aes-128', 2],
    ]) {
      writeFileSync(file, JSON.stringify({ ...own, key: { chain: ['{secret}', 'orders'], by } }))
      const told = await cli(args, { env: { S: '0123456789abcdef' } })
      assert.equal(told.code, code, by)
      if (code !== 0) assert.match(told.stderr, /no line for this scheme: its key is derived by/)
    }
  })

  test('and any octets of a body', async () => {
    const input = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 7) % 256))
    const args = ['sign', 'github', '/x', '--body-file', '-', '--secret-env', 'S']
    const { json } = await cliJson(args, { env, input })
    const { stdout } = await cli([...args, '--as', 'openssl'], { env, input })
    assert.match(stdout, /^[\x20-\x7e\n]*$/)
    assert.equal(`sha256=${(await bash(stdout, env)).trim()}`, json.headers['x-hub-signature-256'])
  })
})

describe('verify', () => {
  const signed = async (args = []) =>
    (await cliJson(['sign', 'slack', '/x', '--body', '{"a":1}', '--secret-env', 'S', ...args], { env })).json.headers
  const rawWith = (headers, body = '{"a":1}') =>
    `POST /x HTTP/1.1\r\nHost: h\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`

  test('is 1 for what does not hold, with the code, and shows no expected signature', async () => {
    const headers = await signed(['--now', '1700000000'])
    const args = ['verify', 'slack', '--request', '-', '--secret-env', 'S', '--now', '1700000000']
    const wrong = await cli(args, { env, input: rawWith(headers, '{"a":2}') })
    assert.equal(wrong.code, 1)
    assert.match(wrong.stdout, /not valid: ERR_HMAC_MISMATCH/)
    assert.ok(!/[0-9a-f]{64}/.test(wrong.stdout))
    const { code, json } = await cliJson(args, { env, input: rawWith({}) })
    assert.equal(code, 1)
    assert.deepEqual(json, { ok: false, scheme: 'slack', code: 'ERR_HMAC_MISSING', reason: json.reason, absent: true })
    const stale = await cli(args.slice(0, -2), { env, input: rawWith(headers) })
    assert.equal(stale.code, 1)
    assert.match(stale.stdout, /ERR_HMAC_STALE[\s\S]*--now/)
  })

  test('is 0 for what holds, from each kind of input', async (t) => {
    const headers = await signed()
    const curl = `curl http://h/x --data-raw '{"a":1}' ${Object.entries(headers)
      .map(([name, value]) => `-H '${name}: ${value}'`)
      .join(' ')}`
    const request = {
      method: 'POST',
      url: 'http://h/x',
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      postData: { text: '{"a":1}' },
    }
    const har = JSON.stringify({ log: { entries: [{ request: { ...request, url: 'http://other/' } }, { request }] } })
    const folder = tempFolder(t)
    writeFileSync(join(folder, 'body'), '{"a":1}')
    const typed = [
      'POST',
      '/x',
      '--body-file',
      join(folder, 'body'),
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ]
    const words = [
      '--',
      'curl',
      'http://h/x',
      '-d',
      '{"a":1}',
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ]
    for (const [args, input] of [
      [['--request', '-'], rawWith(headers)],
      [['--curl', '-'], curl],
      [['--curl', curl], ''],
      [['--har', '-', '--entry', '2'], har],
      [typed, ''],
      [words, ''],
    ]) {
      const result = await cli(['verify', 'slack', '--secret-env', 'S', ...args], { env, input })
      assert.equal(result.code, 0, `${args[0]}: ${result.stdout}${result.stderr}`)
      assert.match(result.stdout, /^valid: slack, signed \d{4}-/)
      holdsNoSecret(result)
    }
  })

  for (const [host, origin] of [
    ['hooks.example.com', 'https://hooks.example.com'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['LOCALHOST', 'http://LOCALHOST'],
    ['127.0.0.1.example.com', 'https://127.0.0.1.example.com'],
    ['hooks.example.com/other', undefined],
    ['a b', undefined],
  ]) {
    test(`S21: a saved request with Host ${host} is assumed to be sent to ${origin ?? 'no origin'}`, async () => {
      const input = `POST /sms HTTP/1.1\r\nHost: ${host}\r\nX-Twilio-Signature: AAAA\r\n\r\n`
      const { stdout, stderr } = await cli(['verify', 'twilio', '--request', '-', '--secret-env', 'S'], { env, input })
      const [, assumed] = /assumed to be sent to (\S+);/.exec(stdout + stderr) ?? []
      assert.equal(assumed, origin)
    })
  }

  test('S21: nothing is assumed aloud of where a request was sent where its scheme does not sign that', async () => {
    const input = 'POST /hooks HTTP/1.1\r\nHost: hooks.example.com\r\nX-Hub-Signature-256: sha256=00\r\n\r\n{}'
    for (const command of ['verify', 'explain']) {
      const { code, stdout, stderr } = await cli([command, 'github', '--request', '-', '--secret-env', 'S'], { env, input })
      assert.equal(code, 1)
      assert.doesNotMatch(stdout + stderr, /assumed/)
    }
  })

  test('its JSON for what holds has always the same members', async () => {
    const { json } = await cliJson(['verify', 'slack', '--request', '-', '--secret-env', 'S'], { env, input: rawWith(await signed()) })
    assert.deepEqual(Object.keys(json), ['ok', 'scheme', 'keyId', 'signedAt', 'nonce'])
  })

  test('either secret may hold during a rotation', async () => {
    const input = rawWith(await signed())
    const both = await cli(['verify', 'slack', '--request', '-', '--secret-env', 'NEW', '--secret-env', 'S'], {
      env: { ...env, NEW: 'another secret 0123456789' },
      input,
    })
    assert.equal(both.code, 0)
  })

  test('shows what a sender wrote with its controls escaped', async () => {
    const input = rawWith({ 'x-slack-request-timestamp': '\x1b[31m1', 'x-slack-signature': 'v0=\x1b]0;x\x07' })
    const { stdout, stderr } = await cli(['verify', 'slack', '--request', '-', '--secret-env', 'S'], { env, input })
    assert.match(stdout + stderr, /^[\n\x20-\x7e]*$/)
  })
})

describe('the vectors of vendors', () => {
  // What is left out needs options of its own; test/vectors runs all of them.
  const known = vectors.filter(({ scheme, id }) => names.has(scheme) && !/^(aws|rfc9421)/.test(id))
  assert.ok(known.length > 20)
  const folder = tempFolder()
  for (const { id, scheme, request, secrets, params, now, toleranceSeconds, expect } of known) {
    test(`${id}: ${expect === 'valid' ? 'holds' : 'does not hold'}`, async () => {
      const { url = request.url, ...rest } = params ?? {}
      const options = [
        ...Object.entries(rest).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
        ...(now === null ? [] : ['--now', String(now)]),
        ...(toleranceSeconds === null ? [] : ['--tolerance', String(toleranceSeconds)]),
        ...['--origin', new URL(url).origin, '--allow-weak-secret', '--allow-insecure-scheme'],
        ...secrets.flatMap((_, i) => ['--secret-env', `S${i}`]),
      ]
      const vendorEnv = Object.fromEntries(secrets.map((secret, i) => [`S${i}`, secret]))
      const path = join(folder, id)
      writeFileSync(path, rawOf(request))
      const result = await inProcess(['verify', scheme, '--request', path, ...options], { env: vendorEnv })
      assert.equal(result.code, expect === 'valid' ? 0 : 1, result.stdout + result.stderr)
    })
  }
})

/** The request of a vector as it goes over the wire. */
function rawOf({ method, url, headers, bodyBase64 }) {
  const { pathname, search, host } = new URL(url)
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'host') ? headers : { host, ...headers }
  const lines = Object.entries(named).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  return Buffer.concat([
    Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    Buffer.from(bodyBase64 ?? '', 'base64'),
  ])
}

test('what never ends is refused, and not read for ever', async () => {
  if (process.platform === 'win32') return
  const args = ['verify', 'github', '--secret-env', 'S', '--request']
  const file = await cli([...args, '/dev/zero'], { env })
  assert.deepEqual([file.code, file.stderr], [2, 'countersign: /dev/zero has more than 67108864 octets\n'])
  const command = `yes | ${[process.execPath, MAIN, ...args, '-'].map((word) => `'${word}'`).join(' ')} 2>&1; true`
  assert.equal(await bash(command, env), 'countersign: stdin has more than 67108864 octets\n')
})
