import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiKey } from '@countersign/axios-auth'
import axios from 'axios'
import fc from 'fast-check'
import { recorder } from './recorder.js'

const origins = 'https://api.example.com'

test('S18: what cannot go on the wire is refused by the factory, and no message holds the key', () => {
  const wrong = [
    { key: 'canary\r\nX: y' },
    { key: 'canary\0' },
    { key: ' canary' },
    { key: 'canary ' },
    { key: 'canary\u2603' },
    { key: '' },
    { key: '  ' },
    { key: undefined },
    { key: 5 },
    { header: 'a b' },
    { header: '' },
    { header: 'X:' },
    { header: '__proto__' },
    { prefix: 'a\n' },
    { prefix: 'a ' },
    { prefix: 5 },
    { headers: 'X' },
  ]
  for (const change of wrong) {
    assert.throws(
      () => apiKey({ key: 'canary', origins, ...change }),
      (error) => error instanceof TypeError && error.message.startsWith('apiKey: option') && !error.message.includes('canary'),
      JSON.stringify(change),
    )
  }
})

test('an interceptor that nobody made is a TypeError that says so', async () => {
  const api = axios.create({ baseURL: origins, adapter: () => assert.fail('it was sent') })
  api.interceptors.request.use(apiKey)
  await assert.rejects(api.get('/'), {
    name: 'TypeError',
    message: /^apiKey: option "options" must be an object; use what apiKey\(\.\.\.\) returns/,
  })
})

test('the field, its name and its prefix', async () => {
  const server = await recorder()
  const cases = [
    [{}, 'x-api-key', 'the key'],
    [{ header: 'Authorization', prefix: 'ApiKey' }, 'authorization', 'ApiKey the key'],
    [{ header: 'X-Auth-Token', prefix: '' }, 'x-auth-token', 'the key'],
  ]
  for (const [options, field, value] of cases) {
    const api = axios.create({ baseURL: server.origin })
    api.interceptors.request.use(apiKey({ key: 'the key', ...options }))
    await api.get('/')
    assert.equal(server.seen.at(-1).headers[field], value)
  }
})

test('any key that is taken arrives as it was given', async () => {
  const server = await recorder()
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0x2ff }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(text, async (key) => {
      let interceptor
      try {
        interceptor = apiKey({ key })
      } catch (error) {
        assert.ok(error instanceof TypeError)
        return
      }
      const api = axios.create({ baseURL: server.origin })
      api.interceptors.request.use(interceptor)
      await api.get('/')
      assert.equal(server.seen.at(-1).headers['x-api-key'], key)
    }),
    { numRuns: 200, seed: 1 },
  )
})
