import assert from 'node:assert/strict'
import { createHmac, scryptSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { basicAuthenticator } from '@countersign/client-group'
import { memoryClients } from '@countersign/core'
import fc from 'fast-check'
import { keepAlive } from '../../../test/support/promises.js'
import { KeyedDigest } from '../dist/keyed-digest.js'

const CHEAP = { cost: 1024, blockSize: 8, parallelization: 1 }

function request(...rawHeaders) {
  return { method: 'GET', target: '/', headers: {}, rawHeaders, socket: undefined, body: () => assert.fail('the body was read') }
}

function basic(user, password) {
  return request('Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
}

/** A registry of one client whose derivations are counted, an authenticator over it, and a clock that the test turns. */
function setUp({ clients = [admin()], options = {}, ...registryOptions } = {}) {
  const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
  const counts = { derived: 0 }
  const kdf = (password, salt) => {
    counts.derived += 1
    return scryptSync(password, salt, 32, CHEAP)
  }
  const registry = memoryClients({ scrypt: CHEAP, kdf, now: () => clock.now, clients, ...registryOptions })
  counts.derived = 0
  const authenticator = basicAuthenticator({ clients: registry, now: () => clock.now, ...options })
  return {
    registry,
    authenticator,
    clock,
    counts,
    ask: async (user, password) => outcome(await authenticator.authenticate(basic(user, password))),
    raw: async (...rawHeaders) => outcome(await authenticator.authenticate(request(...rawHeaders))),
    /** How many derivations something costs. */
    cost: async (work) => {
      const before = counts.derived
      await work()
      return counts.derived - before
    },
  }
}

function admin(further = {}) {
  return { id: 'admin', groups: ['staff'], credentials: [{ kind: 'basic', id: 'b', password: 'secret123' }], ...further }
}

function outcome(verdict) {
  if (verdict.kind === 'granted') return `${verdict.principal.clientId} ${verdict.principal.credentialId}`
  return verdict.code ?? verdict.kind
}

const encoded = (octets) => Buffer.from(octets).toString('base64')

describe('what is read', () => {
  test('P19: the first colon ends the user name, and the rest is the password', async () => {
    for (const password of [':', '::', 'a:b', 'p:q:r', 'trailing:', ':leading', 'secret123']) {
      const { ask, raw } = setUp({ clients: [admin({ credentials: [{ kind: 'basic', id: 'b', password }] })] })
      assert.equal(await ask('admin', password), 'admin b', password)
      for (const wrong of [password.slice(0, -1), `${password}:`, `:${password}`]) {
        if (wrong !== '') assert.equal(await ask('admin', wrong), 'ERR_BASIC_WRONG', wrong)
      }
      assert.equal(await raw('Authorization', `Basic ${encoded('admin')}`), 'ERR_BASIC_MALFORMED')
    }
  })

  test('S24, P19: an empty password passes only where both sides ask for it', async () => {
    const clients = [admin({ credentials: [{ kind: 'basic', id: 'b', password: '' }] })]
    const refusing = setUp({ clients, allowEmptyPassword: true })
    assert.equal(await refusing.ask('admin', ''), 'ERR_BASIC_EMPTY_PASSWORD')
    assert.equal(refusing.counts.derived, 0)
    const { ask } = setUp({ clients, allowEmptyPassword: true, options: { allowEmptyPassword: true } })
    assert.equal(await ask('admin', ''), 'admin b')
    const other = setUp({ options: { allowEmptyPassword: true } })
    assert.equal(await other.ask('admin', ''), 'ERR_BASIC_WRONG')
    assert.equal(await other.ask('admin', 'undefined'), 'ERR_BASIC_WRONG')
  })

  test('another auth-scheme is absent', async () => {
    const { raw } = setUp()
    const token = encoded('admin:secret123')
    const absent = ['', 'Bearer x', `Basics ${token}`, `XBasic ${token}`, `Basic:${token}`, `Basic\t${token}`, `admin:secret123`, token]
    for (const value of absent) assert.equal(await raw('Authorization', value), 'absent', value)
    assert.equal(await raw(), 'absent')
    assert.equal(await raw('Authorization', 'Bearer x', 'Authorization', 'Digest y'), 'absent')
  })

  test('P26: Authorization that is sent twice is refused when one of them is ours', async () => {
    const { raw } = setUp()
    const ours = `Basic ${encoded('admin:secret123')}`
    assert.equal(await raw('Authorization', ours, 'authorization', ours), 'ERR_BASIC_DUPLICATE')
    assert.equal(await raw('Authorization', 'Bearer x', 'Authorization', ours), 'ERR_BASIC_DUPLICATE')
    assert.equal(await raw('Authorization', ours, 'Authorization', ''), 'ERR_BASIC_DUPLICATE')
  })

  test('the scheme may have any case and one space or more behind it', async () => {
    const { raw } = setUp()
    const token = encoded('admin:secret123')
    for (const value of [`basic ${token}`, `BASIC ${token}`, `Basic    ${token}`])
      assert.equal(await raw('authorization', value), 'admin b')
  })

  test('base64 has one spelling', async () => {
    const { raw } = setUp({ clients: [admin({ credentials: [{ kind: 'basic', id: 'b', password: 'pw?>~' }] })] })
    const token = encoded('admin:pw?>~')
    assert.match(token, /[+/].*=$/)
    assert.equal(await raw('Authorization', `Basic ${token}`), 'admin b')
    const wrong = [
      '',
      '=',
      token.replace(/=+$/, ''),
      `${token}=`,
      `${token}==`,
      token.replaceAll('+', '-').replaceAll('/', '_'),
      `${token} x`,
      `${token},`,
      `!${token}`,
      token.replace('=', '\u00e9'),
      `${token.slice(0, 4)} ${token.slice(4)}`,
      `realm="x", ${token}`,
      encoded('admin:secret123').replace('MTIz', 'MTIz\u0000'),
    ]
    for (const value of wrong) assert.equal(await raw('Authorization', `Basic ${value}`), 'ERR_BASIC_MALFORMED', inspect(value))
    // Two spellings of one octet: the last character carries bits that are thrown away.
    assert.equal(
      await raw('Authorization', `Basic ${encoded('u:pw').replace(/.(=*)$/, (last) => (last === '3' ? '2' : last))}`),
      'ERR_BASIC_WRONG',
    )
    assert.equal(await raw('Authorization', 'Basic YTpiYx=='), 'ERR_BASIC_MALFORMED')
  })

  test('UTF-8 is read strictly: octets that are none are no password at all', async () => {
    const password = 'p\u00e4ss w\u00f6rd \u20ac \u{1f511}'
    const { ask, raw } = setUp({ clients: [admin({ credentials: [{ kind: 'basic', id: 'b', user: 'J\u00f6rg', password }] })] })
    assert.equal(await ask('J\u00f6rg', password), 'admin b')
    for (const octets of [
      Buffer.from('J\u00f6rg:p\u00e4ss', 'latin1'),
      [0x75, 0x3a, 0xe9],
      [0x75, 0x3a, 0xe8],
      [0x75, 0x3a, 0xc0, 0x80],
      [0x75, 0x3a, 0xed, 0xa0, 0x80],
    ]) {
      assert.equal(await raw('Authorization', `Basic ${encoded(octets)}`), 'ERR_BASIC_MALFORMED')
    }
    assert.equal(await ask('J\u00f6rg', password.normalize('NFD')), 'ERR_BASIC_WRONG')
    assert.equal(await ask('\ufeffJ\u00f6rg', password), 'ERR_BASIC_WRONG')
  })

  test('control characters and an empty user name are refused', async () => {
    const { ask, counts } = setUp()
    for (const user of ['a\u0000', 'a\n', '\u007f', '\u001b']) assert.equal(await ask(user, 'x'), 'ERR_BASIC_MALFORMED')
    for (const password of ['x\u0000', 'x\r\n', '\t']) assert.equal(await ask('admin', password), 'ERR_BASIC_MALFORMED')
    assert.equal(await ask('', 'secret123'), 'ERR_BASIC_MALFORMED')
    assert.equal(counts.derived, 0)
  })

  test('S07, S19: whatever the field, it is a verdict', async () => {
    const { authenticator } = setUp({ clients: [], options: { cacheSeconds: 0 }, passwords: 'random', scrypt: undefined, kdf: undefined })
    const octets = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)) })
    const value = fc.oneof(
      octets,
      octets.map((text) => `Basic ${text}`),
      fc.uint8Array().map((bytes) => `Basic ${encoded(bytes)}`),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (values) => {
        const verdict = authenticator.authenticate(request(...values.flatMap((one) => ['Authorization', one])))
        return verdict.kind === 'absent' || (verdict.kind === 'refused' && verdict.status === 401)
      }),
      { numRuns: 3000 },
    )
    const long = encoded(`u:${'x'.repeat(1_000_000)}`)
    for (const text of [long, ' '.repeat(1_000_000), `${long}!`]) {
      const started = performance.now()
      authenticator.authenticate(request('Authorization', `Basic ${text}`))
      assert.ok(performance.now() - started < 500)
    }
  })

  test('user name and password survive the way there and back', async () => {
    const { authenticator, registry } = setUp({ clients: [{ id: 'a' }], passwords: 'random', scrypt: undefined, kdf: undefined })
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(text, text, async (user, password) => {
        const seen = []
        const spy = {
          findUser: (name) => {
            seen.push(name)
            return undefined
          },
          passwords: {
            name: 'random',
            check: (sent, find) => {
              find()
              seen.push(sent)
              return []
            },
          },
        }
        const verdict = await basicAuthenticator({ clients: spy }).authenticate(basic(user, password))
        if (verdict.code === 'ERR_BASIC_MALFORMED') return
        const [name, ...rest] = `${user}:${password}`.split(':')
        assert.deepEqual(seen, [name, rest.join(':')])
      }),
    )
    assert.ok(authenticator && registry)
  })
})

