import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempFolder } from '../../../test/support/folders.js'

/** The files that an import loads, as V8 counts them, by their path from `packages` or `node_modules` on. */
function loadedBy(t, specifier) {
  const coverage = join(tempFolder(t), 'coverage')
  mkdirSync(coverage)
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `await import('${specifier}')`], {
    cwd: import.meta.dirname,
    env: { ...env, NODE_V8_COVERAGE: coverage },
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  const { result } = JSON.parse(readFileSync(join(coverage, readdirSync(coverage)[0]), 'utf8'))
  const paths = result.map(({ url }) => url).filter((url) => url.startsWith('file:') && !url.includes('[eval'))
  return paths.map((url) => url.replace(/^.*\/(packages|node_modules)\//, '$1/'))
}

for (const framework of ['express', 'koa']) {
  test(`the ${framework} guard loads no catalogue, no clients, no signer, no explanations, and no package of others`, (t) => {
    const paths = loadedBy(t, `@countersign/hmac-verify/${framework}`)
    assert.ok(paths.includes(`packages/hmac-verify/bundle/${framework}.js`))
    const foreign = [
      'core/bundle/index',
      'core/bundle/certificates',
      'core/bundle/keys',
      'schemes/bundle/index',
      'schemes/bundle/engine',
      'schemes/bundle/explain',
    ]
    for (const path of paths) {
      assert.ok(!path.startsWith('node_modules/'), path)
      for (const part of foreign) assert.ok(!path.includes(part), path)
    }
    assert.ok(paths.length <= 8, `${paths.length} files: ${paths}`)
  })
}

test('what is loaded late is looked for beside its package, not where node -e or somebody else has put a require for all', (t) => {
  const named = ['@countersign/hmac-verify/express', '@countersign/schemes', '@countersign/core']
  const program = `
    const urls = ${JSON.stringify(named.map((specifier) => import.meta.resolve(specifier)))}
    Promise.all(urls.map((url) => import(url))).then(([{ hmacVerify }, { rfc9421, sign }, { memoryTokenStore }]) => {
      const secret = Buffer.alloc(32, 'secret').toString('base64')
      hmacVerify({ scheme: rfc9421, secret, publicOrigin: 'https://api.test' })
      memoryTokenStore()
      const { headers } = sign(rfc9421, { method: 'GET', url: 'https://api.test/' }, { secret, keyId: 'k' })
      console.log(typeof globalThis.require, Object.keys(headers).join())
    })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: tempFolder(t), encoding: 'utf8' })
  assert.deepEqual([status, stdout], [0, 'function signature-input,signature\n'], stderr)
})
