import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { memoryClients, newApiKey, secretFromEnv } from '@countersign/core'
import fc from 'fast-check'
import { keepAlive } from '../../../test/support/promises.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const OTHER = 'another-key-of-sixteen-octets-or-more'

function request(rawHeaders = [], target = '/') {
  return { method: 'GET', target, headers: {}, rawHeaders, socket: undefined, body: () => assert.fail('the body was read') }
}

function verdictOf(options, rawHeaders, target) {
  return apiKeyAuthenticator(options).authenticate(request(rawHeaders, target))
}

/** `absent`, a code, or who was granted. */
function outcome(verdict) {
  if (verdict.kind === 'granted') return `${verdict.principal.clientId} ${verdict.principal.credentialId}`
  return verdict.code ?? verdict.kind
}

function check(options, cases) {
  for (const [rawHeaders, expected, target] of cases) {
    const verdict = verdictOf(options, rawHeaders, target)
    assert.equal(outcome(verdict), expected, inspect([rawHeaders, target]))
    if (verdict.kind === 'refused') assert.equal(verdict.status, 401)
  }
}

describe('where the key is', () => {
  test('P26: X-API-Key by default, once, whatever the case of its name', () => {
    check({ keys: KEY }, [
      [[], 'absent'],
      [['Authorization', `ApiKey ${KEY}`], 'absent'],
      [['X-Api-Keys', KEY], 'absent'],
      [['X-API-Key', ''], 'ERR_API_KEY_EMPTY'],
      [['X-API-Key', 'short'], 'ERR_API_KEY_WEAK'],
      [['X-API-Key', OTHER], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', `${KEY} `], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', KEY.toUpperCase()], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', KEY, 'x-api-key', KEY], 'ERR_API_KEY_DUPLICATE'],
      [['X-API-Key', KEY, 'x-api-key', ''], 'ERR_API_KEY_DUPLICATE'],
      [['X-API-Key', `${KEY}, ${KEY}`], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', KEY], 'api-key 1'],
      [['x-api-key', KEY], 'api-key 1'],
      [['X-aPi-kEy', KEY], 'api-key 1'],
    ])
  })

  test('P26: the query counts only when it is asked for by name', () => {
    check({ keys: KEY }, [
      [[], 'absent', `/?api_key=${KEY}`],
      [[], 'absent', `/?X-API-Key=${KEY}`],
    ])
    check({ keys: KEY, query: 'api_key' }, [
      [[], 'absent', '/'],
      [[], 'absent', '/?'],
      [[], 'absent', '/?api_keys=1&Api_Key=2&api_key[]=3&xapi_key=4'],
      [[], 'absent', `/api_key=${KEY}`],
      [[], 'ERR_API_KEY_EMPTY', '/?api_key'],
      [[], 'ERR_API_KEY_EMPTY', '/?api_key='],
      [[], 'ERR_API_KEY_EMPTY', '/?api_key=%20+'],
      [[], 'ERR_API_KEY_MALFORMED', '/?api_key=%zz'],
      [[], 'ERR_API_KEY_MALFORMED', '/?api_key=%ff%ff'],
      [[], 'ERR_API_KEY_MALFORMED', '/?api_key=%'],
      [[], 'ERR_API_KEY_DUPLICATE', `/?api_key=${KEY}&api_key=${KEY}`],
      [[], 'ERR_API_KEY_DUPLICATE', `/?api_key=${KEY}&api%5Fkey=${OTHER}`],
      [['X-API-Key', KEY], 'ERR_API_KEY_DUPLICATE', `/?api_key=${KEY}`],
      [['X-API-Key', ''], 'ERR_API_KEY_DUPLICATE', `/?api_key=${KEY}`],
      [[], 'api-key 1', `/?a=b&api_key=${KEY}`],
      [[], 'api-key 1', `/?api%5fkey=${KEY}&c`],
      [[], 'api-key 1', `/?api_key=${KEY.replaceAll('-', '%2D')}#fragment`],
      [['X-API-Key', KEY], 'api-key 1', '/?other=1'],
    ])
    check({ keys: KEY, query: 'api_key', header: false }, [
      [['X-API-Key', KEY], 'absent'],
      [['X-API-Key', OTHER], 'api-key 1', `/?api_key=${KEY}`],
    ])
  })

  test('P25: a prefix is literal, of any case, with one space or more behind it', () => {
    for (const prefix of ['Key (v1)', 'Key+', '[k', 'Api-Key', 'a.b', '^']) {
      check({ keys: KEY, prefix }, [
        [['X-API-Key', KEY], 'ERR_API_KEY_MALFORMED'],
        [['X-API-Key', prefix], 'ERR_API_KEY_EMPTY'],
        [['X-API-Key', `${prefix}${KEY}`], 'ERR_API_KEY_MALFORMED'],
        [['X-API-Key', `${prefix}\t${KEY}`], 'ERR_API_KEY_MALFORMED'],
        [['X-API-Key', `x${prefix} ${KEY}`], 'ERR_API_KEY_MALFORMED'],
        [['X-API-Key', `${prefix} ${prefix} ${KEY}`], 'ERR_API_KEY_UNKNOWN'],
        [['X-API-Key', `${prefix} ${KEY}`], 'api-key 1'],
        [['X-API-Key', `${prefix.toUpperCase()}    ${KEY}`], 'api-key 1'],
        [['X-API-Key', `${prefix.toLowerCase()} ${KEY}`], 'api-key 1'],
      ])
    }
    check({ keys: KEY, prefix: 'Api-Key ' }, [[['X-API-Key', `Api-Key ${KEY}`], 'api-key 1']])
  })

  test('in Authorization another auth-scheme is absent, not refused', () => {
    check({ keys: KEY, header: 'Authorization', prefix: 'ApiKey' }, [
      [['Authorization', 'Bearer x'], 'absent'],
      [['Authorization', `ApiKeys ${KEY}`], 'absent'],
      [['Authorization', KEY], 'absent'],
      [['Authorization', ''], 'absent'],
      [['Authorization', 'Bearer x', 'Authorization', 'Basic y'], 'absent'],
      [['Authorization', 'Bearer x', 'Authorization', `ApiKey ${KEY}`], 'ERR_API_KEY_DUPLICATE'],
      [['Authorization', `ApiKey ${KEY}`, 'Authorization', `ApiKey ${KEY}`], 'ERR_API_KEY_DUPLICATE'],
      [['Authorization', 'apikey'], 'ERR_API_KEY_EMPTY'],
      [['Authorization', `ApiKey ${OTHER}`], 'ERR_API_KEY_UNKNOWN'],
      [['authorization', `APIKEY ${KEY}`], 'api-key 1'],
    ])
  })

  test('a key beyond ASCII may come in UTF-8 or in ISO 8859-1, in a field or percent-encoded', async () => {
    const key = 'cl\u00e9-\u00e4\u00f6\u00fc-0123456789'
    const authenticator = apiKeyAuthenticator({ keys: key, query: 'k' })
    const sent = [[['X-API-Key', key]], [['X-API-Key', Buffer.from(key).toString('latin1')]], [[], `/?k=${encodeURIComponent(key)}`]]
    for (const [rawHeaders, target] of sent)
      assert.equal(outcome(await authenticator.authenticate(request(rawHeaders, target))), 'api-key 1')
    for (const wrong of [`${key}\u00e9`, key.replace('\u00e9', 'e'), Buffer.from(Buffer.from(key).toString('latin1')).toString('latin1')]) {
      assert.equal((await authenticator.authenticate(request(['X-API-Key', wrong]))).code, 'ERR_API_KEY_UNKNOWN')
    }
  })
})

describe('whose key it is', () => {
  test('keys as one, a list, records, and an object from client to keys', () => {
    check({ keys: [KEY, OTHER], clientId: 'acme' }, [
      [['X-API-Key', KEY], 'acme 1'],
      [['X-API-Key', OTHER], 'acme 2'],
    ])
    check({ keys: { acme: KEY, beta: [{ key: OTHER, id: 'new' }] } }, [
      [['X-API-Key', KEY], 'acme 1'],
      [['X-API-Key', OTHER], 'beta new'],
    ])
    check({ keys: [{ key: KEY, clientId: 'c' }] }, [[['X-API-Key', KEY], 'c 1']])
  })

  test('a secret source is no key: the error says what to write, and a client may still be called current', () => {
    process.env.COUNTERSIGN_TEST_KEY = KEY
    const source = secretFromEnv('COUNTERSIGN_TEST_KEY')
    delete process.env.COUNTERSIGN_TEST_KEY
    for (const [keys, where] of [
      [source, 'option "keys" '],
      [[source], 'option "keys\\[0]" '],
      [{ acme: source }, 'option "keys.acme" '],
    ])
      assert.throws(() => apiKeyAuthenticator({ keys }), {
        name: 'TypeError',
        message: new RegExp(`${where}must be the key as text, such as`),
      })
    check({ keys: { current: KEY } }, [[['X-API-Key', KEY], 'current 1']])
  })

  test('S09: a client can be called constructor or __proto__, and none is there unless it was named', () => {
    const keys = JSON.parse(`{"__proto__":"${KEY}","constructor":"${OTHER}"}`)
    check({ keys }, [
      [['X-API-Key', KEY], '__proto__ 1'],
      [['X-API-Key', OTHER], 'constructor 1'],
    ])
    check({ keys: KEY, allowWeakKey: true }, [
      [['X-API-Key', 'constructor'], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', '__proto__'], 'ERR_API_KEY_UNKNOWN'],
    ])
  })

  test('P18: dates of an inline key hold to the millisecond', () => {
    const keys = [{ key: KEY, notBefore: '2026-03-01T00:00:00Z', notAfter: new Date('2026-03-02T00:00:00Z') }]
    const at = (now) => outcome(verdictOf({ keys, now: () => Date.parse(now) }, ['X-API-Key', KEY]))
    assert.equal(at('2026-02-28T23:59:59.999Z'), 'ERR_API_KEY_EARLY')
    assert.equal(at('2026-03-01T00:00:00Z'), 'api-key 1')
    assert.equal(at('2026-03-01T23:59:59.999Z'), 'api-key 1')
    assert.equal(at('2026-03-02T00:00:00Z'), 'ERR_API_KEY_EXPIRED')
    assert.equal(outcome(verdictOf({ keys, now: () => Number.NaN }, ['X-API-Key', KEY])), 'ERR_API_KEY_EXPIRED')
  })

  test('P27: a registry: the next request after a change sees it', async () => {
    const clients = memoryClients({ clients: [{ id: 'acme', groups: ['g'], credentials: [{ kind: 'api-key', id: 'k1', key: KEY }] }] })
    const authenticator = apiKeyAuthenticator({ clients })
    assert.equal(authenticator.registry, clients)
    const now = (key = KEY) => outcome(authenticator.authenticate(request(['X-API-Key', key])))
    assert.equal(now(), 'acme k1')
    const { principal } = authenticator.authenticate(request(['X-API-Key', KEY]))
    assert.ok(Object.isFrozen(principal))
    assert.deepEqual(principal.groups, ['g'])
    await clients.disable('acme')
    assert.equal(now(), 'ERR_API_KEY_DISABLED')
    await clients.enable('acme')
    const { key } = await clients.rotate('acme', 'k1', { overlapSeconds: 0 })
    assert.equal(now(), 'ERR_API_KEY_UNKNOWN')
    assert.match(now(key), /^acme api-key-/)
    await clients.remove('acme')
    assert.equal(now(key), 'ERR_API_KEY_UNKNOWN')
  })

  test('last use is recorded when the request is let through, not before', async () => {
    const clients = memoryClients({ clients: [{ id: 'acme', credentials: [{ kind: 'api-key', id: 'k1', key: KEY }] }] })
    const verdict = verdictOf({ clients, now: () => 5_000 }, ['X-API-Key', KEY])
    assert.equal(clients.lastUsed('acme')[0].lastUsed, undefined)
    assert.equal(verdict.commit(), undefined)
    assert.deepEqual(clients.lastUsed('acme')[0].lastUsed, new Date(5_000))
  })

  test('a mistyped issued key is told from an unknown one, to the operator alone', () => {
    const key = newApiKey()
    check({ keys: KEY }, [
      [['X-API-Key', key], 'ERR_API_KEY_UNKNOWN'],
      [['X-API-Key', key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x')], 'ERR_API_KEY_MISTYPED'],
    ])
  })

  test('P16: a short key is refused before it is looked up, whatever a registry holds', () => {
    const clients = {
      ...memoryClients(),
      findApiKey: () => assert.fail('it was looked up'),
    }
    for (const key of ['x', 'fifteen-octets!']) assert.equal(outcome(verdictOf({ clients }, ['X-API-Key', key])), 'ERR_API_KEY_WEAK')
    const weak = memoryClients({ allowWeakKey: true, clients: [{ id: 'a', credentials: [{ kind: 'api-key', key: 'x' }] }] })
    assert.equal(outcome(verdictOf({ clients: weak }, ['X-API-Key', 'x'])), 'ERR_API_KEY_WEAK')
    assert.equal(outcome(verdictOf({ clients: weak, allowWeakKey: true }, ['X-API-Key', 'x'])), 'a api-key-1')
  })
})

describe('when the registry fails', () => {
  const failing = {
    throws: () => {
      throw new Error('down')
    },
    rejects: async () => {
      throw new Error('down')
    },
    'never answers': () => new Promise(() => {}),
  }

  test('P20: a look-up that throws, rejects or never settles is an outage, never a pass', async (t) => {
    keepAlive(t)
    for (const [how, findApiKey] of Object.entries(failing)) {
      const clients = { ...memoryClients(), findApiKey }
      const code = how === 'never answers' ? 'ERR_LOOKUP_TIMEOUT' : 'ERR_LOOKUP_FAILED'
      await assert.rejects(async () => verdictOf({ clients, timeoutMs: 5 }, ['X-API-Key', KEY]), { code, status: 503 }, how)
    }
  })

  test('P20: a registry that cannot remember a use refuses nobody, and rejects into nothing', async () => {
    const clients = memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'api-key', key: KEY }] }] })
    const failing = [() => Promise.reject(new Error('away')), () => assert.fail('broken')]
    for (const used of failing) {
      const forgetful = { ...clients, findApiKey: (digest) => clients.findApiKey(digest), used }
      const verdict = await verdictOf({ clients: forgetful }, ['X-API-Key', KEY])
      assert.equal(verdict.kind, 'granted')
      assert.equal(await verdict.commit(), undefined)
    }
    await new Promise((resolve) => setImmediate(resolve))
  })

  test('a look-up that answers later, or not what it should, is no pass', async () => {
    const { clients } = { clients: memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'api-key', key: KEY }] }] }) }
    const late = { ...clients, findApiKey: async (digest) => clients.findApiKey(digest), used: () => undefined }
    assert.equal(outcome(await verdictOf({ clients: late }, ['X-API-Key', KEY])), 'a api-key-1')
    assert.equal(outcome(await verdictOf({ clients: late }, ['X-API-Key', OTHER])), 'ERR_API_KEY_UNKNOWN')
    for (const answer of [null, true, {}, 'acme', { state: () => 'fine' }]) {
      const odd = { ...clients, findApiKey: () => answer }
      let verdict
      try {
        verdict = await verdictOf({ clients: odd }, ['X-API-Key', KEY])
      } catch (error) {
        assert.ok(error instanceof TypeError)
        continue
      }
      assert.notEqual(verdict.kind, 'granted', inspect(answer))
    }
  })
})

