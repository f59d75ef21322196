/** Digest against servers of our own, over both adapters; the arithmetic against what is published. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { apiKey, digest, hmac } from '@countersign/axios-auth'
import { secretFromEnv } from '@countersign/core'
import { scheme } from '@countersign/schemes'
import axios from 'axios'
import fc from 'fast-check'
import { failure, gate } from '../../../test/support/promises.js'
// What no public name reaches: the response to a challenge with a client nonce that somebody else has published.
import { digestChallenges } from '../dist/digest/challenge.js'
import { DigestSession } from '../dist/digest/session.js'
import { digestServer, paramsOf } from './digest-server.js'

const user = { username: 'Mufasa', password: 'Circle of Life' }

function client(server, options = {}, config = {}) {
  const api = axios.create({ baseURL: server.url, ...config })
  api.interceptors.request.use(digest({ ...user, ...options }))
  return api
}

const sent = ({ log }) => log.map(({ authorization }) => (authorization === undefined ? undefined : paramsOf(authorization)))

describe('published values', () => {
  function respond(fields, { username, password, count = 1, ...message }) {
    const [challenge] = digestChallenges([fields])
    const session = new DigestSession(challenge, challenge.qops.includes('auth') ? 'auth' : challenge.qops[0], { username, password })
    return session.credentials({ method: 'GET', body: new Uint8Array(0), count, ...message }).authorization
  }

  const nonces = {
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  }

  for (const [algorithm, response] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ]) {
    test(`P48: RFC 7616 section 3.9.1, ${algorithm}`, () => {
      const fields = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonces.nonce}", opaque="${nonces.opaque}"`
      const params = paramsOf(respond(fields, { ...user, target: '/dir/index.html', cnonce: nonces.cnonce }))
      assert.deepEqual(
        { ...params },
        {
          username: 'Mufasa',
          realm: 'http-auth@example.org',
          uri: '/dir/index.html',
          algorithm,
          nonce: nonces.nonce,
          nc: '00000001',
          cnonce: nonces.cnonce,
          qop: 'auth',
          response,
          opaque: nonces.opaque,
        },
      )
    })
  }

  test('P48: RFC 7616 section 3.9.2 with erratum 4897: SHA-512-256, userhash, UTF-8', () => {
    const fields =
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8'
    const cnonce = 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v'
    const who = { username: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?', target: '/doe.json', cnonce }
    const hashed = paramsOf(respond(`${fields}, userhash=true`, who))
    assert.equal(hashed.username, '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b')
    assert.equal(hashed.userhash, 'true')
    assert.equal(hashed.response, '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
    const extended = paramsOf(respond(fields, who))
    assert.equal(extended['username*'], "UTF-8''J%C3%A4s%C3%B8n%20Doe")
    assert.equal(extended.username, undefined)
    assert.equal(extended.response, hashed.response)
  })

  test('RFC 2617 section 3.5, and RFC 2069 as its erratum has it', () => {
    const old = { nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', opaque: '5ccc069c403ebaf9f0171e9517f40e41' }
    const fields = `Digest realm="testrealm@host.com", nonce="${old.nonce}", opaque="${old.opaque}"`
    const message = { username: 'Mufasa', password: 'Circle Of Life', target: '/dir/index.html', cnonce: '0a4f113b' }
    assert.equal(paramsOf(respond(`${fields}, qop="auth,auth-int"`, message)).response, '6629fae49393a05397450978507c4ef1')
    const bare = paramsOf(respond(fields, message))
    assert.equal(bare.response, '670fd8c2df070c60b045671b8b24ff02')
    assert.deepEqual([bare.qop, bare.nc, bare.cnonce, bare.algorithm], [undefined, undefined, undefined, undefined])
  })
})

describe('options', () => {
  const bad = [
    [{ password: 'x' }, /option "username"/],
    [{ username: '', password: 'x' }, /option "username"/],
    [{ username: 'a\nb', password: 'x' }, /option "username" must not contain control/],
    [{ username: '\ud800', password: 'x' }, /option "username"/],
    [{ username: 'a' }, /option "password"/],
    [{ username: 'a', password: ' ' }, /option "password"/],
    [{ username: 'a', password: Buffer.from('secret') }, /option "password" must be text/],
    [{ username: 'a', password: () => 'x' }, /option "password"/],
    [{ ...user, algorithms: [] }, /at least one/],
    [{ ...user, algorithms: 'SHA-256' }, /option "algorithms" must be a list/],
    [{ ...user, algorithms: ['SHA-1'] }, /'SHA-256'/],
    [{ ...user, algorithms: ['MD5'] }, /needs allowMd5: true/],
    [{ ...user, qop: 'none' }, /'auth', 'auth-int'/],
    [{ ...user, allowMD5: true }, /did you mean "allowMd5"/],
    [{ ...user, cnonce: 'x' }, /option "cnonce" must be a function/],
  ]
  for (const [options, message] of bad) {
    test(`${inspect(options)} is refused`, () => {
      assert.throws(
        () => digest({ origins: ['https://api.example.com'], ...options }),
        (error) => {
          assert.ok(error instanceof TypeError && error.message.startsWith('digest: '))
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  test('S16: what stands on Object.prototype is no option', () => {
    Object.prototype.allowMd5 = true
    try {
      assert.throws(() => digest({ ...user, origins: ['https://a.example'], algorithms: ['MD5'] }), /needs allowMd5/)
    } finally {
      delete Object.prototype.allowMd5
    }
  })
})

for (const adapter of ['http', 'fetch']) {
  describe(`with axios's adapter ${adapter}`, () => {
    const config = { adapter }

    test('P48: a challenge is answered, and then every request is signed at once, counted from 1', async (t) => {
      const server = await digestServer(t)
      const api = client(server, {}, config)
      for (const path of ['/a?x=1&y=%20z', '/b c/\u00fc?q=a b', '/a']) assert.equal((await api.get(path)).data.user, 'Mufasa')
      assert.equal((await api.post('/orders', { id: 1 })).data.user, 'Mufasa')
      const [first, ...others] = sent(server)
      assert.equal(first, undefined)
      assert.deepEqual(
        others.map(({ nc }) => nc),
        ['00000001', '00000002', '00000003', '00000004'],
      )
      assert.deepEqual(
        others.map(({ uri }) => uri),
        server.log.slice(1).map(({ url }) => url),
      )
      assert.equal(new Set(others.map(({ cnonce }) => cnonce)).size, 4)
      assert.ok(others.every(({ qop, algorithm }) => qop === 'auth' && algorithm === 'SHA-256'))
    })

    test('P48: 50 of 50 at once, cold; then one round trip each, and no count twice', async (t) => {
      const server = await digestServer(t)
      const api = client(server, {}, config)
      const round = async () => {
        const before = server.log.length
        const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => api.post(`/orders/${i}`, { i })))
        assert.equal(answers.filter(({ status }) => status === 200).length, 50)
        return server.log.length - before
      }
      assert.ok((await round()) <= 100)
      assert.equal(await round(), 50)
      assert.equal(await round(), 50)
      assert.ok(server.log.every(({ problem }) => problem === undefined || problem === 'none'))
    })

    test('P48: a wrong password costs two requests and ends with their 401', async (t) => {
      const server = await digestServer(t)
      const api = client(server, { password: 'Circle of life' }, config)
      for (const total of [2, 4]) {
        const error = await failure(api.get('/'))
        assert.equal(error.response.status, 401)
        assert.equal(server.log.length, total)
      }
    })

    test('P48: a nonce that is stale is replaced once', async (t) => {
      const server = await digestServer(t, { uses: () => 2 })
      const api = client(server, {}, config)
      for (let i = 0; i < 5; i += 1) await api.get('/')
      assert.deepEqual(
        server.log.map(({ problem }) => problem ?? 'in'),
        ['none', 'in', 'in', 'stale', 'in', 'in', 'stale', 'in'],
      )
      const never = await digestServer(t, { uses: () => 0 })
      assert.equal((await failure(client(never, {}, config).get('/'))).response.status, 401)
      assert.deepEqual(
        never.log.map(({ problem }) => problem),
        ['none', 'stale', 'stale'],
      )
    })

    test('P48: nonces for one use each, 50 at once', async (t) => {
      const server = await digestServer(t, { uses: () => 1 })
      const api = client(server, {}, config)
      await api.get('/')
      const answers = await Promise.all(Array.from({ length: 50 }, () => api.get('/')))
      assert.equal(answers.length, 50)
    })

    test('P48: the next nonce of an answer is used, counted from 1 again', async (t) => {
      const server = await digestServer(t, { next: true, uses: () => 1 })
      const api = client(server, {}, config)
      for (let i = 0; i < 4; i += 1) await api.get('/')
      const signed = sent(server).slice(1)
      assert.equal(server.log.length, 5)
      assert.ok(signed.every(({ nc }) => nc === '00000001'))
      assert.equal(new Set(signed.map(({ nonce }) => nonce)).size, 4)
    })

    test('P48: without a word about staleness the request ends, and the next one begins anew', async (t) => {
      const server = await digestServer(t, { uses: () => 2, silent: true })
      const api = client(server, {}, config)
      await api.get('/')
      await api.get('/')
      assert.equal((await failure(api.get('/'))).response.status, 401)
      assert.equal((await api.get('/')).status, 200)
      assert.deepEqual(
        server.log.map(({ problem }) => problem ?? 'in'),
        ['none', 'in', 'in', 'stale', 'none', 'in'],
      )
    })

    test('P48: a server that wants numbers in order, and says that a nonce is stale: 50 at once', async (t) => {
      const server = await digestServer(t, { ordered: true })
      const api = client(server, {}, config)
      const round = () => Promise.all(Array.from({ length: 50 }, (_, i) => api.post(`/${i}`, 'x'.repeat((i * 7919) % 30_000))))
      for (let i = 0; i < 5; i += 1) assert.ok((await round()).every(({ status }) => status === 200))
      assert.ok(server.log.length <= 500)
    })

    test('nobody uses the nonce of a retry before that was accepted', async (t) => {
      const server = await digestServer(t, { ordered: true })
      const [first, second, retried] = [gate(), gate(), gate()]
      const send = axios.getAdapter(config.adapter)
      const held = [first.opened, second.opened]
      const adapter = async (own) => {
        if (own.url.endsWith('/late') && held.length === 1) retried.open()
        if (own.url.endsWith('/late')) await held.shift()
        return send(own)
      }
      const api = client(server, {}, { ...config, adapter })
      await api.get('/')
      const late = api.get('/late')
      await api.get('/early')
      first.open()
      await retried.opened
      assert.equal((await api.get('/between')).status, 200)
      second.open()
      assert.equal((await late).status, 200)
    })

    test('one that arrives after a later one is sent again with a nonce of its own', async (t) => {
      const server = await digestServer(t, { ordered: true })
      const { opened, open } = gate()
      const send = axios.getAdapter(config.adapter)
      let isHeld = true
      const adapter = async (own) => {
        if (isHeld && own.url.endsWith('/late')) {
          isHeld = false
          await opened
        }
        return send(own)
      }
      const api = client(server, {}, { ...config, adapter })
      await api.get('/')
      const late = api.get('/late')
      await api.get('/early')
      open()
      assert.equal((await late).status, 200)
      await api.get('/after')
      assert.deepEqual(
        server.log.map(({ url, problem }) => `${url} ${problem ?? 'in'}`),
        ['/ none', '/ in', '/early in', '/late order', '/late in', '/after in'],
      )
      const signed = sent(server).slice(1)
      assert.deepEqual(
        signed.map(({ nc }) => Number(nc)),
        [1, 3, 2, 1, 2],
      )
      assert.notEqual(signed[2].nonce, signed[3].nonce)
      assert.equal(signed[3].nonce, signed[4].nonce)
    })

    for (const algorithm of ['SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess', 'MD5', 'MD5-sess']) {
      test(`${algorithm}, auth and auth-int, userhash, next nonces, one round trip in steady state`, async (t) => {
        for (const qop of ['auth', 'auth-int']) {
          const server = await digestServer(t, { algorithms: [algorithm], qop, userhash: true, next: true, proof: true })
          const api = client(server, { allowMd5: true, verifyServer: true }, config)
          for (const data of ['', 'text', { a: 1 }, Buffer.from([0, 255]), undefined])
            assert.equal((await api.post('/x', data)).data.user, 'Mufasa')
          assert.equal(server.log.length, 6)
          // A session's key is made of its first nonces, which therefore stay.
          const nonces = (name) => new Set(sent(server).flatMap((params) => params?.[name] ?? [])).size
          const [one, each] = algorithm.endsWith('-sess') ? [1, 1] : [5, 5]
          assert.deepEqual([nonces('nonce'), nonces('cnonce')], [one, each])
          assert.ok(
            sent(server)
              .slice(1)
              .every((params) => params.qop === qop && params.algorithm === algorithm),
          )
        }
      })
    }

    test('P48: a nonce that every challenge names is shared, whichever of many requests at once was answered first', async (t) => {
      const server = await digestServer(t, { nonce: 'always the same' })
      const api = client(server, {}, config)
      await Promise.all(Array.from({ length: 20 }, () => api.get('/')))
      const before = server.log.length
      for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
      assert.equal(server.log.length - before, 3)
    })

    test('P48: a nonce that every challenge names is counted on, and a new password is used with it', async (t) => {
      let now = Date.UTC(2026, 0, 15)
      const password = [
        { secret: 'the first password', notAfter: '2026-02-01T00:00:00Z' },
        { secret: 'the second password', notBefore: '2026-02-01T00:00:00Z' },
      ]
      let users = { Mufasa: 'the first password' }
      const server = await digestServer(t, { nonce: 'always the same', silent: true, change: () => ({ users }) })
      const api = client(server, { password, now: () => now }, config)
      await Promise.all(Array.from({ length: 20 }, () => api.get('/')))
      const before = server.log.length
      users = { Mufasa: 'the second password' }
      now = Date.UTC(2026, 1, 15)
      assert.equal((await api.get('/')).status, 200)
      assert.equal((await api.get('/')).status, 200)
      assert.equal(server.log.length - before, 3)
      const counts = sent(server).flatMap((params) => params?.nc ?? [])
      assert.deepEqual(
        counts.toSorted(),
        Array.from({ length: 23 }, (_, i) => (i + 1).toString(16).padStart(8, '0')),
      )
    })

    test('P46: a stream is sent once; its 401 comes back, and the next one is signed', async (t) => {
      const server = await digestServer(t)
      const api = client(server, {}, config)
      const stream = () => Readable.from([Buffer.from('a'), Buffer.from('b')])
      const options = adapter === 'http' ? {} : { duplex: 'half' }
      const refused = await failure(api.post('/', stream(), options))
      assert.equal(refused.response.status, 401)
      assert.equal(refused.cause?.code, 'ERR_AXIOS_BODY_SPENT')
      assert.equal((await api.post('/', stream(), options)).status, 200)
      assert.deepEqual(
        server.log.map(({ body }) => String(body)),
        ['ab', 'ab'],
      )
    })

    test('a stream with a wrong password: its 401, which nothing could better', async (t) => {
      const server = await digestServer(t)
      const api = client(server, { password: 'wrong' }, config)
      const stream = () => Readable.from([Buffer.from('a')])
      const options = adapter === 'http' ? {} : { duplex: 'half' }
      await failure(api.post('/', stream(), options))
      const refused = await failure(api.post('/', stream(), options))
      assert.equal(refused.response.status, 401)
      assert.equal(refused.cause, undefined)
    })
  })
}

describe('which challenge', () => {
  const choices = [
    [['MD5', 'SHA-256'], {}, 'SHA-256'],
    [['MD5', 'SHA-256'], { allowMd5: true }, 'SHA-256'],
    [['SHA-256', 'SHA-512-256'], {}, 'SHA-256'],
    [['SHA-512-256', 'SHA-256', 'MD5'], {}, 'SHA-512-256'],
    [['SHA-512-256', 'SHA-256'], { algorithms: ['SHA-256'] }, 'SHA-256'],
    [['MD5'], { allowMd5: true }, 'MD5'],
    [['SHA-256-sess', 'MD5'], {}, 'SHA-256-sess'],
  ]
  for (const [algorithms, options, chosen] of choices) {
    for (const oneField of [false, true]) {
      test(`P48: of ${algorithms.join(', ')} with ${inspect(options)}, ${oneField ? 'in one field' : 'each in its own'}: ${chosen}`, async (t) => {
        const server = await digestServer(t, { algorithms, oneField, more: ['Basic realm="a, b"', 'Negotiate'] })
        await client(server, options).get('/')
        assert.equal(sent(server)[1].algorithm, chosen)
      })
    }
  }

  test('P48: a malformed challenge beside it does not hide that of Digest', async (t) => {
    for (const more of ['Basic realm=My Site', 'Negotiate =', 'X "y", z=']) {
      for (const oneField of [false, true]) {
        const server = await digestServer(t, { oneField, more: [more] })
        assert.equal((await client(server).get('/')).status, 200, more)
      }
    }
  })

  test('P48: MD5 alone is refused without allowMd5, and Basic always', async (t) => {
    const server = await digestServer(t, { algorithms: ['MD5'], more: ['Basic realm="x"'] })
    const error = await failure(client(server).get('/'))
    assert.equal(error.code, 'ERR_AXIOS_DIGEST_UNSUPPORTED')
    assert.match(error.message, /offers MD5 with auth or auth-int/)
    assert.equal(server.log.length, 1)
    const basic = await digestServer(t, { algorithms: [], more: ['Basic realm="x"'] })
    const refused = await failure(client(basic, { allowMd5: true }).get('/'))
    assert.equal(refused.response.status, 401)
    assert.deepEqual(sent(basic), [undefined])
  })

  test('P48: no way down from SHA-256 to MD5, nor from qop to none, once it was seen', async (t) => {
    let algorithms = ['SHA-256', 'MD5']
    let qop = 'auth'
    const server = await digestServer(t, { uses: () => 1, change: () => ({ algorithms, qop }) })
    const api = client(server, { allowMd5: true })
    await api.get('/')
    algorithms = ['MD5']
    // The server does not say that the nonce is stale, so that the first request ends here.
    assert.equal((await failure(api.get('/'))).response.status, 401)
    for (let i = 0; i < 2; i += 1) assert.equal((await failure(api.get('/'))).code, 'ERR_AXIOS_DIGEST_DOWNGRADE')
    const old = client(server, { allowMd5: true })
    await old.get('/')
    qop = null
    assert.equal((await failure(old.get('/'))).response.status, 401)
    assert.equal((await failure(old.get('/'))).code, 'ERR_AXIOS_DIGEST_DOWNGRADE')
    assert.equal((await client(server, { allowMd5: true }).get('/')).status, 200)
  })

  test('P48: what the options do not allow is no way down: algorithms that leave SHA-256 out, and SHA-256 without qop', async (t) => {
    const both = await digestServer(t, { algorithms: ['SHA-256', 'MD5'] })
    const api = client(both, { allowMd5: true, algorithms: ['MD5'] })
    assert.equal((await api.get('/')).status, 200)
    assert.equal((await api.get('/')).status, 200)
    const more = ['Digest realm="http-auth@example.org", nonce="a", algorithm=SHA-256']
    const mixed = await digestServer(t, { algorithms: ['MD5'], more })
    assert.equal((await client(mixed, { allowMd5: true }).get('/')).status, 200)
  })

  test('without qop SHA-256 is not answered, and MD5 only with allowMd5', async (t) => {
    const strong = await digestServer(t, { qop: null })
    assert.equal((await failure(client(strong, { allowMd5: true }).get('/'))).code, 'ERR_AXIOS_DIGEST_UNSUPPORTED')
    const old = await digestServer(t, { qop: null, algorithms: ['MD5'] })
    assert.equal((await client(old, { allowMd5: true }).get('/')).status, 200)
  })

  test('an empty qop is none, as http-auth with qop "none" writes it', async (t) => {
    const old = await digestServer(t, { qop: '', algorithms: ['MD5'] })
    assert.equal((await client(old, { allowMd5: true }).get('/')).status, 200)
    assert.equal((await failure(client(old).get('/'))).message.split(';')[0], 'the server offers MD5 with no qop')
    const strong = await digestServer(t, { qop: '' })
    assert.equal((await failure(client(strong, { allowMd5: true }).get('/'))).code, 'ERR_AXIOS_DIGEST_UNSUPPORTED')
  })

  test('auth-int where it is asked for, or offered alone; where it is asked for and not offered nothing is sent', async (t) => {
    const both = await digestServer(t)
    await client(both, { qop: 'auth-int' }).post('/', 'x')
    assert.equal(sent(both)[1].qop, 'auth-int')
    const auth = await digestServer(t, { qop: 'auth' })
    assert.equal((await failure(client(auth, { qop: 'auth-int' }).post('/', 'x'))).code, 'ERR_AXIOS_DIGEST_UNSUPPORTED')
    const whole = await digestServer(t, { qop: 'auth-int' })
    const api = client(whole)
    await api.get('/')
    assert.equal((await failure(api.post('/', Readable.from(['x'])))).code, 'ERR_AXIOS_UNSIGNED_STREAM')
  })

  test('a challenge that cannot be understood, and one without any, leave the 401 to the caller', async (t) => {
    for (const more of [['Digest realm="a'], ['Bearer realm="x"'], []]) {
      const server = await digestServer(t, { algorithms: [], more })
      assert.equal((await failure(client(server).get('/'))).response.status, 401)
      assert.equal(server.log.length, 1)
    }
    for (const [field, told] of [
      ['Digest realm="a", qop="auth"', 'a challenge without realm or nonce;'],
      ['Digest nonce="a", qop="auth"', 'a challenge without realm or nonce;'],
      ['Digest realm="a", nonce="b", qop="x, auth-conf", algorithm=SHA-256', 'SHA-256 with x or auth-conf;'],
      ['Digest realm="a", nonce="b", qop="auth", algorithm=SHA-512', 'SHA-512 with auth;'],
      ['Digest realm="a", nonce="b", algorithm=SHA-256', 'SHA-256 with no qop;'],
      ['Digest realm="a", nonce="b", qop="auth", algorithm="<b>;"', 'something unreadable with auth;'],
    ]) {
      const server = await digestServer(t, { algorithms: [], more: [field] })
      const error = await failure(client(server).get('/'))
      assert.equal(error.code, 'ERR_AXIOS_DIGEST_UNSUPPORTED', field)
      assert.ok(error.message.startsWith(`the server offers ${told}`), error.message)
    }
  })
})

describe('protection spaces', () => {
  test('P48: domain says where requests are signed before they are asked for', async (t) => {
    const server = await digestServer(t, { domain: '/in/ https://elsewhere.example/ ::bad' })
    const api = client(server)
    await api.get('/in/a')
    await api.get('/in/b?c=d')
    assert.equal(server.log.length, 3)
    await api.get('/out')
    assert.deepEqual(
      sent(server).map((params) => params?.nc),
      [undefined, '00000001', '00000002', undefined, '00000001'],
    )
  })

  test('two realms of one origin, each with its own nonce', async (t) => {
    const change = ({ url }) => (url.startsWith('/a/') ? { realm: 'a', domain: '/a/' } : { realm: 'b', domain: '/' })
    const server = await digestServer(t, { change })
    const api = client(server)
    for (const path of ['/a/1', '/b/1', '/a/2', '/b/2', '/a/3']) await api.get(path)
    assert.deepEqual(
      sent(server).map((params) => params && `${params.realm}${params.nc}`),
      [undefined, 'a00000001', undefined, 'b00000001', 'a00000002', 'b00000002', 'a00000003'],
    )
  })

  test('credentials for one realm that meet another are made anew, once', async (t) => {
    let realm = 'a'
    const server = await digestServer(t, { change: () => ({ realm }) })
    const api = client(server)
    await api.get('/')
    realm = 'b'
    await api.get('/')
    assert.deepEqual(
      sent(server).map((params) => params?.realm),
      [undefined, 'a', 'a', 'b'],
    )
  })

  test('P42: each hop of a redirect has credentials of its own', async (t) => {
    const server = await digestServer(t)
    server.server.prependListener('request', (req, res) => {
      if (req.url !== '/old' || req.headers.authorization === undefined) return
      const end = res.end
      res.end = () => {
        res.statusCode = 307
        res.setHeader('Location', '/new?x=1')
        end.call(res)
      }
    })
    const { data } = await client(server).post('/old', 'x')
    assert.equal(data.user, 'Mufasa')
    assert.deepEqual(
      sent(server).map((params) => params?.uri),
      [undefined, '/old', '/new?x=1'],
    )
  })
})

describe('beside others', () => {
  test('P48: uri is the target of its own attempt, where a signature is written into the query', async (t) => {
    const inQuery = scheme({
      name: 'in-query',
      signature: { query: 'signature' },
      timestamp: { query: 'at', unit: 'seconds' },
      message: '{timestamp}\n{method} {path}\n{body}',
    })
    const server = await digestServer(t, { uses: () => 2 })
    let now = Date.UTC(2026, 0, 15)
    const tick = () => {
      now += 60_000
      return now
    }
    const api = axios.create({ baseURL: server.url })
    api.interceptors.request.use(digest(user))
    api.interceptors.request.use(hmac({ scheme: inQuery, secret: 'a-secret-of-the-tests-0123456789', now: tick }))
    for (let i = 0; i < 4; i += 1) assert.equal((await api.post('/a?b=c', { i })).status, 200)
    assert.deepEqual(
      server.log.map(({ problem }) => problem ?? 'in'),
      ['none', 'in', 'in', 'stale', 'in', 'in'],
    )
    assert.equal(new Set(server.log.map(({ url }) => url)).size, 6)
  })

  test('another interceptor that sets Authorization is a typed error', async (t) => {
    const server = await digestServer(t)
    const api = client(server)
    api.interceptors.request.use(apiKey({ header: 'Authorization', key: 'k'.repeat(20) }))
    assert.equal((await failure(api.get('/'))).code, 'ERR_AXIOS_HEADER_CONFLICT')
  })

  test('S16: what stands on Object.prototype is not sent', async (t) => {
    const server = await digestServer(t, { uses: () => 1 })
    const api = client(server)
    const polluted = { authorization: 'Basic eDp5', withoutBody: true, httpAgent: {}, stale: 'true', opaque: 'x', cnonce: 'z' }
    Object.assign(Object.prototype, polluted)
    try {
      for (let i = 0; i < 2; i += 1) assert.equal((await api.post('/', 'body')).status, 200)
    } finally {
      for (const name of Object.keys(polluted)) delete Object.prototype[name]
    }
    assert.deepEqual(
      server.log.map(({ problem, authorization, body }) => [problem ?? 'in', authorization?.split(' ')[0], String(body)]),
      [
        ['none', undefined, 'body'],
        ['in', 'Digest', 'body'],
        ['stale', 'Digest', 'body'],
        ['in', 'Digest', 'body'],
      ],
    )
  })

  test('the answer of an attempt that fails is read away', async (t) => {
    const server = await digestServer(t, { algorithms: ['MD5'] })
    let body
    const adapter = async (config) => {
      const response = await axios.getAdapter('http')(config)
      body = response.data
      return response
    }
    const error = await failure(client(server, {}, { adapter, responseType: 'stream' }).get('/'))
    assert.equal(error.code, 'ERR_AXIOS_DIGEST_UNSUPPORTED')
    if (!body.readableEnded) await once(body, 'end')
  })
})

describe('names and passwords', () => {
  test('quotes, backslashes and UTF-8 arrive as they are, with charset and without', async (t) => {
    const users = { 'a "b" \\c': 'p"\\:w', 'J\u00e4s\u00f8n': '\u20ac', '\u65e5\u672c': 'x' }
    for (const utf8 of [false, true]) {
      const server = await digestServer(t, { users, utf8, realm: 'the "realm" \\ of' })
      for (const [username, password] of Object.entries(users))
        assert.equal((await client(server, { username, password }).get('/')).data.user, username)
    }
    const decomposed = await digestServer(t, { users, utf8: true })
    assert.equal((await client(decomposed, { username: 'Ja\u0308s\u00f8n', password: '\u20ac' }).get('/')).data.user, 'J\u00e4s\u00f8n')
  })

  test('any name, password, realm and target come out as they went in', async (t) => {
    let setup = {}
    const server = await digestServer(t, { change: () => setup })
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'ab:"\\ ,=%\''), fc.constantFrom('\u00fc', '\u20ac', '\u{1f600}')),
      minLength: 1,
      maxLength: 8,
    })
    const visible = text.map((one) => `x${one}x`)
    const realm = fc.string({ unit: fc.constantFrom(...'ab:"\\ ,='), maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(visible, visible, realm, fc.boolean(), fc.boolean(), text, async (username, password, name, utf8, userhash, q) => {
        const [user, pass] = utf8 ? [username.normalize('NFC'), password.normalize('NFC')] : [username, password]
        setup = { users: { [user]: pass }, realm: name, utf8, userhash }
        assert.equal((await client(server, { username, password }).get('/a', { params: { q } })).data.user, user)
      }),
      { numRuns: 60 },
    )
  })

  test('P48: whatever the challenge says, nothing but Digest is ever sent, and the failure is a typed one', async () => {
    const noise = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'Digest realm="a\\", nonce=qop=auth'), maxLength: 60 }),
      fc.constantFrom(
        'Basic realm="a"',
        'Digest realm="a", nonce="b", qop="auth"',
        'Digest realm="a", nonce="b", qop="auth", algorithm=SHA-256, stale=true',
      ),
      fc
        .tuple(fc.constantFrom('realm', 'nonce', 'qop', 'algorithm', 'opaque', 'domain', 'stale', 'userhash'), fc.string({ maxLength: 8 }))
        .map(([name, value]) => `Digest realm="a", nonce="b", qop="auth", algorithm=SHA-256, ${name}="${value}"`),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { maxLength: 3 }), fc.boolean(), async (fields, allowMd5) => {
        const seen = []
        const adapter = async (config) => {
          seen.push(config.headers.get('Authorization'))
          return { status: 401, statusText: '', headers: { 'www-authenticate': fields }, config, data: '' }
        }
        const error = await failure(client({ url: 'https://api.example.com' }, { allowMd5 }, { adapter }).get('/'))
        assert.ok(
          error.response?.status === 401 || /^ERR_AXIOS_(DIGEST_(UNSUPPORTED|DOWNGRADE)|HEADER_VALUE)$/.test(error.code),
          inspect(error),
        )
        assert.ok(seen.length <= 3)
        for (const value of seen) assert.ok(value === undefined || value === null || value.startsWith('Digest '))
      }),
      { numRuns: 300 },
    )
  })

  test('a source and dated records', async (t) => {
    const server = await digestServer(t)
    process.env.DIGEST_TEST_PASSWORD = user.password
    t.after(() => delete process.env.DIGEST_TEST_PASSWORD)
    assert.equal((await client(server, { password: secretFromEnv('DIGEST_TEST_PASSWORD') }).get('/')).status, 200)
    let now = Date.UTC(2026, 0, 1)
    const password = [{ secret: user.password, notAfter: '2026-02-01T00:00:00Z' }]
    const api = client(server, { password, now: () => now })
    assert.equal((await api.get('/')).status, 200)
    now = Date.UTC(2026, 2, 1)
    const late = client(server, { password: [...password, { secret: 'later', notBefore: '2027-01-01T00:00:00Z' }], now: () => now })
    assert.equal((await failure(late.get('/'))).code, 'ERR_AXIOS_NO_SECRET')
  })

  test('P45: neither the password nor what is made of it shows', async (t) => {
    const server = await digestServer(t, { uses: () => 1, silent: true })
    const password = 'canary-7f3a9c1e'
    const entries = []
    const api = client(server, { password, trace: (entry) => entries.push(entry) })
    const error = await failure(api.get('/'))
    const { response } = paramsOf(server.log[1].authorization)
    const shown = [
      inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
      JSON.stringify(error),
      JSON.stringify(entries),
      inspect(api, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    ].join()
    assert.ok(!shown.includes(password) && !shown.includes(response))
    assert.equal(entries.length, 2)
  })
})

describe('verifyServer', () => {
  test('there and undefined it is refused, and not taken for false', () => {
    assert.throws(() => digest({ ...user, verifyServer: undefined }), {
      name: 'TypeError',
      message: /^digest: option "verifyServer" is undefined; check the variable/,
    })
  })

  test('an answer without the proof, and with a wrong one, is an error', async (t) => {
    for (const proof of [undefined, 'wrong']) {
      const server = await digestServer(t, { proof })
      assert.equal((await failure(client(server, { verifyServer: true }).get('/'))).code, 'ERR_AXIOS_DIGEST_SERVER')
      assert.equal((await client(server).get('/')).status, 200)
    }
  })

  test('every 2xx answer has to have it; others may do without', async (t) => {
    for (const [status, code] of [
      [201, 'ERR_AXIOS_DIGEST_SERVER'],
      [299, 'ERR_AXIOS_DIGEST_SERVER'],
      [300, 'ERR_BAD_RESPONSE'],
      [500, 'ERR_BAD_RESPONSE'],
    ]) {
      const server = await digestServer(t)
      server.server.prependListener('request', (_req, res) => {
        const end = res.end
        res.end = (body) => {
          if (res.statusCode === 200) res.statusCode = status
          return end.call(res, body)
        }
      })
      assert.equal((await failure(client(server, { verifyServer: true }).get('/'))).code, code, `${status}`)
    }
  })

  test('so is one to a request that was never challenged', async (t) => {
    const server = await digestServer(t, { proof: true })
    server.server.removeAllListeners('request').on('request', (_req, res) => res.end('welcome'))
    assert.equal((await failure(client(server, { verifyServer: true }).get('/'))).code, 'ERR_AXIOS_DIGEST_SERVER')
  })

  test('the proof covers the body with auth-int', async (t) => {
    const server = await digestServer(t, { proof: true, qop: 'auth-int' })
    for (const responseType of ['json', 'text', 'arraybuffer']) {
      assert.equal((await client(server, { verifyServer: true }).get('/', { responseType })).status, 200)
    }
    server.server.prependListener('request', (_req, res) => {
      const end = res.end
      res.end = (body) => end.call(res, body.replace('Mufasa', 'Scar'))
    })
    assert.equal((await failure(client(server, { verifyServer: true }).get('/'))).code, 'ERR_AXIOS_DIGEST_SERVER')
  })
})