describe('what it costs', () => {
  test('S06: one derivation for unknown, wrong, disabled, expired and rotating users', async () => {
    const { ask, cost, registry } = setUp({
      clients: [
        admin(),
        { id: 'off', disabled: true, credentials: [{ kind: 'basic', password: 'pw' }] },
        { id: 'old', credentials: [{ kind: 'basic', password: 'pw', notAfter: '2026-02-28T00:00:00Z' }] },
        { id: 'new', credentials: [{ kind: 'basic', password: 'pw', notBefore: '2026-03-02T00:00:00Z' }] },
        { id: 'rotating', credentials: [{ kind: 'basic', id: 'one', password: 'pw' }] },
      ],
      options: { cacheSeconds: 0 },
    })
    await registry.rotate('rotating', 'one', { id: 'two', password: 'pw2' })
    const cases = [
      ['nobody', 'pw', 'ERR_BASIC_WRONG'],
      ['__proto__', 'pw', 'ERR_BASIC_WRONG'],
      ['constructor', 'pw', 'ERR_BASIC_WRONG'],
      ['admin', 'wrong', 'ERR_BASIC_WRONG'],
      ['admin', 'secret123', 'admin b'],
      ['off', 'pw', 'ERR_BASIC_DISABLED'],
      ['off', 'wrong', 'ERR_BASIC_WRONG'],
      ['old', 'pw', 'ERR_BASIC_EXPIRED'],
      ['new', 'pw', 'ERR_BASIC_EARLY'],
      ['rotating', 'pw', 'rotating one'],
      ['rotating', 'pw2', 'rotating two'],
      ['rotating', 'wrong', 'ERR_BASIC_WRONG'],
    ]
    for (const [user, password, expected] of cases) {
      assert.equal(await cost(async () => assert.equal(await ask(user, password), expected)), 1, `${user} ${password}`)
    }
  })

  test('every refusal of a password looks the same on the wire', async () => {
    const { authenticator } = setUp()
    for (const [user, password] of [
      ['somebody', 'x'],
      ['admin', 'x'],
    ]) {
      const verdict = await authenticator.authenticate(basic(user, password))
      assert.equal(verdict.status, 401)
      assert.equal(verdict.headers, undefined)
      assert.ok(!verdict.reason.includes(user))
    }
  })

  test('what was right is remembered for cacheSeconds, what was wrong is not', async () => {
    const { ask, cost, clock } = setUp()
    assert.equal(await cost(() => ask('admin', 'secret123')), 1)
    assert.equal(await cost(() => ask('admin', 'secret123')), 0)
    clock.now += 59_999
    assert.equal(await cost(() => ask('admin', 'secret123')), 0)
    clock.now += 1
    assert.equal(await cost(() => ask('admin', 'secret123')), 1)
    clock.now -= 1
    assert.equal(await cost(() => ask('admin', 'secret123')), 1, 'a clock that went back makes it old')
    for (let i = 0; i < 2; i += 1) assert.equal(await cost(() => ask('admin', 'wrong')), 1)
    assert.equal(await cost(() => ask('admin', 'secret1234')), 1)
    assert.equal(await cost(() => ask('adminsecret123', '')), 0)
  })

  test('P27: what is remembered ends with the password, the client, or its dates', async () => {
    const changes = [
      [(registry) => registry.disable('admin'), 'ERR_BASIC_DISABLED'],
      [(registry) => registry.revoke('admin', 'b'), 'ERR_BASIC_WRONG'],
      [(registry) => registry.revoke('admin'), 'ERR_BASIC_WRONG'],
      [(registry) => registry.remove('admin'), 'ERR_BASIC_WRONG'],
      [(registry) => registry.rotate('admin', 'b', { password: 'other', overlapSeconds: 0 }), 'ERR_BASIC_WRONG'],
    ]
    for (const [change, expected] of changes) {
      const { ask, registry, cost } = setUp()
      assert.equal(await ask('admin', 'secret123'), 'admin b')
      await change(registry)
      assert.equal(await cost(async () => assert.equal(await ask('admin', 'secret123'), expected)), 1)
    }
    const { ask, registry, clock } = setUp()
    await registry.rotate('admin', 'b', { password: 'other', overlapSeconds: 30 })
    assert.equal(await ask('admin', 'secret123'), 'admin b')
    clock.now += 29_999
    assert.equal(await ask('admin', 'secret123'), 'admin b')
    clock.now += 1
    assert.equal(await ask('admin', 'secret123'), 'ERR_BASIC_EXPIRED')
  })

  test('P27: a registry that tells nobody of its changes is believed all the same', async () => {
    const { registry } = setUp()
    const silent = {
      findUser: (name) => registry.findUser(name),
      used: () => undefined,
      passwords: registry.passwords,
    }
    const authenticator = basicAuthenticator({ clients: silent })
    const ask = async () => outcome(await authenticator.authenticate(basic('admin', 'secret123')))
    assert.equal(await ask(), 'admin b')
    await registry.disable('admin')
    assert.equal(await ask(), 'ERR_BASIC_DISABLED')
    await registry.enable('admin')
    assert.equal(await ask(), 'admin b')
    await registry.revoke('admin', 'b')
    await registry.addCredential('admin', { kind: 'basic', id: 'b', password: 'other' })
    assert.equal(await ask(), 'ERR_BASIC_WRONG')
  })

  test('P27: a revocation while the password is derived holds for that very request, and nothing is remembered', async () => {
    for (const change of [(registry) => registry.disable('admin'), (registry) => registry.revoke('admin')]) {
      let finish
      const kdf = (password, salt) => {
        const derived = scryptSync(password, salt, 32, CHEAP)
        if (finish === undefined) return derived
        return new Promise((resolve) => finish(() => resolve(derived)))
      }
      const registry = memoryClients({ scrypt: CHEAP, kdf, clients: [admin()] })
      const authenticator = basicAuthenticator({ clients: registry })
      const held = new Promise((resolve) => {
        finish = resolve
      })
      const verdict = authenticator.authenticate(basic('admin', 'secret123'))
      const release = await held
      await change(registry)
      release()
      assert.notEqual((await verdict).kind, 'granted')
      finish = undefined
      await registry.enable('admin')
      const again = await authenticator.authenticate(basic('admin', 'secret123'))
      assert.equal(registry.find('admin').credentials.length === 1, again.kind === 'granted')
    }
  })

  test('many requests with credentials that were right a minute ago cost one derivation, not the queue', async () => {
    const { ask, cost, clock } = setUp()
    await ask('admin', 'secret123')
    clock.now += 60_000
    const answers = []
    assert.equal(
      await cost(async () => answers.push(...(await Promise.all(Array.from({ length: 100 }, () => ask('admin', 'secret123')))))),
      1,
    )
    assert.deepEqual(new Set(answers), new Set(['admin b']))
  })

  test('beyond the queue a request gets 503 with Retry-After before anything is looked up, and the remembered still pass', async () => {
    const waiting = []
    let isHeld = false
    const kdf = (password, salt) => {
      const derived = scryptSync(password, salt, 32, CHEAP)
      return isHeld ? new Promise((resolve) => waiting.push(() => resolve(derived))) : derived
    }
    const registry = memoryClients({ scrypt: CHEAP, kdf, clients: [admin()] })
    const authenticator = basicAuthenticator({ clients: registry })
    await authenticator.authenticate(basic('admin', 'secret123'))
    isHeld = true
    let lookups = 0
    const { findUser } = registry
    registry.findUser = (name) => {
      lookups += 1
      return findUser.call(registry, name)
    }
    const flood = Array.from({ length: 200 }, (_, i) => authenticator.authenticate(basic(`nobody-${i}`, 'x')))
    const turnedAway = flood.filter((verdict) => !(verdict instanceof Promise))
    assert.equal(turnedAway.length, 166)
    for (const { code, status, headers } of turnedAway)
      assert.deepEqual([code, status, headers], ['ERR_BASIC_BUSY', 503, { 'Retry-After': '1' }])
    assert.equal(lookups, 2)
    assert.equal((await authenticator.authenticate(basic('admin', 'secret123'))).kind, 'granted')
    for (let done = 0; done < 34; done += 1) {
      while (waiting.length === 0) await new Promise(setImmediate)
      waiting.shift()()
    }
    for (const verdict of await Promise.all(flood)) assert.notEqual(verdict.kind, 'granted')
  })

  test('P50: what is remembered is bounded: the oldest goes', async () => {
    const { ask, cost } = setUp({
      clients: ['a', 'b', 'c'].map((id) => ({ id, credentials: [{ kind: 'basic', password: 'pw' }] })),
      options: { maxCached: 2 },
    })
    for (const id of ['a', 'b', 'c']) await ask(id, 'pw')
    assert.equal(await cost(() => ask('b', 'pw')), 0)
    assert.equal(await cost(() => ask('c', 'pw')), 0)
    assert.equal(await cost(() => ask('a', 'pw')), 1)
  })

  test('what is remembered is kept under an HMAC (RFC 4231 test case 2, and node:crypto)', () => {
    // RFC 4231 section 4.3
    const digest = Buffer.from(new KeyedDigest(Buffer.from('Jefe')).of('what do ya want for nothing?'), 'latin1').toString('hex')
    assert.equal(digest, '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    const octets = (most) => fc.uint8Array({ maxLength: most })
    fc.assert(
      fc.property(octets(64), octets(1024), octets(64), (key, text, other) => {
        const keyed = new KeyedDigest(key)
        keyed.of(Buffer.from(other).toString('latin1'))
        const got = keyed.of(Buffer.from(text).toString('latin1'))
        assert.equal(Buffer.from(got, 'latin1').toString('hex'), createHmac('sha256', key).update(text).digest('hex'))
      }),
    )
    assert.notEqual(new KeyedDigest().of('x'), new KeyedDigest().of('x'))
  })

  test('S26: neither what is remembered nor a verdict shows credentials', async () => {
    const { authenticator, registry } = setUp({ clients: [admin({ credentials: [{ kind: 'basic', password: 'CANARY-password' }] })] })
    const good = await authenticator.authenticate(basic('admin', 'CANARY-password'))
    const bad = await authenticator.authenticate(basic('CANARY-user', 'CANARY-wrong'))
    for (const shown of [authenticator, registry, good, bad]) {
      const text = inspect(shown, { depth: Number.POSITIVE_INFINITY, showHidden: true })
      assert.doesNotMatch(text, /CANARY|Q0FOQVJZ/)
    }
  })
})

describe('when the registry fails', () => {
  const { registry } = setUp()
  const failing = {
    throws: () => {
      throw new Error('down')
    },
    rejects: async () => {
      throw new Error('down')
    },
    'never answers': () => new Promise(() => {}),
  }

  test('P20: a look-up that throws, rejects or never settles is an outage, and the next request is served', async (t) => {
    keepAlive(t)
    for (const [how, findUser] of Object.entries(failing)) {
      let isBroken = true
      const clients = {
        passwords: registry.passwords,
        used: () => undefined,
        findUser: (name) => (isBroken ? findUser() : registry.findUser(name)),
      }
      const authenticator = basicAuthenticator({ clients, timeoutMs: 5 })
      const code = how === 'never answers' ? 'ERR_LOOKUP_TIMEOUT' : 'ERR_LOOKUP_FAILED'
      const ask = async () => authenticator.authenticate(basic('admin', 'secret123'))
      await assert.rejects(ask, { code, status: 503 }, how)
      isBroken = false
      assert.equal((await ask()).kind, 'granted')
      isBroken = true
      await assert.rejects(ask, { code, status: 503 }, `${how}, remembered`)
    }
  })
})

describe('options', () => {
  test('mistakes are TypeErrors when the authenticator is made', () => {
    const clients = memoryClients()
    const wrong = [
      undefined,
      {},
      { clients: undefined },
      { clients: null },
      { clients: {} },
      { clients: 'x' },
      { clients: Promise.resolve(clients) },
      { clients, cacheSeconds: -1 },
      { clients, cacheSeconds: 1.5 },
      { clients, maxCached: 0 },
      { clients, realm: '' },
      { clients, realm: '\u00e9' },
      { clients, allowEmptyPassword: 'yes' },
      { clients, timeoutMs: Number.NaN },
      { clients, now: 5 },
      { clients, Realm: 'x' },
    ]
    for (const options of wrong) {
      assert.throws(
        () => basicAuthenticator(options),
        { name: 'TypeError', message: /^basicAuthenticator/ },
        inspect(options, { depth: 0 }),
      )
    }
  })

  test('P23, S18: the challenge names the realm, quoted, and UTF-8', () => {
    const clients = memoryClients()
    assert.deepEqual(basicAuthenticator({ clients }).challenges, ['Basic realm="api", charset="UTF-8"'])
    assert.deepEqual(basicAuthenticator({ clients, realm: 'a"b\\c' }).challenges, ['Basic realm="a\\"b\\\\c", charset="UTF-8"'])
  })
})
