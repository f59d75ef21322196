/** One token and the store behind it, by a clock, a store and a service that are the test's: each limit at its very millisecond. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import timers from 'node:timers/promises'
import { deferred } from '../../../test/support/promises.js'
import { replaced } from '../../../test/support/replaced.js'
import { reportFailure } from '../dist/token/report.js'
import { TokenShelf } from '../dist/token/shelf.js'
import { TokenSlot } from '../dist/token/slot.js'
import { TokenSource } from '../dist/token/source.js'

const T0 = 1_000_000
/** A token that is renewed in the background from 100 ms on, that callers wait to see replaced from 180 ms on, and that ends after 200 ms. */
function held(name, from = T0) {
  return { token: name, text: `text of ${name}`, refreshFrom: from + 100, waitFrom: from + 180, until: from + 200 }
}

/** Lets everything that is due happen. */
async function settle() {
  for (let i = 0; i < 3; i += 1) await new Promise(setImmediate)
}

/**
 * A slot, its clock, and what it did. `world.fetch` is what the service answers; by default a new token at once.
 * `world.stored` is what the shelf holds; `world.isLocked` says whether another holds the lock.
 */
function slotOf(further) {
  const world = { now: T0, fetches: 0, stored: undefined, isLocked: false, done: [], reported: [] }
  world.fetch = async () => held(`token-${world.fetches}`, world.now)
  const shelf = {
    get: async () => world.stored,
    set: async (key, { token }) => void world.done.push(['set', key, token]),
    delete: async (key, { token }) => void world.done.push(['delete', key, token]),
    lock: async (key, seconds) => {
      world.done.push(['lock', key, seconds])
      return world.isLocked ? undefined : { release: async () => void world.done.push(['release']) }
    },
  }
  world.slot = new TokenSlot({
    key: 'the key',
    shelf,
    now: () => world.now,
    fetch: () => {
      world.fetches += 1
      return world.fetch()
    },
    refreshCooldownMs: 30,
    lockMs: 1000,
    report: (error) => world.reported.push(error.message),
    ...further,
  })
  world.at = (ms) => {
    world.now = T0 + ms
    return world.slot.current()
  }
  world.fails = () => {
    world.fetch = () => Promise.reject(new Error('the service failed'))
  }
  return world
}

test('a token is asked for once, stored under a lock, and is there at once until half of its life', async () => {
  const world = slotOf()
  const waiting = [world.at(0), world.at(0)]
  assert.deepEqual(await Promise.all(waiting), ['token-1', 'token-1'])
  assert.deepEqual(world.done, [['lock', 'the key', 1], ['set', 'the key', 'token-1'], ['release']])
  for (const ms of [0, 50, 99]) assert.equal(world.at(ms), 'token-1')
  await settle()
  assert.equal(world.fetches, 1)
})

test('P41: from half of its life on it is renewed in the background, once', async () => {
  const world = slotOf()
  await world.at(0)
  const answer = deferred()
  world.fetch = () => answer.promise
  for (let i = 0; i < 3; i += 1) assert.equal(world.at(100), 'token-1')
  await settle()
  assert.equal(world.at(179), 'token-1')
  assert.equal(world.fetches, 2)
  const late = world.at(180)
  assert.notEqual(late, 'token-1', 'near its end callers wait, for the renewal that is under way')
  answer.resolve(held('token-2', T0 + 180))
  assert.equal(await late, 'token-2')
  assert.equal(world.at(180), 'token-2')
  assert.equal(world.fetches, 2)
})

for (const [ms, isNeeded] of [
  [99, false],
  [100, true],
  [180, true],
]) {
  test(`P41: at ${ms} ms of 200 a token is ${isNeeded ? '' : 'not '}asked for`, async () => {
    const world = slotOf()
    await world.at(0)
    await world.at(ms)
    await settle()
    assert.equal(world.fetches, isNeeded ? 2 : 1)
  })
}

