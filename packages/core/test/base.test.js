import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

for (const [part, ...some] of [
  ['base', 'CountersignError', 'secretSet'],
  ['certificates', 'readPins', 'readCertificate'],
  ['keys', 'DigestTable', 'digestApiKey'],
]) {
  test(`what @countersign/core/${part} exports are the same objects that @countersign/core exports`, async () => {
    const [own, core] = await Promise.all([import(`@countersign/core/${part}`), import('@countersign/core')])
    const names = Object.keys(own)
    for (const name of some) assert.ok(names.includes(name), name)
    for (const name of names) assert.equal(own[name], core[name], name)
  })
}

/** Which of Node's modules are loaded by the import of something. */
function loadedBy(specifier) {
  const script = `const before = new Set(process.moduleLoadList)
await import('${specifier}')
console.log(JSON.stringify(process.moduleLoadList.filter((entry) => !before.has(entry))))`
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, NODE_TEST_CONTEXT: _context, ...env } = process.env
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, env, encoding: 'utf8' })
  return JSON.parse(output).map((entry) => entry.replace('NativeModule ', ''))
}

test('core/base loads neither servers, zlib nor what the namespaces of util and buffer would bring', () => {
  const loaded = loadedBy('@countersign/core/base')
  assert.ok(loaded.includes('crypto'))
  for (const name of ['http', 'net', 'zlib', 'os', 'internal/util/parse_args/parse_args', 'internal/blob'])
    assert.ok(!loaded.includes(name), name)
})
