import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { basicAuthenticator, clientGroupAuthenticator } from '@countersign/client-group'
import { absent, allOf, anyOf, decide, granted, memoryClients, principal } from '@countersign/core'

const CHEAP = { cost: 1024, blockSize: 8, parallelization: 1 }
const KEYS = { acme: 'the-api-key-of-acme', beta: 'the-api-key-of-beta', outside: 'the-api-key-of-outside' }

function registry() {
  const credentials = (id) => [
    { kind: 'basic', id: 'b', password: `password of ${id}` },
    { kind: 'api-key', id: 'k', key: KEYS[id] },
  ]
  return memoryClients({
    scrypt: CHEAP,
    clients: [
      { id: 'acme', groups: ['partners'], credentials: credentials('acme') },
      { id: 'beta', groups: ['beta', 'partners'], credentials: credentials('beta') },
      { id: 'outside', groups: ['others'], credentials: credentials('outside') },
    ],
  })
}

function request({ basic, key, password = `password of ${basic}`, rawHeaders = [] } = {}) {
  const raw = [...rawHeaders]
  if (basic !== undefined) raw.push('Authorization', `Basic ${Buffer.from(`${basic}:${password}`).toString('base64')}`)
  if (key !== undefined) raw.push('X-API-Key', KEYS[key] ?? key)
  return { method: 'GET', target: '/', headers: {}, rawHeaders: raw, socket: undefined, body: () => assert.fail('the body was read') }
}

function outcome(verdict) {
  if (verdict.kind !== 'granted') return verdict.code === undefined ? verdict.kind : `${verdict.status} ${verdict.code}`
  const { clientId, scheme, also = [] } = verdict.principal
  return [clientId, scheme, ...also.map((other) => other.scheme)].join(' ')
}

/** An authenticator of another kind, over a registry: proves whom `x-proves` names. */
function proving(clients, steps = {}) {
  return {
    name: 'proving',
    challenges: ['Proof realm="api"'],
    registry: clients,
    authenticate: ({ rawHeaders }) => {
      const at = rawHeaders.indexOf('x-proves')
      if (at === -1) return absent
      return granted(principal({ clientId: rawHeaders[at + 1], scheme: 'proof', groups: ['stale'] }), steps)
    },
  }
}

