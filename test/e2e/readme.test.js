import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT } from '../support/packages.js'
import { blocks, README, SECRETS, startExample } from '../support/readme-example.js'

describe('README', () => {
  test('the first example runs, and its curl line gets the reply that stands there', async (t) => {
    const { port, curl, wanted } = await startExample(t, ROOT)
    assert.equal(await curl(), wanted)

    const altered = await curl((script) => script.replace('curl -s -d "$BODY"', 'curl -s -i -d "$BODY "'))
    assert.match(altered, /^HTTP\/1\.1 401 /)
    assert.match(altered, /^Content-Type: application\/problem\+json/im)
    assert.match(altered, /^WWW-Authenticate: Signature realm="api"/im)

    const orders = await fetch(`http://127.0.0.1:${port}/orders`, { headers: { 'x-api-key': SECRETS.SHOP_1_KEY } })
    assert.deepEqual(await orders.json(), { client: 'shop-1' })
  })

  test('the handler of fetch tells good requests from altered ones', async () => {
    const handler = blocks('js').find((block) => block.includes('export async function POST'))
    const signature = createHmac('sha256', SECRETS.GITHUB_SECRET).update('{"action":"opened"}').digest('hex')
    const asks = `
      for (const body of ['{"action":"opened"}', '{"action":"closed"}']) {
        const headers = { 'X-Hub-Signature-256': 'sha256=${signature}' }
        const response = await POST(new Request('https://api.example.com/hooks', { method: 'POST', headers, body }))
        console.log(response.status, await response.text())
      }`
    const args = ['--input-type=module', '-e', `${handler}${asks}`]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...SECRETS } })
    assert.deepEqual(stdout.trim().split('\n'), ['200 {"event":"opened"}', '401 Valid credentials are required'])
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
