import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { CountersignError, memoryReplayStore } from '@countersign/core'
import fc from 'fast-check'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const T0 = Date.parse('2026-03-01T00:00:00Z')

function store(options = {}) {
  const clock = { now: T0 }
  const made = memoryReplayStore({ now: () => clock.now, ...options })
  return { store: made, clock, claim: (key, ttlSeconds = 360) => made.claim(key, ttlSeconds) }
}

describe('memoryReplayStore: what is refused', () => {
  test('options that are unknown or wrong', () => {
    assert.throws(() => memoryReplayStore({ maxClaim: 5 }), { name: 'TypeError', message: /did you mean "maxClaims"/ })
    for (const maxClaims of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null]) {
      assert.throws(() => memoryReplayStore({ maxClaims }), { name: 'TypeError', message: /memoryReplayStore: option "maxClaims"/ })
    }
    for (const now of [5, null, new Date()]) assert.throws(() => memoryReplayStore({ now }), { name: 'TypeError', message: /"now"/ })
    for (const options of [5, null, [], 'x']) assert.throws(() => memoryReplayStore(options), { name: 'TypeError' })
  })

  test('a TTL that is no number above 0 never becomes a claim that lasts for ever, or not at all', () => {
    const { store: made, claim } = store()
    for (const ttl of [0, -1, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, Number.MIN_VALUE * 0]) {
      assert.throws(() => claim('key', ttl), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: /ttlSeconds/ })
    }
    for (const ttl of [null, '360', '', {}, [], true, 360n]) {
      assert.throws(() => claim('key', ttl), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /ttlSeconds/ })
    }
    assert.throws(() => made.claim('key'), { name: 'TypeError' })
    assert.equal(made.size, 0)
  })

  test('a key that is not 1 to 256 characters of text', () => {
    const { store: made, claim } = store()
    for (const key of [undefined, null, 5, {}, Buffer.from('key'), ['key']]) {
      assert.throws(() => claim(key), { code: 'ERR_INVALID_ARG_TYPE', message: /"key"/ })
      assert.throws(() => made.release(key, '1'), { code: 'ERR_INVALID_ARG_TYPE' })
    }
    for (const key of ['', 'x'.repeat(257)]) assert.throws(() => claim(key), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.ok(claim('x'.repeat(256)))
  })

  test('a clock that answers no number is a defect, not an open door', () => {
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined, '5', null]) {
      const { clock, claim } = store()
      clock.now = now
      assert.throws(
        () => claim('key'),
        (error) => error instanceof CountersignError && error.status === 500,
      )
    }
  })

  test('P13: a key that is claimed already, until its TTL has passed, to the millisecond', () => {
    for (const ttl of [0.001, 0.5, 1, 1.5, 7, 60, 359.9994, 360, 86_400, 31_536_000]) {
      const { clock, claim } = store()
      assert.ok(claim('key', ttl))
      assert.equal(claim('key', ttl), undefined)
      assert.equal(claim('key', 1e6), undefined)
      clock.now = T0 + Math.ceil(ttl * 1000) - 1
      assert.equal(claim('key', ttl), undefined, `${ttl}`)
      clock.now += 1
      assert.ok(claim('key', ttl), `${ttl}`)
      assert.equal(claim('key', ttl), undefined)
    }
  })

  test('P13: of 50 claims at once one is granted', async () => {
    const { store: made } = store()
    const tokens = await Promise.all(Array.from({ length: 50 }, async () => made.claim('key', 360)))
    assert.equal(tokens.filter((token) => token !== undefined).length, 1)
  })

  test('S09: keys that every object has, and such as node-cache trips over, are claimed like any other', () => {
    const { store: made, claim } = store()
    const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '0', '1', 'undefined', '\0', ' ', 'K', 'k']
    for (const key of keys) {
      const token = claim(key)
      assert.ok(token, JSON.stringify(key))
      assert.equal(claim(key), undefined, JSON.stringify(key))
      made.release(key, token)
      assert.ok(claim(key), JSON.stringify(key))
    }
    assert.equal(Object.prototype.v, undefined)
  })
})

