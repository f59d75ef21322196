import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { digestApiKey } from '@countersign/core'
import { redisClients, redisReplayStore, redisTokenStore } from '@countersign/redis'
import fc from 'fast-check'
import { keepAlive } from '../../../test/support/promises.js'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

keepAlive({ after })

const key = 'a'.repeat(43)
const sealingKey = 'ab'.repeat(32)

/** Anything that a client could answer: what Redis knows, nested, and what it does not. */
const answers = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.constantFrom(null, undefined, 'OK', 'QUEUED', '1', 1, 0, 1n, true, false, 'lost', 'claimed', 'held', 'done', 'begin', '0-0', '1-1'),
    fc.uint8Array(),
    fc.constant({}),
    fc.array(tie('any'), { maxLength: 4 }),
  ),
})).any

/** A client that answers EVALSHA as if Redis did not know the script. */
function forgetful(answer) {
  const sent = []
  const known = new Set()
  const send = async (...args) => {
    sent.push(args)
    if (args[0] === 'EVALSHA' && !known.has(args[1])) throw new Error('NOSCRIPT No matching script. Please use EVAL.')
    if (args[0] === 'EVAL') for (const sha of args.slice(1, 2)) known.add(await shaOf(sha))
    return answer(args)
  }
  return { send, sent }
}

async function shaOf(text) {
  const octets = await crypto.subtle.digest('SHA-1', Buffer.from(text))
  return Buffer.from(octets).toString('hex')
}

describe('scripts', () => {
  test('are sent by their SHA-1, and as text when Redis does not know them, with the same keys and arguments', async () => {
    const { send, sent } = forgetful((args) => ['claimed', args[9], 'a:1', '1'])
    const store = redisReplayStore({ send })
    await store.claim(key, 60, Date.now()).catch(() => undefined)
    sent.length = 0
    const other = redisReplayStore({ send, prefix: 'x' })
    assert.ok(await other.claim(key, 60, Date.now()).then(() => true))
    const claims = sent.filter((args) => args.includes(`{x}:replay:${key}`))
    assert.deepEqual(
      claims.map(([command]) => command),
      ['EVALSHA'],
    )
    assert.equal(claims[0][1].length, 40)
  })

  test('that fail for another reason are not sent a second time', async () => {
    for (const message of ['ERR NOSCRIPT', 'NOPERM', 'READONLY', 'LOADING', 'MOVED 1 x']) {
      let claims = 0
      const send = async (...args) => {
        if (args.includes(`{countersign}:replay:${key}`)) claims += 1
        throw new Error(message)
      }
      await assert.rejects(redisReplayStore({ send }).claim(key, 60, Date.now()), { code: 'ERR_STORE_DOWN', status: 503 })
      assert.equal(claims, 1, message)
    }
  })
})