test('P41: where no new token can be had the old one serves to its end, and not a millisecond longer', async () => {
  const world = slotOf()
  await world.at(0)
  world.fails()
  assert.equal(await world.at(180), 'token-1')
  assert.deepEqual(world.reported, ['the service failed'])
  assert.equal(world.at(199), 'token-1', 'and the service is left alone')
  assert.equal(world.fetches, 2)
  await assert.rejects(async () => world.at(200), /the service failed/)
  assert.equal(world.fetches, 3)
})

test('P41: a token that ends while its renewal fails is not used', async () => {
  const world = slotOf()
  await world.at(0)
  world.fetch = async () => {
    world.now = T0 + 200
    throw new Error('the service failed')
  }
  await assert.rejects(async () => world.at(199), /the service failed/)
  assert.deepEqual(world.reported, [])
})

test('a renewal that fails is tried again after 1 s, 2 s, 4 s ... at most 60 s, and after a success from 1 s on', async () => {
  const world = slotOf()
  const long = (name) => ({ token: name, text: name, refreshFrom: world.now, waitFrom: T0 + 9e9, until: T0 + 9e9 })
  world.fetch = async () => long('first')
  await world.at(0)
  const pauses = async (...seconds) => {
    for (const pause of seconds) {
      const from = world.now - T0
      const before = world.fetches
      world.at(from + pause * 1000 - 1)
      await settle()
      assert.equal(world.fetches, before, `too early before ${pause} s`)
      world.at(from + pause * 1000)
      await settle()
      assert.equal(world.fetches, before + 1, `not asked after ${pause} s`)
    }
  }
  world.fails()
  world.at(0)
  await settle()
  await pauses(1, 2, 4, 8, 16, 32, 60, 60)
  assert.equal(world.reported.length, 9)
  world.fetch = async () => long('second')
  world.at(world.now - T0 + 60_000)
  await settle()
  assert.equal(world.at(world.now - T0), 'second')
  world.fails()
  await settle()
  world.at(world.now - T0)
  await settle()
  await pauses(1, 2)
})

test('a token whose life is over when it comes serves those who waited, and nobody else', async () => {
  for (const [life, isKept] of [
    [0, false],
    [1, true],
  ]) {
    const world = slotOf()
    world.fetch = async () => ({ token: 'short', text: '', refreshFrom: T0 + life, waitFrom: T0 + life, until: T0 + life })
    assert.equal(await world.at(0), 'short')
    assert.equal(world.at(0) === 'short', isKept)
    await settle()
    assert.equal(world.fetches, isKept ? 1 : 2)
  }
})

for (const [what, ms, stored, isTaken] of [
  ['with life left', 0, held('stored'), true],
  ['a millisecond before callers would wait', 179, held('stored'), true],
  ['from when callers wait on', 180, held('stored'), false],
]) {
  test(`a stored token ${what} is ${isTaken ? 'taken' : 'not taken'} by a process that has none`, async () => {
    const world = slotOf()
    world.stored = stored
    assert.equal(await world.at(ms), isTaken ? 'stored' : 'token-1')
    assert.equal(world.fetches, isTaken ? 0 : 1)
    if (isTaken) assert.deepEqual(world.done, [], 'no lock is needed')
  })
}

test('in the background only a stored token in the first half of its life takes the place of a new one', async () => {
  for (const [from, isTaken] of [
    [T0 + 1, true],
    [T0, false],
  ]) {
    const world = slotOf()
    await world.at(0)
    world.stored = held('stored', from)
    world.at(100)
    await settle()
    assert.equal(world.fetches, isTaken ? 1 : 2)
    assert.equal(world.at(100), isTaken ? 'stored' : 'token-2')
  }
})

test('what another process stored before the lock was got is taken, and the lock given back', async () => {
  const gets = [undefined, held('theirs')]
  const done = []
  const slot = new TokenSlot({
    key: 'k',
    shelf: { get: async () => gets.shift(), lock: async () => ({ release: async () => void done.push('release') }) },
    now: () => T0,
    fetch: () => assert.fail('nothing is to be asked for'),
    refreshCooldownMs: 30,
    lockMs: 1000,
    report: assert.fail,
  })
  assert.equal(await slot.current(), 'theirs')
  assert.deepEqual(done, ['release'])
})

