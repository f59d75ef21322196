import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzAuthenticators, fuzzServer, watchRejections } from '../support/fuzz.js'

// S07, P15: 5,000 malformed requests here, 205,000 in fuzz.long.js.
test('S07, P15: malformed requests are refused by every authenticator: nothing is thrown, nothing is accepted', async () => {
  const done = watchRejections()
  const codes = await fuzzAuthenticators(4200, 20_260_301)
  assert.equal(codes.get('granted'), undefined)
  assert.ok(codes.size >= 6, `the requests differ: ${[...codes.keys()].join(', ')}`)
  done()
})

for (const [i, framework] of ['express4', 'express5', 'koa2', 'koa3'].entries()) {
  test(`S07, P15: malformed requests over the wire: 4xx, and the server stays up, ${framework}`, async () => {
    const done = watchRejections()
    const statuses = await fuzzServer(framework, 200, 77 + i)
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status < 400 || status >= 500),
      [],
    )
    done()
  })
}
