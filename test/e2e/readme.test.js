import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = new URL('../../', import.meta.url).pathname
const README = readFileSync(`${ROOT}README.md`, 'utf8')

function blocks(language) {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1])
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

describe('README', () => {
  test('the first example runs, and its curl line gets the reply that stands there', async (t) => {
    const port = await freePort()
    const secrets = { GITHUB_SECRET: 'an example secret of some length', SHOP_1_KEY: 'an-example-key-of-some-length' }
    const env = { ...process.env, ...secrets }
    const [example] = blocks('js')
    const source = `${example.replaceAll('3000', String(port))}\n.on('listening', () => console.log('listening'))`
    const server = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => server.kill())
    await once(server.stdout, 'data')

    const lines = blocks('sh').find((block) => block.includes('X-Hub-Signature-256'))
    const script = lines.replaceAll('3000', String(port)).replace('curl ', 'curl -s ')
    const { stdout } = await run('bash', ['-c', script], { env })
    assert.equal(stdout, /^# (\{.*?\})/m.exec(lines)[1])

    const altered = await run('bash', ['-c', script.replace('curl -s -d "$BODY"', 'curl -s -i -d "$BODY "')], { env })
    assert.match(altered.stdout, /^HTTP\/1\.1 401 /)
    assert.match(altered.stdout, /^Content-Type: application\/problem\+json/im)
    assert.match(altered.stdout, /^WWW-Authenticate: Signature realm="api"/im)

    const orders = await fetch(`http://127.0.0.1:${port}/orders`, { headers: { 'x-api-key': secrets.SHOP_1_KEY } })
    assert.deepEqual(await orders.json(), { client: 'shop-1' })
  })

  test('every name that an example imports is there', async () => {
    for (const block of blocks('js')) {
      for (const [, names, from] of block.matchAll(/^import \{ ([^}]+) \} from '(@countersign\/[^']+)'$/gm)) {
        const module = await import(from)
        for (const name of names.split(', ')) assert.ok(name in module, `${name} of ${from}`)
      }
    }
  })

  test('one sentence, install, example and reply stand on the first screen', () => {
    const screen = README.split('\n').slice(0, 40).join('\n')
    assert.match(screen, /npm install/)
    assert.match(screen, /curl/)
    const [example] = blocks('js')
    assert.ok(example.trim().split('\n').length <= 13)
  })
})
