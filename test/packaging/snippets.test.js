import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complaints, documents, snippets, strictComplaints } from '../support/snippets.js'

test('the JavaScript of every document compiles, against the types of the packages', async () => {
  const list = documents()
  assert.ok(list.length > 12, `documents with examples: ${list.length}`)
  assert.deepEqual(await complaints(list), [])
})

test('a wrong option, a wrong name and a name that nobody has are found', async () => {
  const block = (text) => ({ path: 'docs/none.md', line: 1, info: '', text })
  const wrong = [
    "import { apiKey } from '@countersign/api-key/express'\napiKey({ kyes: {} })\n",
    "import { apikey } from '@countersign/api-key/express'\n",
    'nobody.has(this)\n',
  ]
  for (const text of wrong) assert.equal((await complaints([{ path: 'docs/none.md', blocks: [block(text)] }])).length, 1, text)
})

test("README's first example compiles under strict, with the declaration that it gives and secrets that are there", () => {
  const [declaration, ...others] = snippets('README.md', 'ts')
  assert.equal(others.length, 0)
  const [example] = snippets('README.md')
  const head = "import { secretFromEnv } from '@countersign/core'\nfunction env(name: string): string { return process.env[name] ?? '' }\n"
  const strict = example.text
    .replace(/secret: process\.env\.(\w+)/g, "secret: secretFromEnv('$1')")
    .replace(/process\.env\.(\w+)/g, "env('$1')")
  assert.deepEqual(strictComplaints([declaration.text, head + strict]), [])
  assert.match(strictComplaints([head + strict]).join(), /'auth' does not exist/)
  assert.match(strictComplaints([declaration.text, example.text]).join(), /undefined/)
})
