import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { CountersignError, within } from '@countersign/core'

const never = () => new Promise(() => {})
const turns = async (count = 5) => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('within', () => {
  // The timer of a deadline does not keep a process alive; a test that waits for it must.
  let alive
  beforeEach(() => {
    alive = setInterval(() => {}, 1000)
  })
  afterEach(() => clearInterval(alive))

  test('a throw is ERR_LOOKUP_FAILED with the cause kept, synchronously', () => {
    const cause = new Error('the database is gone')
    const work = () => {
      throw cause
    }
    assert.throws(() => within(1000, work), { name: 'CountersignError', code: 'ERR_LOOKUP_FAILED', status: 503, cause })
  })

  test('a rejection is ERR_LOOKUP_FAILED with the cause kept', async () => {
    const cause = new Error('the database is gone')
    await assert.rejects(
      within(1000, () => Promise.reject(cause)),
      { code: 'ERR_LOOKUP_FAILED', status: 503, cause },
    )
    await assert.rejects(
      within(1000, async () => undefined.missing),
      { code: 'ERR_LOOKUP_FAILED', status: 503 },
    )
  })

  test('whatever is thrown, an undefined or a string too, is an outage', async () => {
    for (const thrown of [undefined, null, 0, '', 'text', Symbol('s'), Object.create(null)]) {
      const work = () => {
        throw thrown
      }
      assert.throws(() => within(1000, work), { code: 'ERR_LOOKUP_FAILED' })
      await assert.rejects(
        within(1000, () => Promise.reject(thrown)),
        { code: 'ERR_LOOKUP_FAILED' },
      )
    }
  })

  test('a store names its own code', async () => {
    const fail = () => Promise.reject(new Error('refused'))
    await assert.rejects(within(1000, fail, 'ERR_STORE_DOWN'), { code: 'ERR_STORE_DOWN', status: 503 })
  })

  test('what never settles is ERR_LOOKUP_TIMEOUT within timeoutMs, for a store too', async () => {
    const started = performance.now()
    await assert.rejects(within(20, never), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
    await assert.rejects(within(20, never, 'ERR_STORE_DOWN'), { code: 'ERR_LOOKUP_TIMEOUT' })
    const took = performance.now() - started
    assert.ok(took >= 35 && took < 5000, `${took} ms`)
  })

  test('a rejection after the deadline is no unhandled rejection', async () => {
    const unhandled = []
    const listen = (reason) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    let reject
    const late = new Promise((_, r) => {
      reject = r
    })
    await assert.rejects(
      within(5, () => late),
      { code: 'ERR_LOOKUP_TIMEOUT' },
    )
    reject(new Error('late'))
    await turns()
    process.off('unhandledRejection', listen)
    assert.deepEqual(unhandled, [])
  })

  test('an answer after the deadline is dropped', async () => {
    let resolve
    const late = new Promise((r) => {
      resolve = r
    })
    const answer = within(5, () => late)
    await assert.rejects(answer, { code: 'ERR_LOOKUP_TIMEOUT' })
    resolve('secret')
    await turns()
    await assert.rejects(answer, { code: 'ERR_LOOKUP_TIMEOUT' })
  })

  test('a thenable that misbehaves cannot answer twice, nor escape by a throw', async () => {
    const twice = {
      // biome-ignore lint/suspicious/noThenProperty: a foreign promise
      then(resolve, reject) {
        resolve('first')
        resolve('second')
        reject(new Error('third'))
      },
    }
    assert.equal(await within(1000, () => twice), 'first')
    const throwing = {
      // biome-ignore lint/suspicious/noThenProperty: a foreign promise
      then() {
        throw new Error('then')
      },
    }
    await assert.rejects(
      within(1000, () => throwing),
      { code: 'ERR_LOOKUP_FAILED' },
    )
    const trap = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('getter')
      },
    })
    assert.throws(() => within(1000, () => trap), { code: 'ERR_LOOKUP_FAILED' })
    const silent = {
      // biome-ignore lint/suspicious/noThenProperty: a foreign promise
      then() {},
    }
    await assert.rejects(
      within(5, () => silent),
      { code: 'ERR_LOOKUP_TIMEOUT' },
    )
  })

  test('a CountersignError passes unchanged, thrown and rejected', async () => {
    const error = new CountersignError('ERR_MINE', 'mine', { status: 429 })
    const work = () => {
      throw error
    }
    assert.throws(
      () => within(1000, work),
      (thrown) => thrown === error,
    )
    await assert.rejects(
      within(1000, () => Promise.reject(error)),
      (thrown) => thrown === error,
    )
  })

  test('a synchronous answer stays synchronous', () => {
    for (const answer of ['text', undefined, null, 0, [], { id: 1 }])
      assert.equal(
        within(1000, () => answer),
        answer,
      )
  })

  test('a promise is answered with its value, and a long timeout is not a short one', async () => {
    assert.equal(await within(2 ** 40, async () => 'value'), 'value')
    const slow = () => new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('slow'))))
    assert.equal(await within(2 ** 40, slow), 'slow')
  })

  test('no timer is left behind, however it ends', async (t) => {
    const set = t.mock.method(globalThis, 'setTimeout')
    const clear = t.mock.method(globalThis, 'clearTimeout')
    await within(60_000, async () => 'value')
    const failing = within(60_000, () => Promise.reject(new Error('no')))
    await assert.rejects(failing)
    const timers = set.mock.calls.map((call) => call.result)
    assert.equal(timers.length, 2)
    assert.deepEqual(
      clear.mock.calls.map((call) => call.arguments[0]),
      timers,
    )
  })
})

test('a pending deadline does not keep the process alive', () => {
  const script = "import { within } from '@countersign/core'; within(600_000, () => new Promise(() => {})); process.stdout.write('end')"
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, timeout: 30_000 })
  assert.equal(String(out), 'end')
})