describe('who is let in', () => {
  test('members by Basic or by API key; 401 for what is wrong, 403 for whom it is not meant', async () => {
    const authenticator = clientGroupAuthenticator({ clients: registry(), group: 'partners' })
    const cases = [
      [{}, 'absent'],
      [{ rawHeaders: ['Authorization', 'Bearer x'] }, 'absent'],
      [{ basic: 'acme', password: 'wrong' }, '401 ERR_BASIC_WRONG'],
      [{ basic: 'nobody' }, '401 ERR_BASIC_WRONG'],
      [{ key: 'a-key-that-nobody-has' }, '401 ERR_API_KEY_UNKNOWN'],
      [{ key: '' }, '401 ERR_API_KEY_EMPTY'],
      [{ basic: 'outside' }, '403 ERR_GROUP_NOT_MEMBER'],
      [{ key: 'outside' }, '403 ERR_GROUP_NOT_MEMBER'],
      [{ basic: 'acme' }, 'acme basic'],
      [{ key: 'beta' }, 'beta api-key'],
    ]
    for (const [sent, expected] of cases) assert.equal(outcome(await authenticator.authenticate(request(sent))), expected, inspect(sent))
    assert.deepEqual((await authenticator.authenticate(request({ key: 'beta' }))).principal.groups, ['beta', 'partners'])
    assert.deepEqual(authenticator.challenges, ['Basic realm="api", charset="UTF-8"', 'ApiKey realm="api"'])
  })

  test('P29: Basic and API key together must both be right, and one client\u2019s', async () => {
    const authenticator = clientGroupAuthenticator({ clients: registry(), group: 'partners' })
    const cases = [
      [{ basic: 'acme', key: 'acme' }, 'acme basic api-key'],
      [{ basic: 'acme', key: 'beta' }, '403 ERR_GROUP_OTHER_CLIENT'],
      [{ basic: 'outside', key: 'acme' }, '403 ERR_GROUP_OTHER_CLIENT'],
      [{ basic: 'acme', key: 'a-key-that-nobody-has' }, '401 ERR_API_KEY_UNKNOWN'],
      [{ basic: 'acme', key: '' }, '401 ERR_API_KEY_EMPTY'],
      [{ basic: 'acme', password: 'wrong', key: 'acme' }, '401 ERR_BASIC_WRONG'],
      [{ basic: 'outside', key: 'outside' }, '403 ERR_GROUP_NOT_MEMBER'],
    ]
    for (const [sent, expected] of cases) assert.equal(outcome(await authenticator.authenticate(request(sent))), expected, inspect(sent))
    const { principal: both } = await authenticator.authenticate(request({ basic: 'acme', key: 'acme' }))
    assert.ok(Object.isFrozen(both) && Object.isFrozen(both.also) && Object.isFrozen(both.also[0]))
  })

  test('several groups, or any client of the registry', async () => {
    const clients = registry()
    const some = clientGroupAuthenticator({ clients, groups: ['beta', 'others'] })
    assert.equal(outcome(await some.authenticate(request({ key: 'acme' }))), '403 ERR_GROUP_NOT_MEMBER')
    assert.equal(outcome(await some.authenticate(request({ key: 'beta' }))), 'beta api-key')
    assert.equal(outcome(await some.authenticate(request({ key: 'outside' }))), 'outside api-key')
    const any = clientGroupAuthenticator({ clients, anyGroup: true })
    for (const key of ['acme', 'beta', 'outside']) assert.equal(outcome(await any.authenticate(request({ key }))), `${key} api-key`)
    await clients.setGroups('acme', [])
    assert.equal(outcome(await any.authenticate(request({ key: 'acme' }))), 'acme api-key')
  })

  test('S09: a group called constructor has the members that it was given', async () => {
    const clients = registry()
    for (const group of ['constructor', '__proto__', 'length']) {
      const authenticator = clientGroupAuthenticator({ clients, group })
      assert.equal(outcome(await authenticator.authenticate(request({ key: 'acme' }))), '403 ERR_GROUP_NOT_MEMBER')
      await clients.join('acme', group)
      assert.equal(outcome(await authenticator.authenticate(request({ key: 'acme' }))), 'acme api-key')
    }
  })

  test('P27: membership and credentials count as they are when the request comes', async () => {
    const clients = registry()
    const authenticator = clientGroupAuthenticator({ clients, group: 'partners' })
    const ask = async (sent) => outcome(await authenticator.authenticate(request(sent)))
    assert.equal(await ask({ basic: 'acme' }), 'acme basic')
    await clients.leave('acme', 'partners')
    assert.equal(await ask({ basic: 'acme' }), '403 ERR_GROUP_NOT_MEMBER')
    assert.equal(await ask({ key: 'acme' }), '403 ERR_GROUP_NOT_MEMBER')
    await clients.join('acme', 'partners')
    assert.equal(await ask({ basic: 'acme' }), 'acme basic')
    await clients.disable('acme')
    assert.equal(await ask({ basic: 'acme' }), '401 ERR_BASIC_DISABLED')
    assert.equal(await ask({ key: 'acme' }), '401 ERR_API_KEY_DISABLED')
    await clients.remove('acme')
    assert.equal(await ask({ basic: 'acme' }), '401 ERR_BASIC_WRONG')
    assert.equal(await ask({ key: 'acme' }), '401 ERR_API_KEY_UNKNOWN')
  })

  test('an outage of the registry is an outage, also for one of two credentials', async () => {
    const clients = registry()
    const down = () => {
      throw new Error('down')
    }
    const authenticator = clientGroupAuthenticator({ clients: { ...members(clients), findApiKey: down }, group: 'partners' })
    await assert.rejects(async () => authenticator.authenticate(request({ basic: 'acme', key: 'acme' })), {
      code: 'ERR_LOOKUP_FAILED',
      status: 503,
    })
    assert.equal(
      outcome(await authenticator.authenticate(request({ basic: 'acme', password: 'wrong', key: 'acme' }))),
      '401 ERR_BASIC_WRONG',
    )
  })
})

