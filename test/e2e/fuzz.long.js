import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzAuthenticators, fuzzServer, watchRejections } from '../support/fuzz.js'

// COUNTERSIGN_SEED repeats a run; without it every run is another.
const seed = Number(process.env.COUNTERSIGN_SEED ?? Date.now() % 2 ** 31)

test(`S07, P15: 165,000 malformed requests to authenticators, seed ${seed}`, async () => {
  const done = watchRejections()
  const codes = await fuzzAuthenticators(165_000, seed)
  assert.equal(codes.get('granted'), undefined)
  done()
})

for (const [i, framework] of ['express4', 'express5', 'koa2', 'koa3'].entries()) {
  test(`S07, P15: 10,000 malformed requests over the wire, ${framework}, seed ${seed + i}`, async () => {
    const done = watchRejections()
    const statuses = await fuzzServer(framework, 10_000, seed + i)
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status < 400 || status >= 500),
      [],
    )
    done()
  })
}
