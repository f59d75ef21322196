import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic } from '@countersign/axios-auth'
import { secretFromEnv } from '@countersign/core'
import axios from 'axios'

const origins = 'https://api.example.com'

/** The header that a request would carry. */
async function sent(options) {
  const api = axios.create({
    baseURL: origins,
    adapter: (config) => Promise.resolve({ status: 200, headers: {}, config, data: config.headers.get('authorization') }),
  })
  api.interceptors.request.use(basic(options))
  return (await api.get('/')).data
}

test('what RFC 7617 forbids is refused by the factory, and no message holds the password', () => {
  const wrong = [
    { username: 'a:b' },
    { username: 'a\nb' },
    { username: 'a\x7f' },
    { username: '\ud800' },
    { username: '' },
    { username: undefined },
    { password: '' },
    { password: ' ' },
    { password: undefined },
    { password: null },
    { password: 'canary\npassword' },
    { password: Buffer.from('canary\0password') },
    { password: ['canary', ''] },
    { user: 'x' },
    { allowEmptyPassword: 'yes' },
    { realm: 'x' },
  ]
  for (const change of wrong) {
    assert.throws(
      () => basic({ username: 'u', password: 'canary', origins, ...change }),
      (error) =>
        error instanceof TypeError &&
        /^ERR_INVALID_ARG/.test(error.code) &&
        error.message.startsWith('basic: option') &&
        !error.message.includes('canary'),
      Object.keys(change)[0],
    )
  }
})

test('the header of RFC 7617 section 2, and of section 2.1 in UTF-8', async () => {
  assert.equal(await sent({ username: 'Aladdin', password: 'open sesame' }), 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  assert.equal(await sent({ username: 'test', password: '123\u00a3' }), 'Basic dGVzdDoxMjPCow==')
  assert.equal(await sent({ username: 'test', password: Buffer.from('123\u00a3') }), 'Basic dGVzdDoxMjPCow==')
})

test('an empty password only where it is asked for', async () => {
  assert.equal(await sent({ username: 'key', password: '', allowEmptyPassword: true }), 'Basic a2V5Og==')
})

test('the password of a source, of a function, and of dated records', async () => {
  process.env.COUNTERSIGN_TEST_PASSWORD = 'open sesame'
  const header = 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='
  const username = 'Aladdin'
  assert.equal(await sent({ username, password: secretFromEnv('COUNTERSIGN_TEST_PASSWORD') }), header)
  assert.equal(await sent({ username, password: () => 'open sesame' }), header)
  assert.equal(await sent({ username, password: async () => 'open sesame' }), header)
  const password = [
    { secret: 'the old one', notAfter: '2026-01-01T00:00:00Z' },
    { secret: 'open sesame', notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' },
  ]
  assert.equal(await sent({ username, password, now: () => Date.parse('2026-06-01T00:00:00Z') }), header)
  let now = Date.parse('2026-06-01T00:00:00Z')
  const late = { username, password, now: () => now }
  const interceptor = basic(late)
  now = Date.parse('2028-01-01T00:00:00Z')
  const api = axios.create({ baseURL: origins, adapter: () => assert.fail('sent') })
  api.interceptors.request.use(interceptor)
  await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NO_SECRET' })
})

test('a function that finds none, something blank or unsendable, or throws: nothing is sent', async () => {
  const cases = [
    [() => undefined, 'ERR_AXIOS_NO_SECRET'],
    [() => '', 'ERR_AXIOS_NO_SECRET'],
    [async () => null, 'ERR_AXIOS_NO_SECRET'],
    [() => 'canary\r\nX: y', 'ERR_AXIOS_HEADER_VALUE'],
    [
      () => {
        throw new Error('down')
      },
      'ERR_LOOKUP_FAILED',
    ],
  ]
  for (const [password, code] of cases) {
    await assert.rejects(sent({ username: 'u', password }), (error) => error.code === code && !error.message.includes('canary'))
  }
})