test('a lock is given back once when the service fails, and the next call asks again', async () => {
  const world = slotOf()
  world.fails()
  await assert.rejects(async () => world.at(0), /the service failed/)
  assert.deepEqual(world.done, [['lock', 'the key', 1], ['release']])
  world.fetch = async () => held('second')
  assert.equal(await world.at(0), 'second')
})

test('the lock of another is waited for, with longer and longer pauses, for lockMs; then it is done without', async (t) => {
  const world = slotOf()
  world.isLocked = true
  const pauses = []
  replaced(t, timers, 'setTimeout', async (_original, ms) => void pauses.push(ms))
  assert.equal(await world.at(0), 'token-1')
  assert.deepEqual(pauses, [25, 50, 100, 200, 250, 250, 250])
  assert.deepEqual(world.done.at(-1), ['set', 'the key', 'token-1'])
  assert.equal(world.done.filter(([what]) => what === 'lock').length, 7)
  const exact = slotOf({ lockMs: 875 })
  exact.isLocked = true
  pauses.length = 0
  assert.equal(await exact.at(0), 'token-1')
  assert.equal(pauses.length, 6)
  const other = slotOf()
  other.isLocked = true
  pauses.length = 0
  other.fetch = () => assert.fail('the other process brings it')
  replaced(t, timers, 'setTimeout', async (_original, ms) => {
    if (pauses.push(ms) === 3) other.stored = held('theirs')
  })
  assert.equal(await other.at(0), 'theirs')
  assert.deepEqual(pauses, [25, 50, 100])
})

test('P40: a token that was refused is replaced once, goes from the store, and the old one is not used again', async () => {
  const world = slotOf()
  await world.at(0)
  world.stored = held('token-1')
  world.done.length = 0
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => world.slot.refused('token-1'))), [true, true, true])
  assert.equal(world.fetches, 2)
  assert.equal(world.at(0), 'token-2')
  assert.equal(await world.slot.refused('token-1'), true, 'it was replaced already')
  assert.equal(world.fetches, 2)
  assert.deepEqual(world.done, [['delete', 'the key', 'token-1'], ['lock', 'the key', 1], ['set', 'the key', 'token-2'], ['release']])
})

test('P40: after a refusal a newer token of the store is taken, while callers need not wait for the next', async () => {
  for (const [from, isTaken] of [
    [T0 - 179, true],
    [T0 - 180, false],
  ]) {
    const world = slotOf()
    await world.at(0)
    world.stored = held('theirs', from)
    assert.equal(await world.slot.refused('token-1'), true)
    assert.equal(world.fetches, isTaken ? 1 : 2)
    assert.equal(await world.at(0), isTaken ? 'theirs' : 'token-2')
    assert.equal(
      world.done.some(([what]) => what === 'delete'),
      !isTaken,
    )
  }
})

test('P40: after a refusal, what another process stores before a new token is asked for is taken', async () => {
  const world = slotOf()
  await world.at(0)
  let gets = 0
  const stored = held('theirs')
  Object.defineProperty(world, 'stored', { get: () => (++gets > 1 ? stored : undefined) })
  assert.equal(await world.slot.refused('token-1'), true)
  assert.equal(world.fetches, 1)
  assert.equal(world.at(0), 'theirs')
})

test('P40: a token that its service gave no life is replaced when it is refused', async () => {
  const world = slotOf()
  world.fetch = async () => ({ token: `short-${world.fetches}`, text: '', refreshFrom: T0, waitFrom: T0, until: T0 })
  assert.equal(await world.at(0), 'short-1')
  assert.equal(await world.slot.refused('short-1'), true)
  assert.equal(world.fetches, 2)
})