describe('memoryReplayStore: release', () => {
  test('nothing but the very token of the claim releases it', () => {
    const { store: made, claim } = store()
    const token = claim('key')
    const other = claim('other')
    for (const wrong of [
      '',
      other,
      `${token} `,
      ` ${token}`,
      `0${token}`,
      `${token}.0`,
      `+${token}`,
      Number(token),
      null,
      undefined,
      [token],
      'NaN',
    ]) {
      made.release('key', wrong)
      assert.equal(claim('key'), undefined, String(wrong))
    }
    made.release('other', token)
    assert.equal(claim('other'), undefined)
    made.release('key', token)
    assert.equal(made.size, 1)
    assert.ok(claim('key'))
  })

  test('a token is never used again: an old one does not release a later claim', () => {
    const { store: made, clock, claim } = store()
    const seen = new Set()
    for (let i = 0; i < 100; i += 1) {
      const token = claim('key', 10)
      assert.equal(typeof token, 'string')
      assert.ok(!seen.has(token))
      for (const old of seen) made.release('key', old)
      assert.equal(claim('key', 10), undefined)
      seen.add(token)
      if (i % 2) made.release('key', token)
      else clock.now += 10_000
    }
  })

  test('what was never claimed, has ended or was released already is released in silence', () => {
    const { store: made, clock, claim } = store()
    made.release('never', '1')
    const token = claim('key', 10)
    clock.now += 100_000
    made.release('key', token)
    const again = claim('key', 10)
    made.release('key', again)
    made.release('key', again)
    assert.equal(made.size, 0)
  })
})

describe('memoryReplayStore: room', () => {
  const full = { name: 'CountersignError', code: 'ERR_STORE_FULL', status: 503 }

  test('P50: full, it refuses, and accepts no replay for it', () => {
    const { store: made, claim } = store({ maxClaims: 3 })
    for (const key of ['a', 'b', 'c']) assert.ok(claim(key))
    assert.throws(() => claim('d'), full)
    assert.throws(() => claim('d'), full)
    for (const key of ['a', 'b', 'c']) assert.equal(claim(key), undefined)
    assert.equal(made.size, 3)
  })

  test('a release makes room', () => {
    const { store: made, claim } = store({ maxClaims: 2 })
    const token = claim('a')
    claim('b')
    made.release('a', token)
    assert.ok(claim('c'))
    assert.throws(() => claim('a'), full)
  })

  test('an ended claim makes room at once, whether its bucket is over or has only begun', () => {
    for (const [short, long] of [
      [10, 20],
      [1, 1000],
      [359, 360],
      [100, 100.001],
      [86_000, 86_400],
    ]) {
      const { store: made, clock, claim } = store({ maxClaims: 2 })
      claim('short', short)
      claim('long', long)
      clock.now = T0 + Math.ceil(short * 1000) - 1
      assert.throws(() => claim('new'), full)
      clock.now += 1
      assert.ok(claim('new', 1000), `${short} ${long}`)
      assert.throws(() => claim('newer'), full)
      assert.equal(claim('long'), undefined)
      clock.now += 10_000_000_000
      assert.ok(claim('last'))
      assert.equal(made.size, 1)
    }
  })

  test('the one ended claim among 9000 is found at once', () => {
    const { clock, claim } = store({ maxClaims: 9000 })
    for (let i = 0; i < 9000; i += 1) claim(`key ${i}`, i < 20 ? 1000 + i : 1020)
    clock.now += 999_999
    for (let i = 0; i < 20; i += 1) {
      assert.throws(() => claim(`new ${i}`), full)
      clock.now += 1
      assert.ok(claim(`new ${i}`, 1000), `new ${i}`)
      clock.now += 999
    }
  })

  test('claims that come and go in one bucket leave nothing behind', () => {
    const { store: made, claim } = store({ maxClaims: 2 })
    for (let i = 0; i < 50_000; i += 1) made.release(`key ${i}`, claim(`key ${i}`))
    assert.equal(made.size, 0)
    assert.ok(claim('a') && claim('b'))
    assert.equal(claim('a'), undefined)
  })

  test('an ended claim is renewed in a full store', () => {
    const { clock, claim } = store({ maxClaims: 2 })
    claim('a', 10)
    claim('b', 1000)
    clock.now += 10_000
    assert.ok(claim('a', 10))
    assert.throws(() => claim('c'), full)
  })

  test('100000 claims of many lengths: none is lost, none is kept, all are dropped', () => {
    const { store: made, clock, claim } = store({ maxClaims: 100_000 })
    const ttlOf = (i) => 1 + ((i * 7919) % 1000)
    for (let i = 0; i < 100_000; i += 1) assert.ok(claim(`key ${i}`, ttlOf(i)))
    assert.equal(made.size, 100_000)
    assert.throws(() => claim('one more'), full)
    clock.now += 500_000
    let free = 0
    for (let i = 0; i < 100_000; i += 1) {
      const isOver = ttlOf(i) <= 500
      const token = claim(`key ${i}`, 1)
      assert.equal(token !== undefined, isOver, `key ${i}`)
      if (token !== undefined) free += 1
    }
    assert.equal(free, 50_000)
    clock.now += 1_000_000
    assert.ok(claim('last'))
    assert.equal(made.size, 1)
  })

  test('a full store of 100000 is usable as fast as its claims end', () => {
    const { store: made, clock, claim } = store({ maxClaims: 100_000 })
    for (let i = 0; i < 100_000; i += 1) claim(`key ${i}`, 100 + (i % 100))
    clock.now += 150_000
    let taken = 0
    for (let i = 0; i < 50_000; i += 1) {
      try {
        if (claim(`new ${i}`, 1000) !== undefined) taken += 1
      } catch (error) {
        assert.equal(error.code, 'ERR_STORE_FULL')
      }
    }
    assert.ok(taken > 49_000, `${taken} of 50000`)
    assert.ok(made.size <= 100_000)
  })
})

