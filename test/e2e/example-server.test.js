import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const WSO2_CLIENT = 'hSN3y4iQGUCUfvovakUq5Sq1CTQa'
const SIGNED_ORDER = '{"status":"ok","order_id":"12345","amount":100}'
const MAIN = new URL('../../examples/server/main.js', import.meta.url).pathname

/** A port that was free a moment ago. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

test('npm start -- --try: every good and bad case comes out as expected', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--try'])
  const [, ok, all] = /(\d+) of (\d+) as expected\n$/.exec(stdout)
  assert.equal(ok, all)
  assert.ok(Number(all) >= 114, stdout)
  assert.doesNotMatch(stdout, /FAIL/)
})

test('npm start -- --try --wire: shows what is signed and sent, and none of the secrets', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--try', '--wire'], { maxBuffer: 1 << 22 })
  assert.match(stdout, /^wire hmac, attempt 1: POST http:\/\/127\.0\.0\.1:\d+\/api\/signed\/orders$/m)
  assert.match(stdout, /^ +signed: "\{\\"order_id\\":\\"12345\\",\\"amount\\":100\}"$/m)
  assert.match(stdout, /^ +signed: "GET\\n[^"]+ GMT\\n\/orders"$/m)
  assert.match(stdout, /^wire bearer, attempt 2: GET .*\/koa\/api\/reports$/m)
  assert.match(stdout, /^ +authorization: \[secret, \d+ characters\]$/im)
  const wire = stdout.split('\n').filter((line) => !/^(ok|FAIL) /.test(line))
  assert.doesNotMatch(wire.join('\n'), /example-(client-secret|password|sap-secret)|X2doTVRx|Bearer \S|Basic \S/)
})

describe('the documented lines, with curl and openssl', () => {
  let server
  let printed = ''
  let port

  before(async () => {
    port = await freePort()
    server = spawn(process.execPath, [MAIN], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
    server.stdout.setEncoding('utf8')
    for await (const chunk of server.stdout) {
      printed += chunk
      if (printed.includes('npm start -- --try')) break
    }
  })

  after(() => server.kill())

  const signedHook = (path, sent) => `
    PAYLOAD='{"data":"test"}'
    SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac "your-secret" | cut -d' ' -f2)
    curl -s -w ' %{http_code} %{content_type} %header{www-authenticate}' -X POST http://127.0.0.1:${port}${path} \\
      -H "Content-Type: application/json" -H "X-Signature: $SIGNATURE" -d '${sent}'`

  for (const path of ['/api/hmac/protected', '/koa/api/hmac/protected']) {
    test(`${path}: the line run twice answers 200 twice, one changed byte 401`, async () => {
      for (let i = 0; i < 2; i += 1) {
        const { stdout } = await run('bash', ['-c', signedHook(path, '{"data":"test"}')])
        assert.match(stdout, /^\{"status":"ok"\} 200 application\/json/)
      }
      const { stdout } = await run('bash', ['-c', signedHook(path, '{"data":"tesT"}')])
      assert.match(stdout, / 401 application\/problem\+json Signature realm="api"$/)
    })
  }

  test('the printed lines work as they are printed', async () => {
    const lines = printed.split('\n').filter((line) => !line.startsWith('npm start'))
    const script = lines.slice(1).join('\n').replaceAll('curl ', 'curl -s ')
    const { stdout } = await run('bash', ['-e', '-c', script])
    const answers = [
      '{"status":"ok"}[{"id":1,"name":"x"}]{"status":"ok","events":0}HTTP/1.1 200 OK',
      'SAP_MessageProcessingLogID: ',
      '{"user":"bridge","events":0}',
      '{"client":"admin","data":"all of it"}{"client":"app"}HTTP/1.1 401 Unauthorized',
      'WWW-Authenticate: Basic realm="api", charset="UTF-8"',
      'WWW-Authenticate: ApiKey realm="api"',
      '"detail":"Valid credentials are required"}{"client":"app"}{"client":"partner-1"}{"client":"partner-3"}{"client":"app","scheme":"api-key"}',
      `{"client":"${WSO2_CLIENT}","orders":[{"id":1,"name":"x"}]}{"client":"${WSO2_CLIENT}","order":{"id":2,"name":"z"}}`,
      '{"client":"reports-job","report":"all of it"}'.repeat(3),
      `[{"item":"bolt","count":12}]${SIGNED_ORDER.repeat(2)}`,
      '{"probes":3,"probe":"north","packetLoss":0}{"error":"ERR_BAD_RESPONSE","status":500}{"open":0,"journal":["POST /login 200"',
      '"GET /probes/broken 500","POST /logout 204"]}',
    ]
    let from = 0
    for (const answer of answers) {
      const at = stdout.indexOf(answer, from)
      assert.ok(at >= 0, `${answer}\nis not behind\n${stdout.slice(0, from)}\nin\n${stdout}`)
      from = at + answer.length
    }
  })
})