/** A registry of somebody's own, over another one. */
function members(clients) {
  return {
    passwords: clients.passwords,
    findApiKey: (digest) => clients.findApiKey(digest),
    findUser: (name) => clients.findUser(name),
    find: (id) => clients.find(id),
    used: (match, now) => clients.used(match, now),
  }
}

describe('other kinds of credentials', () => {
  test('their client is looked up in the registry, with the groups that it has now', async () => {
    const clients = registry()
    const authenticator = clientGroupAuthenticator({ clients, group: 'partners', accept: ['api-key', proving(clients)] })
    const ask = async (proved, key) => authenticator.authenticate(request({ rawHeaders: ['x-proves', proved], ...(key && { key }) }))
    assert.deepEqual((await ask('beta')).principal.groups, ['beta', 'partners'])
    assert.equal(outcome(await ask('outside')), '403 ERR_GROUP_NOT_MEMBER')
    assert.equal(outcome(await ask('nobody')), '403 ERR_GROUP_NO_CLIENT')
    assert.equal(outcome(await ask('acme', 'acme')), 'acme api-key proof')
    assert.equal(outcome(await ask('acme', 'beta')), '403 ERR_GROUP_OTHER_CLIENT')
    await clients.disable('acme')
    assert.equal(outcome(await ask('acme')), '403 ERR_GROUP_NO_CLIENT')
    assert.deepEqual(authenticator.challenges, ['ApiKey realm="api"', 'Proof realm="api"'])
    assert.equal(outcome(await authenticator.authenticate(request({ basic: 'beta' }))), 'absent')
  })

  test('their steps run once, also when they guard something else besides, and not for whom is refused', async () => {
    const clients = registry()
    const ran = []
    const steps = { commit: () => void ran.push('commit'), settle: (status) => void ran.push(`settle ${status}`) }
    const member = proving(clients, steps)
    const group = clientGroupAuthenticator({ clients, group: 'partners', accept: [member, 'api-key'] })
    const sent = request({ rawHeaders: ['x-proves', 'acme'], key: 'acme' })
    const { commit, settle } = await decide(group, sent)
    assert.deepEqual(ran, [])
    await commit()
    await commit()
    await settle(200)
    await settle(200)
    assert.deepEqual(ran, ['commit', 'settle 200'])
    assert.notEqual(clients.lastUsed('acme')[1].lastUsed, undefined)
    const single = await decide(group, request({ rawHeaders: ['x-proves', 'acme'] }))
    await single.commit()
    assert.equal(ran.length, 3)
    assert.equal((await decide(group, request({ rawHeaders: ['x-proves', 'outside'] }))).commit, undefined)
  })

  test('a member that refuses on commit refuses the whole', async () => {
    const clients = registry()
    const replayed = { kind: 'refused', code: 'ERR_TEST_REPLAYED', status: 401, reason: 'sent before' }
    const group = clientGroupAuthenticator({
      clients,
      group: 'partners',
      accept: ['api-key', proving(clients, { commit: () => replayed })],
    })
    const verdict = await decide(group, request({ rawHeaders: ['x-proves', 'acme'], key: 'acme' }))
    assert.equal(await verdict.commit(), replayed)
  })

  test('what a member answers or refuses, and an outage of its, is the whole one\u2019s', async () => {
    const clients = registry()
    const refused = { kind: 'refused', code: 'ERR_TEST', status: 403, reason: 'no' }
    const answered = { kind: 'answered', status: 200, headers: {}, body: 'pong' }
    for (const verdict of [refused, answered]) {
      for (const authenticate of [() => verdict, async () => verdict]) {
        const group = clientGroupAuthenticator({ clients, group: 'partners', accept: ['basic', { ...proving(clients), authenticate }] })
        assert.equal(await group.authenticate(request({ basic: 'acme' })), verdict)
      }
    }
    const broken = { ...proving(clients), authenticate: () => Promise.reject(new Error('down')) }
    const group = clientGroupAuthenticator({ clients, group: 'partners', accept: [broken, 'basic'] })
    await assert.rejects(async () => group.authenticate(request({ basic: 'acme' })), /down/)
  })

  test('an authenticator over another registry, or none, is refused when the group is made', () => {
    const clients = registry()
    for (const member of [proving(registry()), proving(undefined), apiKeyAuthenticator({ keys: KEYS.acme })]) {
      assert.throws(() => clientGroupAuthenticator({ clients, group: 'g', accept: [member] }), {
        name: 'TypeError',
        message: /same registry/,
      })
    }
  })

  test('P30: in compositions it is one of several, and one registry stands behind sameClient', async () => {
    const clients = registry()
    const group = clientGroupAuthenticator({ clients, group: 'partners', accept: ['basic'] })
    const both = allOf(group, apiKeyAuthenticator({ clients }), { sameClient: true })
    assert.equal(outcome(await both.authenticate(request({ basic: 'acme', key: 'acme' }))), 'acme basic api-key')
    assert.equal(outcome(await both.authenticate(request({ basic: 'acme', key: 'beta' }))), '403 ERR_AUTH_OTHER_CLIENT')
    assert.equal(outcome(await both.authenticate(request({ basic: 'acme' }))), 'absent')
    const either = anyOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ clients }))
    assert.equal(outcome(await either.authenticate(request({ basic: 'acme', password: 'wrong', key: 'acme' }))), '401 ERR_BASIC_WRONG')
  })
})