describe('memoryReplayStore: a clock that goes back', () => {
  const down = { name: 'CountersignError', code: 'ERR_STORE_DOWN', status: 503 }

  test('a claim that is still held counts again', () => {
    const { clock, claim } = store()
    claim('key', 10)
    clock.now += 9_999
    assert.equal(claim('key', 10), undefined)
    clock.now -= 1_000_000_000
    assert.equal(claim('key', 10), undefined)
  })

  test('a request whose claim was dropped is not let in when the clock makes it fresh again', () => {
    const { clock, claim } = store()
    // As a verifier reckons: timestamp + tolerance - now + 60 s.
    const ttl = (timestamp) => timestamp + 300 - clock.now / 1000 + 60
    const signedAt = T0 / 1000
    assert.ok(claim('request', ttl(signedAt)))
    clock.now = T0 + 3_600_000
    assert.ok(claim('another', 360))
    clock.now = T0 + 200_000
    assert.throws(() => claim('request', ttl(signedAt)), down)
    clock.now = T0 - 200_000
    assert.throws(() => claim('request', Math.ceil(ttl(signedAt))), down)
    assert.throws(() => claim('request', Math.floor(ttl(signedAt) - 1)), down)
  })

  test('what was signed later than all that was dropped is let in: one wrong hour of the clock is no outage', () => {
    const { clock, claim } = store()
    const ttl = (timestamp) => timestamp + 300 - clock.now / 1000 + 60
    for (let i = 0; i < 10; i += 1) claim(`request ${i}`, ttl(T0 / 1000 + i))
    clock.now = T0 + 10 * 365 * 86_400_000
    claim('while it was wrong', 360)
    clock.now = T0 + 12_000
    for (let i = 0; i < 10; i += 1) assert.throws(() => claim(`request ${i}`, ttl(T0 / 1000 + i)), down)
    assert.ok(claim('fresh', ttl(T0 / 1000 + 12)))
    assert.equal(claim('fresh', ttl(T0 / 1000 + 12)), undefined)
  })

  test('a step back of less than the TTL changes nothing', () => {
    const { clock, claim } = store()
    claim('old', 1)
    clock.now += 3_600_000
    claim('drop', 360)
    clock.now -= 300_000
    assert.ok(claim('new', 360))
    assert.equal(claim('new', 360), undefined)
  })

  test('what was swept to make room, or renewed, is remembered as dropped', () => {
    const { clock, claim } = store({ maxClaims: 2 })
    claim('a', 100)
    claim('b', 200)
    clock.now += 100_000
    assert.ok(claim('c', 200))
    clock.now -= 100_000
    assert.throws(() => claim('a', 100), down)
    const renewed = store()
    renewed.claim('a', 100)
    renewed.clock.now += 100_000
    renewed.store.release('a', renewed.claim('a', 100))
    renewed.clock.now -= 100_000
    assert.throws(() => renewed.claim('a', 100), down)
  })
})

