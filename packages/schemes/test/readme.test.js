import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of a function, as its own error lists them. */
function optionsOf(run) {
  try {
    run({ 'there-is-no-such-option-at-all': true })
  } catch (error) {
    return /known are (.*)$/.exec(error.message)[1].split(', ')
  }
  return assert.fail('took an unknown option')
}

test('the README lists every option of sign and verify, and no other', () => {
  const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Refusals'))
  const rows = [...table.matchAll(/^\| `(\w+)` \| (both|sign|verify) \|/gm)]
  const of = (name) => rows.filter(([, , whose]) => whose === 'both' || whose === name).map(([, option]) => option)
  const request = { method: 'POST', url: '/' }
  const any = scheme({ name: 'any', signature: { header: 'x' }, message: '{body}' })
  assert.deepEqual(of('verify').sort(), optionsOf((options) => verify(any, request, options)).sort())
  assert.deepEqual(of('sign').sort(), optionsOf((options) => sign(any, request, options)).sort())
})

test('the example of the README runs, and its openssl line gives the same signature', async (t) => {
  const [, source] = /```js\n([\s\S]*?)```/.exec(readme)
  const script = `${source}\nconsole.log(JSON.stringify({ headers, ok: result.ok, time: headers['x-partner-time'] }))`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, encoding: 'utf8' })
  assert.equal(run.stderr, '')
  const { headers, ok, time } = JSON.parse(run.stdout)
  assert.equal(ok, true)
  if (spawnSync('openssl', ['version']).status !== 0) return t.skip('openssl is not installed')
  const [, line] = /```sh\n(printf[\s\S]*?)```/.exec(readme)
  const env = { ...process.env, SECRET: 'a secret of at least 16 octets', BODY: '{"n":1}' }
  const { stdout } = spawnSync('sh', ['-c', line.replace('1700000000', time)], { env, encoding: 'utf8' })
  assert.equal(headers['x-partner-signature'], `shop-1:${stdout.trim()}`)
})

test('the README has at most 120 lines', () => {
  assert.ok(readme.trimEnd().split('\n').length <= 120)
})
