import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { github, sign } from '@countersign/schemes'
import { without } from '../../../test/support/components.js'
import { exchange } from '../../../test/support/raw-http.js'
import { cli, inTerminal } from './support/cli.js'

const SECRET = 'canary-secret-0123456789abcdef'
const { headers } = sign(github, { method: 'POST', url: '/x', body: Buffer.from('a') }, { secret: SECRET })
const signature = headers['x-hub-signature-256']
const missing = without('script')

describe('the prompt', { skip: missing }, () => {
  test('does not show what is typed, and takes a mistake back', async (t) => {
    const terminal = inTerminal(t, ['sign', 'github', '/x', '--body', 'a'])
    await terminal.waitFor(/Secret \(not shown\): /)
    terminal.type(`wrong\x15${SECRET}zz\x7f\x7f\r`)
    assert.equal(await terminal.ended, 0)
    const output = terminal.output()
    assert.ok(output.includes(`x-hub-signature-256: ${signature}`), output)
    for (const typed of [SECRET, 'canary', 'wrong']) assert.ok(!output.includes(typed), output)
  })

  test('ends with 130 at Ctrl-C, and at Ctrl-D', async (t) => {
    for (const key of ['\x03', '\x04']) {
      const terminal = inTerminal(t, ['verify', 'github', '/x', '--body', 'a', '-H', `x-hub-signature-256: ${signature}`])
      await terminal.waitFor(/not shown/)
      terminal.type(key)
      assert.equal(await terminal.ended, 130, terminal.output())
    }
  })

  test('refuses a blank', async (t) => {
    const terminal = inTerminal(t, ['sign', 'github', '/x', '--body', 'a'])
    await terminal.waitFor(/not shown/)
    terminal.type('  \r')
    assert.equal(await terminal.ended, 2)
    assert.match(terminal.output(), /blank/)
  })

  test('asks for a client secret', async (t) => {
    const terminal = inTerminal(t, ['token', 'http://127.0.0.1:1/', '--client-id', 'app'])
    await terminal.waitFor(/Client secret \(not shown\): /)
    terminal.type(`${SECRET}\n`)
    assert.equal(await terminal.ended, 3)
    assert.ok(!terminal.output().includes(SECRET))
  })
})

describe('colours', { skip: missing }, () => {
  const args = ['verify', 'github', '/x', '--body', 'a', '-H', `x-hub-signature-256: ${signature}`, '--secret-env', 'S']

  test('are there on a terminal, not with NO_COLOR, not in a dumb one, not in a pipe', async (t) => {
    const coloured = inTerminal(t, args, { S: SECRET })
    assert.equal(await coloured.ended, 0)
    assert.ok(coloured.output().includes('\x1b[32mvalid\x1b[39m'), JSON.stringify(coloured.output()))
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const plain = inTerminal(t, args, { S: SECRET, ...env })
      assert.equal(await plain.ended, 0)
      assert.ok(!plain.output().includes('\x1b'), JSON.stringify(plain.output()))
    }
    assert.match((await cli(args, { env: { S: SECRET } })).stdout, /^valid: github\n$/)
  })
})

describe('listen', { skip: missing }, () => {
  test('shows each request in colours, a count below, and ends with Ctrl-C', async (t) => {
    const terminal = inTerminal(t, ['listen', 'github', '--port', '0', '--secret-env', 'S'], { S: SECRET })
    const [, port] = await terminal.waitFor(/http:\/\/127\.0\.0\.1:(\d+).*listens for github/)
    await exchange(Number(port), { method: 'POST', path: '/x', headers, body: 'a' })
    await terminal.waitFor(/\x1b\[32mvalid\x1b\[39m {2}POST \/x 1 octets[\s\S]*1 valid, 0 not valid/)
    await exchange(Number(port), { method: 'POST', path: '/x', headers, body: 'a\n' })
    await terminal.waitFor(/\x1b\[31mnot valid\x1b\[39m[\s\S]*line feed[\s\S]*1 valid, 1 not valid/)
    terminal.type('\x03')
    assert.equal(await terminal.ended, 1, terminal.output())
    assert.ok(!terminal.output().includes(SECRET))
  })
})