test('P40: who is refused with a token without life waits for the one that others wait for', async () => {
  const world = slotOf()
  world.fetch = async () => ({ token: 'short', text: '', refreshFrom: T0, waitFrom: T0, until: T0 })
  assert.equal(await world.at(0), 'short')
  const answer = deferred()
  world.fetch = () => answer.promise
  const waiting = world.at(0)
  await settle()
  const refused = world.slot.refused('short')
  await settle()
  answer.resolve(held('long'))
  assert.deepEqual([await waiting, await refused, world.fetches], ['long', true, 2])
})

test('P40: who is refused with a token that was replaced already gets its retry, and asks neither store nor service', async () => {
  const world = slotOf()
  await world.at(0)
  await world.slot.refused('token-1')
  Object.defineProperty(world, 'stored', { get: () => assert.fail('the store is not to be asked') })
  assert.equal(await world.slot.refused('token-1'), true)
  assert.equal(world.fetches, 2)
})

test('P40: who is refused while the store is slow, and the token was replaced meanwhile, gets its retry', async () => {
  const answers = [deferred(), deferred()]
  const gets = [undefined, undefined, ...answers.map(({ promise }) => promise)]
  let fetches = 0
  const slot = new TokenSlot({
    key: 'k',
    shelf: {
      get: async () => gets.shift(),
      set: async () => undefined,
      delete: async () => undefined,
      lock: async () => ({ release: async () => undefined }),
    },
    now: () => T0,
    fetch: async () => held(`token-${++fetches}`),
    refreshCooldownMs: 30,
    lockMs: 1000,
    report: assert.fail,
  })
  await slot.current()
  const slow = slot.refused('token-1')
  const quick = slot.refused('token-1')
  answers[1].resolve(undefined)
  assert.equal(await quick, true)
  answers[0].resolve(undefined)
  assert.equal(await slow, true)
  assert.equal(fetches, 2)
})

test('P41: the lock of a renewal is given back when its token is refused, though an earlier renewal has ended since', async () => {
  const world = slotOf()
  const answers = []
  await world.at(0)
  world.fetch = () => {
    answers.push(deferred())
    return answers.at(-1).promise
  }
  world.at(100)
  await settle()
  world.stored = held('theirs', T0 + 100)
  assert.equal(await world.slot.refused('token-1'), true)
  assert.equal(world.at(200), 'theirs')
  await settle()
  assert.equal(answers.length, 2)
  answers[0].resolve(held('of before', T0 + 100))
  await settle()
  world.done.length = 0
  world.isLocked = true
  const refused = world.slot.refused('theirs')
  await settle()
  assert.deepEqual(world.done.slice(0, 2), [['release'], ['delete', 'the key', 'theirs']])
  world.isLocked = false
  answers[1].resolve(held('of before as well', T0 + 200))
  world.fetch = async () => held('of after', T0 + 200)
  assert.equal(await refused, true)
  assert.equal(world.slot.current(), 'of after')
})

test('P40: within the cooldown a second refusal brings nothing; after it, or when the clock went back, it does', async () => {
  for (const [ms, isReplaced] of [
    [0, false],
    [29, false],
    [30, true],
    [-1, true],
  ]) {
    const world = slotOf()
    await world.at(0)
    assert.equal(await world.slot.refused('token-1'), true)
    world.now = T0 + ms
    assert.equal(await world.slot.refused('token-2'), isReplaced, `${ms} ms`)
    assert.equal(world.fetches, isReplaced ? 3 : 2)
  }
})

test('P40: a service that hands out the refused token again, or fails, leaves the refusal as it is', async () => {
  for (const fetch of [async () => held('token-1'), () => Promise.reject(new Error('the service failed'))]) {
    const world = slotOf()
    await world.at(0)
    world.fetch = fetch
    assert.equal(await world.slot.refused('token-1'), false)
    assert.equal(world.fetches, 2)
    assert.deepEqual(world.reported, [])
  }
})