describe('memoryReplayStore against a model', () => {
  const keys = fc.integer({ min: 0, max: 12 }).map((n) => `key ${n}`)
  const ttls = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0.001, max: 40, noNaN: true }), fc.constantFrom(60, 360, 3600))
  const command = (steps) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ op: fc.constant('claim'), key: keys, ttl: ttls }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant('release'), key: keys, own: fc.boolean() }) },
      { weight: 3, arbitrary: fc.record({ op: fc.constant('step'), ms: steps }) },
    )
  const forward = fc.oneof(
    fc.integer({ min: 0, max: 40_000 }),
    fc.integer({ min: 0, max: 10 }),
    fc.double({ min: 0, max: 5000, noNaN: true }),
  )
  const anyWay = fc.oneof(forward, fc.integer({ min: -60_000, max: 60_000 }), fc.integer({ min: -5, max: 5 }))

  /** A Map that forgets nothing: a claim counts while its end is later than the clock. */
  function run(commands, maxClaims, canGoBack) {
    const { store: made, clock, claim } = store({ maxClaims })
    const model = new Map()
    let latest = clock.now
    let over = Number.NEGATIVE_INFINITY
    for (const { op, key, ttl, own, ms } of commands) {
      const held = model.get(key)
      if (op === 'step') clock.now += ms
      if (op === 'release') {
        const token = own && held !== undefined ? held.token : '0'
        made.release(key, token)
        if (token === held?.token) model.delete(key)
      }
      if (op !== 'claim') continue
      latest = Math.max(latest, clock.now)
      const end = Math.ceil(clock.now + ttl * 1000)
      for (const claimed of model.values()) claimed.wasOver ||= claimed.end <= clock.now
      for (const claimed of model.values()) if (claimed.wasOver) over = Math.max(over, claimed.end)
      const live = () => [...model.values()].filter((claimed) => claimed.end > clock.now).length
      const isFree = held === undefined || held.end <= clock.now
      try {
        const token = claim(key, ttl)
        if (token === undefined) {
          assert.ok(!isFree, 'refused what the model accepts')
          continue
        }
        // Once the clock has passed its end a claim may be gone; what is taken again must end later.
        assert.ok(isFree || (canGoBack && held.wasOver && end > held.end), 'accepted what the model refuses')
        for (const other of model.values()) assert.notEqual(other.token, token)
        model.set(key, { end, token, wasOver: false })
      } catch (error) {
        if (error.code === 'ERR_STORE_FULL') assert.ok(live() >= maxClaims, 'full before it was')
        else {
          assert.equal(error.code, 'ERR_STORE_DOWN', error.message)
          assert.ok(canGoBack && clock.now < latest && end <= over + 2000, 'down where no claim can have been dropped')
        }
      }
      assert.ok(made.size <= maxClaims)
      assert.ok(canGoBack || made.size >= live())
    }
  }

  test('with a clock that goes forward it accepts what the model accepts, and is full when the model is', () => {
    fc.assert(
      fc.property(fc.array(command(forward), { maxLength: 80 }), fc.integer({ min: 1, max: 14 }), (commands, maxClaims) =>
        run(commands, maxClaims, false),
      ),
      { numRuns: 500 },
    )
  })

  test('with a clock that goes both ways it never accepts what the model refuses', () => {
    fc.assert(
      fc.property(fc.array(command(anyWay), { maxLength: 80 }), fc.integer({ min: 1, max: 14 }), (commands, maxClaims) =>
        run(commands, maxClaims, true),
      ),
      { numRuns: 500 },
    )
  })
})

test('P13: whatever the clock does, one signed request has one effect', () => {
  const requests = Array.from({ length: 8 }, (_, i) => ({ key: `request ${i}`, signedAt: T0 / 1000 + i * 97.3 }))
  const roundings = [(ttl) => ttl, Math.ceil, Math.round]
  const moves = fc.record({
    move: fc.oneof(
      fc.integer({ min: -2000, max: 2000 }).map((ms) => (now) => now + ms),
      fc.integer({ min: 0, max: 120_000 }).map((ms) => (now) => now + ms),
      fc.integer({ min: -300_000, max: 2_000_000 }).map((ms) => () => T0 + ms),
    ),
    request: fc.nat({ max: requests.length - 1 }),
    rounding: fc.nat({ max: roundings.length - 1 }),
  })
  let granted = 0
  fc.assert(
    fc.property(fc.array(moves, { minLength: 50, maxLength: 100 }), fc.integer({ min: 1, max: 10 }), (commands, maxClaims) => {
      const { clock, claim } = store({ maxClaims })
      const done = new Set()
      for (const { move, request, rounding } of commands) {
        clock.now = move(clock.now)
        const { key, signedAt } = requests[request]
        // As a verifier does: 300 s both ways, and a claim for as long as the request can be fresh, and 60 s.
        if (Math.abs(clock.now / 1000 - signedAt) > 300) continue
        const ttl = roundings[rounding](signedAt + 300 - clock.now / 1000 + 60)
        try {
          if (claim(key, ttl) === undefined) continue
        } catch (error) {
          assert.ok(['ERR_STORE_FULL', 'ERR_STORE_DOWN'].includes(error.code), error.message)
          continue
        }
        assert.ok(!done.has(key), `${key} was let in twice`)
        done.add(key)
        granted += 1
      }
    }),
    { numRuns: 300 },
  )
  assert.ok(granted > 600, `${granted} were let in`)
})