test('S07, S19: whatever the field or query, it is a verdict, in time', () => {
  const authenticator = apiKeyAuthenticator({ keys: KEY, query: 'k', prefix: 'Key', header: 'Authorization' })
  const odd = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)) })
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 4 }), odd, (values, query) => {
      const rawHeaders = values.flatMap((value, i) => ['Authorization', i === 0 ? `Key ${value}` : value])
      const verdict = authenticator.authenticate(request(rawHeaders, `/?k=${query}`))
      if (verdict instanceof Promise) return true
      return verdict.kind === 'absent' || (verdict.kind === 'refused' && verdict.status === 401)
    }),
    { numRuns: 2000 },
  )
  for (const filler of [' ', 'a', '%41', '&k=', '+', '\u00ff']) {
    const started = performance.now()
    authenticator.authenticate(request(['Authorization', `Key ${filler.repeat(65_536)}`], `/?k=${filler.repeat(65_536)}`))
    assert.ok(performance.now() - started < 500, filler)
  }
})

describe('options', () => {
  test('P25, P16: mistakes are TypeErrors when the authenticator is made, and show no key', () => {
    const clients = memoryClients()
    const wrong = [
      undefined,
      {},
      { keys: KEY, clients },
      { keys: undefined },
      { keys: '' },
      { keys: '   ' },
      { keys: 'CANARY' },
      { keys: 'CANARY-0123456789\n' },
      { keys: [] },
      { keys: {} },
      { keys: [KEY, KEY] },
      { keys: { a: KEY, b: KEY } },
      { keys: { a: undefined } },
      { keys: { ' ': KEY } },
      { keys: [null] },
      { keys: 7 },
      { keys: () => KEY },
      { keys: [{ key: KEY, secret: 'CANARY' }] },
      { keys: [{ key: KEY, notAfter: 'CANARY' }] },
      { clients: {} },
      { clients: Promise.resolve(clients) },
      { clients, clientId: 'x' },
      { keys: KEY, header: '' },
      { keys: KEY, header: 'a b' },
      { keys: KEY, header: true },
      { keys: KEY, header: false },
      { keys: KEY, header: false, query: 'k', prefix: 'x' },
      { keys: KEY, header: 'Authorization' },
      { keys: KEY, prefix: '' },
      { keys: KEY, prefix: '\u00e9' },
      { keys: KEY, query: '' },
      { keys: KEY, realm: 'a\nb' },
      { keys: KEY, timeoutMs: 0 },
      { keys: KEY, now: 5 },
      { keys: KEY, Header: 'X' },
    ]
    for (const options of wrong) {
      assert.throws(
        () => apiKeyAuthenticator(options),
        (error) => {
          assert.ok(error instanceof TypeError, inspect(options))
          assert.match(error.code, /^ERR_INVALID_ARG_(?:VALUE|TYPE)$/)
          assert.match(error.message, /^apiKeyAuthenticator/)
          assert.doesNotMatch(error.message, /CANARY/)
          return true
        },
      )
    }
    assert.throws(() => apiKeyAuthenticator({ keys: 'short' }), /allowWeakKey/)
  })

  test('S16: options are own properties', () => {
    for (const [name, value] of [
      ['allowWeakKey', true],
      ['keys', KEY],
      ['query', 'k'],
      ['prefix', 'P'],
    ]) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
      try {
        assert.throws(() => apiKeyAuthenticator({ keys: 'short' }), TypeError)
        assert.throws(() => apiKeyAuthenticator({}), TypeError)
        assert.equal(outcome(verdictOf({ keys: KEY }, ['X-API-Key', KEY])), 'api-key 1')
        assert.equal(outcome(verdictOf({ keys: KEY }, [], `/?k=${KEY}`)), 'absent')
      } finally {
        delete Object.prototype[name]
      }
    }
  })

  test('keys in a Map or a Set are refused for what they are', () => {
    for (const keys of [new Map([['a', KEY]]), new Set([KEY])])
      assert.throws(() => apiKeyAuthenticator({ keys }), {
        code: 'ERR_INVALID_ARG_TYPE',
        message: /list of keys, or an object .*; got a (?:Map|Set)/,
      })
  })

  test('the options are copied, and the realm is quoted', () => {
    const keys = [KEY]
    const authenticator = apiKeyAuthenticator({ keys, realm: 'a "b" \\c' })
    keys[0] = OTHER
    assert.equal(outcome(authenticator.authenticate(request(['X-API-Key', KEY]))), 'api-key 1')
    assert.deepEqual(authenticator.challenges, ['ApiKey realm="a \\"b\\" \\\\c"'])
    assert.equal(authenticator.registry, undefined)
    assert.doesNotMatch(inspect(authenticator, { depth: 9, showHidden: true }), /a-key-of/)
  })
})
