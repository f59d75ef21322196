import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { digestApiKey } from '@countersign/core'
import { redisClients, redisReplayStore, redisTokenStore } from '@countersign/redis'
import { without } from '../support/components.js'
import { CLIENTS, redisClient, redisServer } from '../support/redis.js'

const README = readFileSync(new URL('../../packages/redis/README.md', import.meta.url), 'utf8')

for (const kind of CLIENTS) {
  test(`the rights that the README names are enough for everything (${kind})`, { skip: without('redis-server') }, async (t) => {
    const server = await redisServer(t)
    const { send: admin } = await redisClient(t, kind, server.port)
    const [, rule] = /^(ACL SETUSER app .*)$/m.exec(README)
    await admin(...rule.split(' '))
    const { send } = await redisClient(t, kind, server.port, { username: 'app', password: 'password' })
    await assert.rejects(send('GET', 'other'), /NOPERM/)

    const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
    const replay = redisReplayStore({ send, now: () => clock.now })
    await send('GET', '{countersign}:x')
    clock.now += 60_000
    const token = await replay.claim('a'.repeat(43), 60, clock.now)
    assert.ok(token)
    await replay.release('a'.repeat(43), token)

    const tokens = redisTokenStore({ send, sealingKey: 'ab'.repeat(32) })
    await tokens.set('key', 'token', 60)
    const lock = await tokens.lock('key', 60)
    await lock.release()
    await tokens.delete('key', 'token')
    assert.equal(await tokens.get('key'), undefined)

    const clients = redisClients({ send })
    await clients.refresh()
    await clients.add({ id: 'acme' })
    const { key, credential } = await clients.issueKey('acme')
    clients.used(await clients.findApiKey(digestApiKey(key)), clock.now)
    await clients.close()
    assert.equal((await clients.lastUsed('acme'))[0].lastUsed.getTime(), clock.now)
    for await (const { id } of clients.list()) assert.equal(id, 'acme')
    await clients.revoke('acme', credential.id)
    await clients.remove('acme')
    const published = []
    const log = await admin('ACL', 'LOG')
    // RESP2 has a list where RESP3 has a map.
    for (const entry of log) published.push(String(Array.isArray(entry) ? entry[entry.indexOf('object') + 1] : entry.object))
    assert.deepEqual(
      published.filter((object) => ['publish', '{countersign}:client-changes'].includes(object)),
      [],
    )
  })
}