test('node-cache is loaded when a memory store is made, not before, and keeps no process alive', () => {
  const script = `import { createRequire } from 'node:module'
    import { memoryReplayStore } from '@countersign/core'
    const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('node-cache'))
    const before = isLoaded()
    memoryReplayStore().claim('key', 360)
    process.stdout.write(JSON.stringify([before, isLoaded(), process.getActiveResourcesInfo().filter((name) => name === 'Timeout')]))`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, timeout: 30_000 })
  assert.deepEqual(JSON.parse(out), [false, true, []])
})

test('P50: 200000 claims are nothing to the garbage collector, so it stops nobody for them, and end as octets', () => {
  const script = `import { memoryReplayStore } from '@countersign/core'
    const clock = { now: 0 }
    const store = memoryReplayStore({ now: () => clock.now })
    const used = async () => {
      // What the collector frees outside of its heap is counted a turn later.
      for (let turn = 0; turn < 3; turn += 1) {
        globalThis.gc()
        await new Promise((resolve) => setImmediate(resolve))
      }
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return [heapUsed, arrayBuffers]
    }
    const [heap, octets] = await used()
    for (let i = 0; i < 200_000; i += 1) store.claim('key ' + i, 360)
    const [heapFull, octetsFull] = await used()
    clock.now += 3_600_000
    store.claim('last', 1)
    process.stdout.write(JSON.stringify([heapFull - heap, octetsFull - octets, (await used())[1] - octets]))`
  const args = ['--expose-gc', '--input-type=module', '-e', script]
  const [heap, octets, left] = JSON.parse(String(execFileSync(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 })))
  assert.ok(heap < 4_000_000, `${heap} octets of heap`)
  assert.ok(octets > 200_000 * 32 && octets < 200_000 * 110, `${octets} octets outside of the heap`)
  assert.ok(left < 1_000_000, `${left} octets are left`)
})

describe('what has ended is dropped as a whole when its span is over, whichever order it came in', () => {
  const TTLS = [4, 100, 10_000]
  const orders = TTLS.flatMap((a) => TTLS.filter((b) => b !== a).map((b) => [a, b, TTLS.find((c) => c !== a && c !== b)]))

  for (const order of orders) {
    test(`claims of ${order.join(', ')} seconds`, () => {
      let now = 1_000_000_000
      const store = memoryReplayStore({ now: () => now })
      for (const ttl of order) assert.ok(store.claim(`held ${ttl}`, ttl))
      const sizeAfter = (ms, key) => {
        now += ms
        assert.ok(store.claim(key, 1_000_000))
        return store.size
      }
      assert.equal(sizeAfter(20_000, 'one'), 3)
      assert.equal(sizeAfter(200_000, 'two'), 3)
      assert.equal(sizeAfter(20_000_000, 'three'), 3)
      for (const key of ['one', 'two', 'three']) assert.equal(store.claim(key, 1_000_000), undefined)
    })
  }
})

test('the number and time of a claim that can be held: a TTL up to the last millisecond that is a whole number', () => {
  const store = memoryReplayStore({ now: () => 0 })
  const most = Number.MAX_SAFE_INTEGER
  const ttl = Math.floor(most / 1000) - 1
  assert.ok(store.claim('long', ttl))
  assert.equal(store.claim('long', ttl), undefined)
  const late = memoryReplayStore({ now: () => most - 1000 })
  assert.ok(late.claim('k', 1))
  const later = memoryReplayStore({ now: () => most - 999 })
  assert.throws(() => later.claim('k', 1), TypeError)
})
