/** The how-to's curl lines against HAProxy and nginx with the configurations that examples/haproxy-tls-pin ships. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '../support/components.js'
import { freePort, startProcess } from '../support/processes.js'

const main = join(import.meta.dirname, '../../examples/haproxy-tls-pin/main.js')
const skip = without('haproxy', 'nginx', 'openssl', 'curl')

async function env() {
  return { HAPROXY_PORT: String(await freePort()), NGINX_PORT: String(await freePort()) }
}

test('the curl lines of the how-to give its statuses and words', { skip }, async (t) => {
  const example = await startProcess(t, { command: process.execPath, args: [main, '--try'], env: await env() })
  const { code } = await example.exited
  const output = example.output()
  assert.equal(code, 0, output)
  assert.equal(output.match(/^ok {4} /gm)?.length, 10, output)
  for (const words of [
    'alert certificate required',
    '"detail":"You are not allowed to access this resource"',
    '{"name":"John Doe","id":"123"}',
  ]) {
    assert.ok(output.includes(words), words)
  }
})

test('without --try it prints the lines, serves until it is told to end, and leaves nothing behind', { skip }, async (t) => {
  const example = await startProcess(t, { command: process.execPath, args: [main], env: await env(), ready: { line: /Ctrl-C/ } })
  assert.equal(example.output().match(/^curl -k https:\/\/localhost:/gm)?.length, 10)
  assert.deepEqual(await example.stop('SIGTERM'), { code: 0, signal: null })
})

test('a port that is taken is said, and ends it with 1', { skip }, async (t) => {
  const taken = await env()
  await startProcess(t, { command: process.execPath, args: [main], env: taken, ready: { line: /Ctrl-C/ } })
  const second = await startProcess(t, { command: process.execPath, args: [main], env: taken })
  assert.equal((await second.exited).code, 1)
  assert.match(second.output(), /127\.0\.0\.1:\d+ is taken; set HAPROXY_PORT/)
})