describe('options', () => {
  test('P16: a group that is left out, undefined or blank never opens the route', () => {
    const clients = registry()
    const wrong = [
      {},
      { group: undefined },
      { groups: undefined },
      { groups: [] },
      { groups: ['a', ''] },
      { groups: 'a' },
      { groups: [undefined] },
      { group: '' },
      { group: ' ' },
      { group: ['a'] },
      { group: 'a', groups: ['a'] },
      { group: 'a', anyGroup: true },
      { anyGroup: false },
      { anyGroup: 'yes' },
    ]
    for (const options of wrong) {
      assert.throws(
        () => clientGroupAuthenticator({ clients, ...options }),
        { name: 'TypeError', message: /^clientGroupAuthenticator/ },
        inspect(options),
      )
    }
  })

  test('other mistakes are TypeErrors as well', () => {
    const clients = registry()
    const wrong = [
      undefined,
      { group: 'a' },
      { clients: {}, group: 'a' },
      { clients, group: 'a', accept: [] },
      { clients, group: 'a', accept: null },
      { clients, group: 'a', accept: 'basic' },
      { clients, group: 'a', accept: ['Basic'] },
      { clients, group: 'a', accept: ['basic', 'basic'] },
      { clients, group: 'a', accept: [undefined] },
      { clients, group: 'a', accept: [{}] },
      { clients, group: 'a', accept: ['basic'], header: 'X-Key' },
      { clients, group: 'a', accept: ['api-key'], cacheSeconds: 5 },
      { clients, group: 'a', header: 'Authorization' },
      { clients, group: 'a', keys: 'x' },
      { clients, group: 'a', realm: '' },
      { clients, group: 'a', cacheSeconds: -5 },
      { clients, Group: 'a' },
    ]
    for (const options of wrong) {
      assert.throws(
        () => clientGroupAuthenticator(options),
        { name: 'TypeError', message: /^clientGroupAuthenticator/ },
        inspect(options, { depth: 1 }),
      )
    }
  })

  test('S16: options are own properties', () => {
    Object.defineProperty(Object.prototype, 'anyGroup', { value: true, configurable: true, enumerable: true, writable: true })
    try {
      assert.throws(() => clientGroupAuthenticator({ clients: registry() }), TypeError)
    } finally {
      delete Object.prototype.anyGroup
    }
  })

  test('where the API key is can be told, also in Authorization beside Basic', async () => {
    const clients = registry()
    const authenticator = clientGroupAuthenticator({ clients, group: 'partners', header: 'Authorization', prefix: 'ApiKey' })
    const ask = async (value) => outcome(await authenticator.authenticate(request({ rawHeaders: ['Authorization', value] })))
    assert.equal(await ask(`ApiKey ${KEYS.acme}`), 'acme api-key')
    assert.equal(await ask(`Basic ${Buffer.from('acme:password of acme').toString('base64')}`), 'acme basic')
    assert.equal(await ask('Bearer x'), 'absent')
  })
})
