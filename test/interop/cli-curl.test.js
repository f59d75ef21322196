import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parseCurl, parseCurlWords, runProgram } from '@countersign/cli'
import * as schemes from '@countersign/schemes'
import { without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'

const run = promisify(execFile)
const SECRET = 'a secret of at least 16 octets'
const missing = without('curl', 'bash')

/** A server that keeps each request as it came. */
async function recorder(t) {
  const requests = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    requests.push({ method: request.method, url: request.url, rawHeaders: request.rawHeaders, body: Buffer.concat(chunks) })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${server.address().port}`, requests }
}

/** The fields in an order that does not matter, without what names curl's version. */
function fields(rawHeaders) {
  const pairs = rawHeaders.filter((_, i) => i % 2 === 0).map((name, i) => `${name.toLowerCase()}: ${rawHeaders[2 * i + 1]}`)
  return pairs.filter((pair) => !pair.startsWith('user-agent: curl/')).sort()
}

describe('a curl command is read as curl reads it', { skip: missing }, () => {
  const commands = [
    'curl URL/a?b=1',
    "curl 'URL/a?b=1&c=%20' -H 'X-A:  1 ' -H 'X-B;' -H 'Accept:'",
    "curl URL -d 'a=1' --data b=2",
    'curl URL -d @body.txt',
    "curl URL --data-binary @body.txt -H 'Content-Type: text/plain'",
    "curl URL --data-raw '@body.txt'",
    "curl URL --data-urlencode 'a=b c&d/\u00e9' --data-urlencode '=x y' --data-urlencode 'plain text' --data-urlencode 'n@body.txt'",
    'curl -G URL/p?q=0 -d x=1 --data-urlencode "y=a b"',
    'curl -I URL',
    'curl -sSLXPATCH URL -d x',
    `curl URL --json '{"a":1}'`,
    `curl URL --json '{"a":' --json '1}'`,
    'curl -u user:pass URL',
    'curl --oauth2-bearer tok URL',
    "curl -b 'a=1; b=2' -A agent/1 -e http://r.example/ URL",
    "curl -b a=1 --cookie 'b=2; c=3' -b d=4 URL",
    'curl -T body.txt URL/up',
    "curl URL -H 'Host: other.example'",
    "curl URL --data-raw $'tab\\there\\nand \\'quote\\' \\u00e9 \\x41\\101'",
    'curl "URL/x" --data-raw "back\\\\slash \\"q\\" \\$5" \\\n  --compressed -k',
    'curl URL -X DELETE',
    'curl URL -d ""',
  ]
  for (const command of commands) {
    test(command.replaceAll('\n', ' '), async (t) => {
      const { origin, requests } = await recorder(t)
      const folder = tempFolder(t)
      // What -d makes of NUL in a file differs between versions of curl.
      const body = Buffer.from(command.includes('--data-binary') ? 'line 1\r\nline 2\n\0end\n' : 'line 1\r\nline 2\nend\n')
      writeFileSync(join(folder, 'body.txt'), body)
      const text = command.replaceAll('URL', origin)
      // bash writes \u in the character set of its locale.
      await run('bash', ['-c', `${text} -s -o /dev/null`], { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
      const read = parseCurl(text, () => body)
      const [sent] = requests
      const url = new URL(read.url)
      assert.equal(read.method, sent.method)
      assert.equal(read.url.slice(url.origin.length) || '/', sent.url)
      assert.equal(Buffer.from(read.body).toString('latin1'), sent.body.toString('latin1'))
      // Accept-Encoding comes of --compressed, and Connection of Node.
      const ours = fields(read.headers)
      const theirs = fields(sent.rawHeaders).filter((pair) => !/^(accept-encoding|connection|expect|transfer-encoding):/.test(pair))
      assert.deepEqual(ours, theirs)
    })
  }
})

describe('what sign prints as curl holds when curl has sent it', { skip: missing }, () => {
  const params = { 'aws-sigv4': ['region=eu-1', 'service=s3'], 'gcs-goog4-hmac': ['region=eu-1'] }
  const bodies = {
    text: Buffer.from(`{"it's":"100% \u00e9\\n"}\n`),
    octets: Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7) % 256)),
    none: Buffer.alloc(0),
  }
  for (const name of ['github', 'slack', 'stripe', 'shopify', 'aws-sigv4', 'gcs-goog4-hmac', 'hawk', 'trello', 'okx', 'alibaba-roa-v1']) {
    test(name, async (t) => {
      const definition = Object.values(schemes).find((one) => one?.name === name && one.message !== undefined)
      for (const [kind, body] of Object.entries(bodies)) {
        if (body.length === 0 && ['github', 'shopify'].includes(name)) continue
        const { origin, requests } = await recorder(t)
        const folder = join(tempFolder(t), kind)
        mkdirSync(folder)
        const path = join(folder, 'body')
        writeFileSync(path, body)
        const options = (params[name] ?? []).flatMap((one) => ['--param', one])
        const args = ['sign', name, 'POST', `${origin}/a%20b?x=1&y=%5B`, '--as', 'curl', '--secret-env', 'S', '--key-id', 'k1', ...options]
        let line = ''
        const streams = {
          stdin: {},
          stdout: { write: (text) => (line += text) },
          stderr: { write: (text) => assert.fail(text) },
          env: { S: SECRET },
        }
        assert.equal(await runProgram([...args, ...(body.length === 0 ? [] : ['--body-file', path])], streams), 0)
        await run('bash', ['-c', `${line.trim()} -s -o /dev/null`])
        const [{ method, url, rawHeaders, body: received }] = requests
        const given = Object.fromEntries((params[name] ?? []).map((one) => one.split('=')))
        const set = { secret: SECRET, publicOrigin: origin, ...(Object.keys(given).length > 0 && { params: given }) }
        const result = schemes.verify(definition, { method, url, headers: rawHeaders, body: received }, set)
        assert.equal(result.ok, true, `${kind}: ${result.reason}\n${line}`)
        // The line is read back as the request that it sends.
        if (!line.startsWith('printf')) assert.equal(parseCurl(line, () => body).method, 'POST')
      }
    })
  }
})

test('words that a shell has split are not split again', () => {
  const { body, url } = parseCurlWords(['curl', 'http://a.example/?a=1&b=$x', '--data-raw', "it's $HOME \\n"], () =>
    assert.fail('read a file'),
  )
  assert.equal(url, 'http://a.example/?a=1&b=$x')
  assert.equal(Buffer.from(body).toString(), "it's $HOME \\n")
})
