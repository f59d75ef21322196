import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { authRequest, outcome } from './requests.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README lists every option, and no other', () => {
  let message
  try {
    hmacAuthenticator({ 'there-is-no-such-option-at-all': true })
  } catch (error) {
    ;({ message } = error)
  }
  const known = /known are (.*)$/.exec(message)[1].split(', ')
  const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Refusals'))
  const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual([...listed].sort(), [...known].sort())
})

test('the README has the headings that every package has, on at most 120 lines', () => {
  const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  const expected = [
    'What it decides',
    'Install',
    'Express',
    'Koa',
    'Options',
    'Refusals',
    'How the signature is formed',
    'Source documents',
    'Limits',
    'License',
  ]
  assert.deepEqual(headings, expected)
  assert.ok(readme.trimEnd().split('\n').length <= 120)
})

test('the openssl line of the README gives a signature that holds', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0) return t.skip('openssl is not installed')
  const [, lines] = /```sh\n(BODY=[\s\S]*?)curl/.exec(readme)
  const secret = 'a-secret-of-the-tests-0123456789'
  const { stdout } = spawnSync('sh', ['-c', `${lines}printf '%s\\n%s' "$SIGNATURE" "$BODY"`], {
    env: { ...process.env, SECRET: secret },
    encoding: 'utf8',
  })
  const [signature, body] = stdout.split('\n')
  assert.equal(
    await outcome(hmacAuthenticator({ secret }), authRequest({ headers: { 'x-signature': signature }, body })),
    'granted hex-signature',
  )
})
