import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acme, signed, verdict } from './signing.js'

test("an empty list in the signature's format is told with what to write", () => {
  const of = (slot) =>
    acme({
      signature: { authorization: 'A', format: `h="${slot}",s="{signature}"`, members: ',' },
      fields: { signed: { names: ';', default: '' } },
      define: { lines: { each: 'headers', names: '{signed}', item: '{name}:{value}\n', join: '' } },
      message: '{method}\n{body|sha256|hex}\n{lines}',
    })
  assert.throws(() => signed(of('{signed}')), /\{signed\} is empty, and the format does not let it be: write \{signed\?\} there/)
  const sent = signed(of('{signed?}'))
  assert.match(sent.headers.authorization, /^A h="",s="[0-9a-f]{64}"$/)
  assert.equal(verdict(of('{signed?}'), sent), true)
  assert.equal(
    verdict(of('{signed?}'), {
      ...sent,
      headers: { ...sent.headers, authorization: sent.headers.authorization.replace('h=""', 'h="host"') },
    }) === true,
    false,
  )
})
