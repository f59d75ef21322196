import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestApiKey } from '@countersign/core'
import { waitFor } from '../support/processes.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const OTHER = 'another-key-of-sixteen-octets-or-more'
const SECRET = 'a fair secret of 32 characters!!'
const PIN = 'sha1:e32511b575c7f26ef05df02854b06c2b3c0a6429'
const DAY_MS = 86_400_000
/** How soon a change holds in another process. */
const WITHIN_MS = 1000

/**
 * What every registry of clients does, stated once.
 *
 * @param name - of the registry, for the names of the tests
 * @param make - `(t) => ({ clients, other?, now })`, or a promise of it: an empty registry with passwords `random`; `other`, a second one over
 * the same clients, as another process has it (default: the same one); `now()`, the time, ms. What is to be closed goes into `t.after`
 * @param options.skip - as in node:test
 */
export function clientRegistryContract(name, make, { skip = false } = {}) {
  const behaves = (what, run) => test(`${name}: ${what}`, { skip }, async (t) => run(withOther(await make(t))))

  describe(`${name} as a registry`, () => {
    behaves('S09: nobody has the names that every object has, and clients may', async ({ clients }) => {
      for (const inherited of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
        assert.equal(await clients.find(inherited), undefined)
        assert.equal(await clients.findUser(inherited), undefined)
        assert.equal(await clients.findHmacKey(inherited), undefined)
        assert.equal(await clients.findApiKey(digestApiKey(inherited)), undefined)
        assert.equal(await clients.findCertificate(inherited), undefined)
        await clients.add({ id: inherited })
        assert.equal((await clients.find(inherited)).id, inherited)
      }
    })

    behaves('half a surrogate pair is not the character that takes its place on the way', async ({ clients }) => {
      await clients.add({ id: '\ufffd', credentials: [{ kind: 'basic', verifier: `sha256:${'0'.repeat(64)}` }] })
      assert.equal(await clients.find('\ud800'), undefined)
      assert.equal(await clients.findUser('\ud800'), undefined)
      assert.equal((await clients.findUser('\ufffd')).length, 1)
    })

    behaves('P16: what is no client is refused, and changes nothing', async ({ clients }) => {
      for (const bad of [undefined, null, 5, 'acme', [], {}, { id: '' }, { id: 'a', key: 'x' }, { id: 'a', groups: 'x' }, { id: 'a\n' }]) {
        await assert.rejects(async () => clients.add(bad), { name: 'TypeError' })
      }
      for (const bad of [
        { kind: 'api-key', key: '' },
        { kind: 'hmac', secret: 'short' },
        { kind: 'basic', password: 'chosen' },
        { kind: 'x' },
      ]) {
        await assert.rejects(async () => clients.add({ id: 'acme', credentials: [bad] }), { name: 'TypeError' })
      }
      assert.deepEqual(await all(clients), [])
    })

    behaves('what changes a client that is not there says so', async ({ clients }) => {
      const unknown = { code: 'ERR_CLIENT_UNKNOWN', status: 404 }
      await assert.rejects(async () => clients.remove('acme'), unknown)
      await assert.rejects(async () => clients.revoke('acme'), unknown)
      await assert.rejects(async () => clients.issueKey('acme'), unknown)
      await assert.rejects(async () => clients.disable('acme'), unknown)
      await clients.add({ id: 'acme' })
      await assert.rejects(async () => clients.add({ id: 'acme' }), { code: 'ERR_CLIENT_EXISTS', status: 409 })
      await assert.rejects(async () => clients.revoke('acme', 'none'), { code: 'ERR_CLIENT_NO_CREDENTIAL', status: 404 })
    })

    behaves('P29: a credential of one client is not given to another, and nothing is changed then', async ({ clients, other }) => {
      const credentials = everyKind()
      await clients.add({ id: 'acme', credentials })
      for (const credential of credentials) {
        const taken = { code: 'ERR_CLIENT_CREDENTIAL_TAKEN', status: 409 }
        await assert.rejects(async () => other.add({ id: 'evil', credentials: [{ kind: 'api-key', key: OTHER }, credential] }), taken)
        assert.equal(await other.find('evil'), undefined)
        assert.equal(await other.findApiKey(digestApiKey(OTHER)), undefined)
      }
      await other.add({ id: 'evil' })
      for (const credential of credentials) {
        await assert.rejects(async () => other.addCredential('evil', credential), { code: 'ERR_CLIENT_CREDENTIAL_TAKEN' })
      }
      await clients.revoke('acme')
      for (const credential of credentials) await other.addCredential('evil', credential)
      assert.equal((await clients.find('acme')).credentials.length, 0)
    })

    behaves('a client is found by its id and by each of its credentials', async ({ clients, other }) => {
      await clients.add({ id: 'acme', groups: ['partners', 'beta'], credentials: everyKind() })
      for (const registry of [clients, other]) {
        const client = await registry.find('acme')
        assert.deepEqual(client.groups, ['partners', 'beta'])
        assert.deepEqual(
          client.credentials.map(({ id }) => id),
          ['api-key-1', 'basic-1', 'hmac-1', 'certificate-1'],
        )
        const matches = [
          await registry.findApiKey(digestApiKey(KEY)),
          (await registry.findUser('acme-user'))[0],
          (await registry.findHmacKey('acme-2026'))[0],
          await registry.findCertificate(PIN),
        ]
        assert.deepEqual(
          matches.map(({ client: { id }, credential }) => [id, credential.kind]),
          ['api-key', 'basic', 'hmac', 'certificate'].map((kind) => ['acme', kind]),
        )
        assert.equal(String(matches[2].credential.secret()), SECRET)
        assert.deepEqual(
          { ...matches[0].principal },
          { clientId: 'acme', scheme: 'api-key', credentialId: 'api-key-1', groups: ['partners', 'beta'] },
        )
        assert.ok(Object.isFrozen(client) && Object.isFrozen(client.groups) && Object.isFrozen(client.credentials))
        assert.ok(!JSON.stringify(client).includes(SECRET) && !JSON.stringify(client).includes(KEY))
      }
    })

    behaves('a client that does not change is found by the same match', async ({ clients }) => {
      await clients.add({ id: 'acme', credentials: everyKind() })
      const [first, user] = [await clients.findApiKey(digestApiKey(KEY)), await clients.findUser('acme-user')]
      assert.equal(await clients.findApiKey(digestApiKey(KEY)), first)
      assert.equal((await clients.findUser('acme-user'))[0], user[0])
      assert.equal(first.client, user[0].client)
    })

    behaves(
      'P27: a key that is revoked is unknown from the next request on, and in other processes within a second',
      async ({ clients, other }) => {
        await clients.add({ id: 'acme' })
        const { key, credential } = await clients.issueKey('acme')
        const digest = digestApiKey(key)
        for (const registry of [clients, other]) assert.equal((await registry.findApiKey(digest)).client.id, 'acme')
        await clients.revoke('acme', credential.id)
        assert.equal(await clients.findApiKey(digest), undefined)
        await waitFor('the revocation', async () => (await other.findApiKey(digest)) === undefined, WITHIN_MS)
      },
    )

    behaves('P27: so is a client that is disabled, until it is enabled, and one that is removed', async ({ clients, other }) => {
      await clients.add({ id: 'acme', credentials: everyKind() })
      const state = async (registry) => (await registry.findApiKey(digestApiKey(KEY)))?.state(0)
      for (const registry of [clients, other]) assert.equal(await state(registry), 'active')
      await clients.disable('acme')
      assert.equal(await state(clients), 'disabled')
      await waitFor('the change', async () => (await state(other)) === 'disabled', WITHIN_MS)
      await clients.enable('acme')
      assert.equal(await state(clients), 'active')
      await clients.remove('acme')
      assert.equal(await state(clients), undefined)
      assert.equal(await clients.find('acme'), undefined)
      await waitFor(
        'the change',
        async () => (await state(other)) === undefined && (await other.findUser('acme-user')) === undefined,
        WITHIN_MS,
      )
    })

    behaves('what was unknown is known once it is added, everywhere within a second', async ({ clients, other }) => {
      for (const registry of [clients, other]) {
        assert.equal(await registry.findApiKey(digestApiKey(KEY)), undefined)
        assert.equal(await registry.find('acme'), undefined)
      }
      await clients.add({ id: 'acme', credentials: everyKind() })
      assert.equal((await clients.findApiKey(digestApiKey(KEY))).client.id, 'acme')
      assert.equal((await clients.find('acme')).id, 'acme')
      await waitFor(
        'the client',
        async () => (await other.find('acme')) !== undefined && (await other.findCertificate(PIN)) !== undefined,
        WITHIN_MS,
      )
    })

    behaves('P18: old and new key hold through the overlap, and not a millisecond longer', async ({ clients, now }) => {
      await clients.add({ id: 'acme', credentials: [{ kind: 'api-key', id: 'k1', key: KEY }] })
      const { key, credential, previous } = await clients.rotate('acme', 'k1', { overlapSeconds: 86_400 })
      const end = Date.parse(previous.notAfter)
      assert.ok(Math.abs(end - now() - DAY_MS) < 5000)
      const old = await clients.findApiKey(digestApiKey(KEY))
      assert.deepEqual([old.state(end - 1), old.state(end)], ['active', 'expired'])
      assert.equal((await clients.findApiKey(digestApiKey(key))).credential.id, credential.id)
      await clients.rotate('acme', credential.id, { overlapSeconds: 0 })
      assert.equal(await clients.findApiKey(digestApiKey(key)), undefined)
    })

    behaves('an issued password fits, and no other', async ({ clients, other }) => {
      await clients.add({ id: 'acme' })
      const { user, password } = await clients.issuePassword('acme')
      const check = async (registry, tried) => registry.passwords.check(tried, () => registry.findUser(user))
      assert.equal((await check(other, password))[0].client.id, 'acme')
      assert.deepEqual(await check(other, `${password}x`), [])
    })

    behaves('groups are set, joined and left', async ({ clients }) => {
      await clients.add({ id: 'acme', groups: ['a'] })
      await clients.join('acme', 'b')
      await clients.leave('acme', 'a')
      assert.deepEqual((await clients.find('acme')).groups, ['b'])
      await clients.setGroups('acme', ['c', 'd'])
      assert.deepEqual((await clients.find('acme')).groups, ['c', 'd'])
    })

    behaves('changes of one client made at once in two processes all hold', async ({ clients, other }) => {
      await clients.add({ id: 'acme' })
      const groups = Array.from({ length: 8 }, (_, i) => `group-${i}`)
      await Promise.all(groups.map((group, i) => (i % 2 ? clients : other).join('acme', group)))
      await waitFor('all groups', async () => (await clients.find('acme')).groups.length === groups.length, WITHIN_MS)
      assert.deepEqual([...(await clients.find('acme')).groups].sort(), groups)
    })

    behaves('changes are told once they hold, in every process', async ({ clients, other }) => {
      const told = []
      const stop = clients.on('change', async ({ clientId }) => told.push([clientId, await clients.find('acme')]))
      const elsewhere = []
      other.on('change', ({ clientId }) => elsewhere.push(clientId))
      await clients.add({ id: 'acme' })
      await waitFor('the news', () => told.length > 0 && elsewhere.includes('acme'), WITHIN_MS)
      assert.equal(told[0][0], 'acme')
      assert.equal(told[0][1].id, 'acme')
      stop()
      await clients.disable('acme')
      assert.equal(told.length, 1)
    })

    behaves('when a credential was last used is remembered', async ({ clients, now }) => {
      await clients.add({ id: 'acme', credentials: everyKind() })
      assert.equal(await clients.lastUsed('nobody'), undefined)
      const at = now()
      clients.used(await clients.findApiKey(digestApiKey(KEY)), at)
      const uses = await clients.lastUsed('acme')
      assert.equal(uses[0].lastUsed.getTime(), at)
      assert.equal(uses[1].lastUsed, undefined)
      await clients.join('acme', 'more')
      assert.equal((await clients.lastUsed('acme'))[0].lastUsed.getTime(), at)
    })

    behaves('all clients are listed, each once', async ({ clients, other }) => {
      const ids = Array.from({ length: 40 }, (_, i) => `client-${String(i).padStart(2, '0')}`)
      for (const id of ids) await clients.add({ id })
      assert.deepEqual((await all(other)).sort(), ids)
    })
  })
}

function everyKind() {
  return [
    { kind: 'api-key', key: KEY },
    { kind: 'basic', user: 'acme-user', verifier: `sha256:${'0'.repeat(64)}` },
    { kind: 'hmac', keyId: 'acme-2026', secret: SECRET },
    { kind: 'certificate', pin: PIN },
  ]
}

async function all(clients) {
  const ids = []
  for await (const { id } of clients.list()) ids.push(id)
  return ids
}

function withOther(made) {
  return { other: made.clients, ...made }
}