test('P40: whoever is refused while the replacement is under way waits for it', async () => {
  for (const [outcome, isReplaced] of [
    [(answer) => answer.resolve(held('token-2')), true],
    [(answer) => answer.resolve(held('token-1')), false],
    [(answer) => answer.reject(new Error('the service failed')), false],
  ]) {
    const world = slotOf()
    await world.at(0)
    const answer = deferred()
    world.fetch = () => answer.promise
    const first = world.slot.refused('token-1')
    await settle()
    const second = world.slot.refused('token-1')
    await settle()
    outcome(answer)
    assert.deepEqual(await Promise.all([first, second]), [isReplaced, isReplaced])
    assert.equal(world.fetches, 2)
  }
})

test('P41: a renewal that was under way when its token was refused is neither kept nor stored, and keeps nobody waiting', async () => {
  const world = slotOf()
  await world.at(0)
  const early = deferred()
  world.fetch = () => early.promise
  world.at(100)
  await settle()
  world.done.length = 0
  const late = deferred()
  world.fetch = () => late.promise
  const refused = world.slot.refused('token-1')
  await settle()
  assert.deepEqual(world.done, [['release'], ['lock', 'the key', 1]], 'its lock is given back before the next one is asked for')
  early.resolve(held('of before', T0 + 100))
  await settle()
  const waiting = world.slot.current()
  assert.equal(world.fetches, 3, 'what is under way is waited for')
  late.resolve(held('of after', T0 + 100))
  assert.deepEqual([await refused, await waiting, world.slot.current()], [true, 'of after', 'of after'])
  assert.deepEqual(
    world.done.filter(([what]) => what === 'set'),
    [['set', 'the key', 'of after']],
  )
})

test('P41: a lock that comes when its token was refused meanwhile is given back at once', async () => {
  const locks = []
  const world = { now: T0, fetches: 0 }
  const slot = new TokenSlot({
    key: 'k',
    shelf: {
      get: async () => undefined,
      set: async () => undefined,
      lock: () => {
        locks.push(deferred())
        return locks.at(-1).promise
      },
    },
    now: () => world.now,
    fetch: async () => {
      world.fetches += 1
      const { fetches } = world
      if (fetches === 2) await behind.promise
      return held(`token-${fetches}`, world.now)
    },
    refreshCooldownMs: 30,
    lockMs: 1000,
    report: assert.fail,
  })
  const behind = deferred()
  const released = []
  const give = (at) => locks[at].resolve({ release: async () => void released.push(at) })
  const first = slot.current()
  await settle()
  give(0)
  assert.equal(await first, 'token-1')
  world.now += 100
  assert.equal(slot.current(), 'token-1')
  await settle()
  const refused = slot.refused('token-1')
  await settle()
  assert.equal(locks.length, 3)
  give(1)
  await settle()
  assert.deepEqual(released, [0, 1])
  give(2)
  assert.equal(await refused, true)
  assert.equal(released.at(-1), 2)
  behind.resolve()
})

test('P29: each set of scopes has one slot, however it is written; of more than 1000 sets the first one goes', () => {
  const world = { reads: 0 }
  const source = new TokenSource({
    now: () => T0,
    scopes: ['usual'],
    key: (scopes) => scopes.join(' '),
    read: (given) => {
      world.reads += 1
      return [given].flat().join(' ').split(' ').sort()
    },
    fetch: async () => held('x'),
  })
  const usual = source.slot(undefined)
  assert.equal(source.slot('usual'), usual)
  assert.equal(source.slot(['usual']), usual)
  const first = source.slot('b a')
  for (const same of ['b a', 'a b', ['a', 'b'], ['b a']]) assert.equal(source.slot(same), first)
  const before = world.reads
  assert.equal(source.slot('b a'), first)
  assert.equal(world.reads, before, 'a text that was read once is not read again')
  assert.notEqual(first, usual)
  assert.notEqual(source.slot('a'), first)
  for (let i = 0; i < 997; i += 1) source.slot([`s${i}`])
  assert.equal(source.slot(['a b']), first, 'of 1000, with the usual one')
  source.slot(['one more'])
  assert.equal(source.slot(undefined), usual)
  assert.equal(source.slot(['a b']), first, 'the usual one, which is kept apart, was the first')
  source.slot(['another one'])
  assert.notEqual(source.slot(['a b']), first)
})

