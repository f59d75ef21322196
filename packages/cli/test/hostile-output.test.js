import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { bash, inProcess, inTerminal } from './support/cli.js'

const SECRET = 'canary-secret-0123456789abcdef'
const env = { S: SECRET }
/** Escape, CSI as one character, BEL, a bidirectional override, a line separator, DEL, a tag character. */
const HOSTILE = '\x1b[31m\u009b2J\x07\u202e\u2028\x7f\u{e0041}'
const ACTED_ON = /[^\n\P{C}]|\u2028/u

describe('what others wrote reaches no terminal as it is', () => {
  test('in requests, HAR archives and curl commands, as text and as JSON', async (t) => {
    const folder = tempFolder(t)
    const file = (name, text) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const header = { name: 'X-Evil', value: HOSTILE }
    const har = JSON.stringify({
      request: { method: 'POST', url: `https://a.example/${HOSTILE}`, headers: [header], postData: { text: HOSTILE } },
    })
    const list = JSON.stringify({ log: { entries: [1, 2].map(() => ({ request: { method: HOSTILE, url: HOSTILE } })) } })
    const inputs = [
      ['--har', file('one.har', har)],
      ['--har', file('two.har', list)],
      ['--curl', file('curl', `curl 'https://a.example/' -H 'x: ${HOSTILE}' --data-raw '${HOSTILE}'`)],
      ['--curl', file('bad-curl', `curl --${HOSTILE} https://a.example/`)],
      ['--request', file('raw', `POST /${HOSTILE} HTTP/1.1\nX-Hub-Signature-256: ${HOSTILE}\n\n${HOSTILE}`)],
      ['--request', file('bad-raw', `POST / HTTP/1.1\n${HOSTILE}\n\n`)],
      ['--request', join(folder, HOSTILE)],
    ]
    for (const command of ['verify', 'explain', 'sign']) {
      for (const input of inputs) {
        for (const more of [
          [],
          ['--json'],
          ...(command === 'sign'
            ? [
                ['--as', 'curl'],
                ['--as', 'openssl'],
              ]
            : []),
        ]) {
          const { stdout, stderr } = await inProcess([command, 'github', ...input, ...more, '--secret-env', 'S'], { env })
          assert.doesNotMatch(stdout + stderr, ACTED_ON, `${command} ${input[1]} ${more}`)
          if (more[0] === '--json' && stdout !== '') JSON.parse(stdout)
        }
      }
    }
  })

  test('in clients and schemes', async (t) => {
    const folder = tempFolder(t)
    const scheme = join(folder, 'scheme.json')
    writeFileSync(scheme, JSON.stringify({ name: 'acme', docs: HOSTILE, signature: { header: HOSTILE }, message: HOSTILE }))
    const clients = join(folder, 'clients.json')
    writeFileSync(clients, JSON.stringify({ revision: 1, passwords: 'random', clients: [{ id: HOSTILE }] }))
    for (const args of [
      ['scheme', 'check', scheme],
      ['schemes', 'show', scheme],
      ['client', 'list', '--file', clients],
    ]) {
      for (const more of [[], ['--json']]) {
        const { stdout, stderr } = await inProcess([...args, ...more])
        assert.doesNotMatch(stdout + stderr, ACTED_ON, args.join(' '))
      }
    }
  })

  test('in the name of a member that a scheme holds twice, which is refused', async (t) => {
    const scheme = join(tempFolder(t), 'scheme.json')
    const name = JSON.stringify(HOSTILE)
    writeFileSync(scheme, `{"name":"acme","signature":{"header":"x"},"message":"{body}",${name}:1,${name}:2}`)
    for (const args of [
      ['scheme', 'check', scheme],
      ['schemes', 'show', scheme],
      ['sign', scheme, '/x', '--secret-env', 'S'],
    ]) {
      for (const more of [[], ['--json']]) {
        const { code, stdout, stderr } = await inProcess([...args, ...more], { env })
        assert.equal(code, 2)
        assert.match(stdout + stderr, /can be read in two ways: the member .* stands there twice/)
        assert.doesNotMatch(stdout + stderr, ACTED_ON, args.join(' '))
      }
    }
  })

  test('and the JSON means what it did', async () => {
    const { stdout } = await inProcess(['sign', 'github', '/x', '--body', HOSTILE, '--secret-env', 'S', '--json'], { env })
    assert.equal(JSON.parse(stdout).body.utf8, HOSTILE)
  })

  test('a word of a curl line is the text, whatever it holds', { skip: without('bash') }, async () => {
    const value = `a'b\\c${HOSTILE.replaceAll('\u2028', '')}`
    const args = ['sign', 'github', 'https://a.example/', '--body', 'x', '-H', `X-Evil: ${value}`, '--as', 'curl', '--secret-env', 'S']
    const { stdout } = await inProcess(args, { env })
    const printed = await bash(`curl() { printf '%s\\n' "$@"; }; ${stdout}`)
    assert.ok(printed.includes(`X-Evil: ${value}\n`), JSON.stringify(printed))
  })

  test('the message of sign is escaped on a terminal', { skip: without('script') }, async (t) => {
    const terminal = inTerminal(t, ['sign', 'github', '/x', '--body', `a${HOSTILE}`, '--secret-env', 'S', '--as', 'message'], env)
    assert.equal(await terminal.ended, 0)
    assert.match(terminal.output(), /^a\\x1b\[31m\\x9b2J/)
  })
})