describe('whatever Redis answers', () => {
  test('a claim is granted for its very token alone', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const store = redisReplayStore({ send: async () => answer })
        const claim = await store.claim(key, 60, Date.now()).catch((error) => {
          assert.equal(error.status, 503)
          return undefined
        })
        assert.equal(claim, undefined)
      }),
    )
  })

  test('no token is found and no lock is given that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const store = redisTokenStore({ send: async () => answer, sealingKey })
        assert.equal(await store.get(key).catch((error) => assert.equal(error.status, 503)), undefined)
        const lock = await store.lock(key, 5).catch((error) => assert.equal(error.status, 503))
        assert.equal(lock, undefined)
      }),
    )
  })

  test('a look-up finds nobody or is 503, and following the changes never throws', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const clients = redisClients({ send: async () => answer, pollMs: 100_000 })
        await clients.refresh()
        for (const look of [() => clients.findApiKey(digestApiKey('key')), () => clients.find('acme'), () => clients.findUser('acme')]) {
          const found = await Promise.resolve(look()).catch((error) => assert.equal(error.status, 503))
          assert.equal(found, undefined)
        }
        await clients.close()
      }),
      { numRuns: 200 },
    )
  })

  test('a record is a client or 503, whatever its JSON', async () => {
    const client = fc.record(
      {
        id: fc.constantFrom('acme', '', 5),
        groups: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        disabled: fc.oneof(fc.boolean(), fc.jsonValue()),
        credentials: fc.oneof(
          fc.array(
            fc.record(
              { kind: fc.constantFrom('api-key', 'hmac', 'x'), id: fc.string(), sealed: fc.string(), sha256: fc.string() },
              { requiredKeys: [] },
            ),
          ),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    )
    const records = fc.oneof(
      fc.json(),
      fc
        .record({ v: fc.constantFrom(1, 2), revision: fc.oneof(fc.nat(), fc.jsonValue()), client: fc.oneof(client, fc.jsonValue()) })
        .map((one) => JSON.stringify(one)),
    )
    await fc.assert(
      fc.asyncProperty(records, async (text) => {
        const clients = redisClients({ send: async (...args) => (args[0] === 'HGET' ? text : '1-1'), pollMs: 100_000, sealingKey })
        const found = await Promise.resolve(clients.find('acme')).catch((error) => {
          assert.equal(error.code, 'ERR_REDIS_BAD_RECORD', String(error))
          assert.equal(error.status, 503)
        })
        if (found !== undefined) assert.equal(found.id, 'acme')
        await clients.close()
      }),
      { numRuns: 500 },
    )
  })
})

test('what a client throws at once, or answers late, harms nobody', async () => {
  const store = redisReplayStore({
    send: () => {
      throw new Error('not connected')
    },
  })
  await assert.rejects(store.claim(key, 60, Date.now()), { code: 'ERR_STORE_DOWN', status: 503 })
  let fail
  const late = redisReplayStore({
    timeoutMs: 5,
    send: () =>
      new Promise((_, reject) => {
        fail = reject
      }),
  })
  await assert.rejects(late.claim(key, 60, Date.now()), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
  fail(new Error('too late'))
})

describe('the changes, as clients of Redis answer XRANGE', () => {
  const forms = {
    lists: (id, ...fields) => [id, fields],
    octets: (id, ...fields) => [Buffer.from(id), fields.map((text) => Buffer.from(text))],
    'pairs, as Valkey GLIDE does': (id, ...[field, value, ...rest]) => ({
      key: id,
      value: [[field, value], ...(rest.length > 0 ? [rest] : [])],
    }),
  }
  for (const [form, entry] of Object.entries(forms)) {
    test(form, async () => {
      const stream = [entry('1-0', 'begin', '1')]
      const send = async (command) => (command === 'XRANGE' ? stream : command === 'EVALSHA' ? '1-0' : null)
      const clients = redisClients({ send, pollMs: 100_000 })
      const [changed, failed] = [[], []]
      clients.on('change', ({ clientId }) => changed.push(clientId))
      clients.on('error', ({ error }) => failed.push(error))
      await clients.refresh()
      changed.length = 0
      stream.push(entry('2-0', 'client', 'acme', 'names', 'uacme\nhkey'))
      await clients.refresh()
      await clients.close()
      assert.deepEqual([changed, failed], [['acme'], []])
    })
  }
})

test('times that no timer of Node has are not taken for none', async (t) => {
  const { mock } = t.mock.method(globalThis, 'setTimeout', () => ({ unref: () => undefined }))
  const send = async (command) => (command === 'XRANGE' ? [['1-0', ['begin', '1']]] : command === 'EVALSHA' ? '1-0' : null)
  const clients = redisClients({ send, timeoutMs: 1000, pollMs: 2 ** 31, lastUsedSeconds: 30 * 86_400 })
  await clients.refresh()
  clients.used({}, 0)
  const delays = mock.calls.map(({ arguments: [, ms] }) => ms).filter((ms) => ms !== 1000)
  assert.deepEqual(delays, [2_147_483_647, 2_147_483_647])
})