function shelfOf(store) {
  const world = { now: T0, reported: [] }
  world.shelf = new TokenShelf({
    store,
    now: () => world.now,
    renewal: { refreshAt: 0.5, skewMs: 0 },
    storeTimeoutMs: 20,
    report: (error) => world.reported.push(error.message),
  })
  return world
}

test('a store that fails or does not answer in time is left alone for 5 s, to the millisecond', async (t) => {
  // The deadline of a store alone keeps no process going.
  const awake = setInterval(() => undefined, 1000)
  t.after(() => clearInterval(awake))
  for (const fail of [() => Promise.reject(new Error('down')), () => new Promise(() => undefined)]) {
    let calls = 0
    const world = shelfOf({
      get: () => {
        calls += 1
        return fail()
      },
    })
    for (const [ms, wanted] of [
      [0, 1],
      [0, 1],
      [4999, 1],
      [5000, 2],
    ]) {
      world.now = T0 + ms
      assert.equal(await world.shelf.get('k'), undefined)
      assert.equal(calls, wanted, `${ms} ms`)
      assert.equal(world.reported.length, wanted)
    }
  }
})

test('what a store is given is a text for as long as the token lives, and nothing of one that is over', async () => {
  const sets = []
  const world = shelfOf({ set: async (...args) => void sets.push(args), delete: async (...args) => void sets.push(args) })
  await world.shelf.set('k', { text: 'text', until: T0 + 1500 })
  await world.shelf.set('k', { text: 'text', until: T0 + 1 })
  await world.shelf.set('k', { text: 'text', until: T0 })
  await world.shelf.set('k', { text: 'text', until: T0 - 1 })
  await world.shelf.delete('k', { text: 'text', until: T0 - 1 })
  assert.deepEqual(sets, [
    ['k', 'text', 1.5],
    ['k', 'text', 0.001],
    ['k', 'text'],
  ])
})

test('a lock of a store: held by another, given, and none where the store is down', async () => {
  const answers = [undefined, { release: async () => assert.fail('down') }]
  const world = shelfOf({
    lock: async (key, seconds) => {
      assert.deepEqual([key, seconds], ['k', 7])
      if (answers.length === 0) throw new Error('down')
      return answers.shift()
    },
  })
  assert.equal(await world.shelf.lock('k', 7), undefined)
  const lock = await world.shelf.lock('k', 7)
  assert.equal(await lock.release(), undefined, 'what fails in giving it back is told, not thrown')
  assert.equal(world.reported.length, 1)
  world.now += 5000
  const none = await world.shelf.lock('k', 7)
  assert.equal(none.release(), undefined)
  assert.equal(world.reported.length, 2)
  const again = await world.shelf.lock('k', 7)
  assert.equal(again.release(), undefined, 'while it is left alone as well')
})

test('a failure that befell no request is told on countersign:error, with what is known of it', (t) => {
  // Without a listener nothing is even looked at.
  reportFailure('billing', '/token', undefined)
  const events = []
  const listen = (event) => events.push(event)
  subscribe('countersign:error', listen)
  t.after(() => unsubscribe('countersign:error', listen))
  const full = Object.assign(new Error('it failed'), { code: 'ERR_X', status: 503 })
  const bare = {}
  for (const error of [full, bare]) reportFailure('billing', '/token', error)
  const common = { authenticator: 'billing', method: 'POST', path: '/token' }
  assert.deepEqual(events, [
    { ...common, code: 'ERR_X', status: 503, reason: 'it failed', error: full },
    { ...common, error: bare },
  ])
  assert.deepEqual(Object.keys(events[1]), ['authenticator', 'method', 'path', 'error'])
  assert.ok(events.every(Object.isFrozen))
})
