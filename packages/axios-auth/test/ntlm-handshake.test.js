/** ntlm against a server that verifies NTLMv2 by itself: who is let in, who is not, and what goes over the wire for it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { inspect, promisify } from 'node:util'
import { ntlm } from '@countersign/axios-auth/ntlm'
import { pinnedAgent } from '@countersign/axios-auth/pinned-agent'
import axios from 'axios'
import { component, without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { fingerprint, pki } from '../../../test/support/pki.js'
import { ntlmServer, type2 } from './ntlm-server.js'

const ALICE = { username: 'EXAMPLE\\alice', password: 'Password' }
const skipTls = without('openssl')

/** An instance that signs in to a server, and the end of it. */
function client(t, server, options = {}, config = {}) {
  const api = axios.create({ baseURL: server.origin, ...config })
  const interceptor = ntlm({ ...ALICE, ...options })
  api.interceptors.request.use(interceptor)
  t.after(() => interceptor.dispose())
  return Object.assign(api, { dispose: () => interceptor.dispose() })
}

function tlsOptions(more = {}) {
  const { server } = pki()
  return { cert: readFileSync(server.cert), key: readFileSync(server.key), ...more }
}

const refused = (status) => (error) => error.response?.status === status

describe('refusals', () => {
  test('P47: a wrong password is one handshake and its one 401, and the connection is not used again', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server, { password: 'Passw0rd' })
    await assert.rejects(api.get('/'), refused(401))
    assert.deepEqual(server.types, [1, 3])
    assert.equal(server.log[1].verdict.problem, 'the proof is wrong')
    await assert.rejects(api.get('/'), refused(401))
    assert.deepEqual(server.types, [1, 3, 1, 3])
    assert.equal(server.opened, 2)
    const { status } = await api.get('/', { validateStatus: () => true })
    assert.equal(status, 401)
    assert.equal(server.log.length, 6)
  })

  test('P47: a type 1 message that is refused is not followed by another', async (t) => {
    for (const fields of [['NTLM'], ['NTLM !!!!'], ['Negotiate YWJj'], ['Negotiate, NTLM'], ['Basic realm="a, NTLM TlRMTVNTUAAC"'], []]) {
      const server = await ntlmServer(t, {
        on: {
          type1: (_, res) => {
            res
              .writeHead(
                401,
                fields.flatMap((value) => ['WWW-Authenticate', value]),
              )
              .end()
            return true
          },
        },
      })
      await assert.rejects(client(t, server).get('/'), refused(401))
      assert.deepEqual(server.types, [1])
    }
  })

  test('P47: where Negotiate alone is offered, type 1 goes once more inside that, and the refusal of it is the end', async (t) => {
    const server = await ntlmServer(t, { fields: ['Negotiate'], scheme: 'none' })
    const api = client(t, server)
    for (const calls of [1, 2]) {
      await assert.rejects(api.get('/'), refused(401))
      assert.deepEqual(server.types, Array(2 * calls).fill(1))
    }
    assert.deepEqual(
      server.log.map(({ scheme }) => scheme),
      ['NTLM', 'Negotiate', 'NTLM', 'Negotiate'],
    )
    assert.equal(server.opened, 2)
  })

  const none = Buffer.from('NTLMSSP\0').toString('base64')
  for (const [what, code, fields] of [
    ['garbage', 'ERR_AXIOS_NTLM_CHALLENGE', ['NTLM YWJj']],
    ['what is no base64', 'ERR_AXIOS_NTLM_CHALLENGE', ['NTLM ~~~~']],
    ['a short message', 'ERR_AXIOS_NTLM_CHALLENGE', [`NTLM ${none}`]],
    ['two messages', 'ERR_AXIOS_NTLM_CHALLENGE', Array(2).fill(`NTLM ${type2(Buffer.alloc(8)).toString('base64')}`)],
    ['no extended session security', 'ERR_AXIOS_NTLM_WEAK', [`NTLM ${type2(Buffer.alloc(8), { flags: 0xa2818205 }).toString('base64')}`]],
    ['no target information', 'ERR_AXIOS_NTLM_WEAK', [`NTLM ${type2(Buffer.alloc(8), { flags: 0xa2098205 }).toString('base64')}`]],
  ]) {
    test(`${what} in the place of a type 2 message: ${code}, and nothing more is sent`, async (t) => {
      const server = await ntlmServer(t, {
        on: {
          type1: (_, res) => {
            res
              .writeHead(
                401,
                fields.flatMap((value) => ['WWW-Authenticate', value]),
              )
              .end()
            return true
          },
        },
      })
      const api = client(t, server)
      await assert.rejects(api.get('/'), { name: 'AxiosAuthError', code })
      await assert.rejects(api.get('/'), { code })
      assert.deepEqual(server.types, [1, 1])
      assert.equal(server.opened, 2)
    })
  }

  test('a server that asks for bindings refuses a client without', { skip: skipTls }, async (t) => {
    const server = await ntlmServer(t, { tls: tlsOptions(), bindings: true })
    const httpsAgent = new https.Agent({ ca: pki().ca.pem })
    await assert.rejects(client(t, server, { channelBinding: false }, { httpsAgent }).get('/'), refused(401))
    assert.deepEqual(server.log[1].verdict.bindings, Buffer.alloc(16))
    assert.equal((await client(t, server, {}, { httpsAgent }).get('/')).status, 200)
  })

  test('no password and no hash of it in errors, inspect, JSON, and on the wire', async (t) => {
    const password = 'canary-7d1f'
    const server = await ntlmServer(t)
    const api = client(t, server, { password })
    const error = await api.get('/').catch((caught) => caught)
    const sent = server.log.map(({ headers }) => headers.authorization)
    const shown = [
      inspect(error, { depth: 20, getters: true, showHidden: true }),
      JSON.stringify(error.toJSON()),
      inspect(api.interceptors, { depth: 20, showHidden: true }),
      String(error.stack),
    ]
    for (const text of shown) for (const secret of [password, ...sent]) assert.ok(!text.includes(secret))
    assert.ok(!Buffer.from(sent.join('').replaceAll('NTLM ', ''), 'base64').includes(Buffer.from(password, 'utf16le')))
    assert.throws(
      () => ntlm({ username: 'a', password: '\u0000' }),
      (mistake) => !mistake.message.includes(password),
    )
  })

  test('the fetch adapter knows no connections: a typed error, and nothing is sent', async (t) => {
    const server = await ntlmServer(t)
    await assert.rejects(client(t, server, {}, { adapter: 'fetch' }).get('/'), { code: 'ERR_AXIOS_FETCH' })
    assert.equal(server.log.length, 0)
  })

  test('HTTP/2 shares its connections: a typed error, and nothing is sent', async (t) => {
    const server = await ntlmServer(t)
    await assert.rejects(client(t, server, {}, { httpVersion: 2 }).get('/'), { code: 'ERR_AXIOS_FETCH' })
    assert.equal(server.log.length, 0)
  })

  test('another origin is refused before anything is sent', async (t) => {
    const server = await ntlmServer(t)
    await assert.rejects(client(t, server).get('http://127.0.0.1:9/'), { code: 'ERR_AXIOS_ORIGIN' })
    assert.equal(server.log.length, 0)
  })
})

describe('signing in', () => {
  test('NTLMv2 with a MIC: two messages on one connection, then one request per call', async (t) => {
    const server = await ntlmServer(t, { mic: true })
    const api = client(t, server)
    for (let i = 0; i < 10; i += 1) assert.equal((await api.get(`/${i}`)).data, 'EXAMPLE\\alice 0')
    assert.deepEqual(server.types, [1, 3, ...Array(9).fill(0)])
    assert.equal(server.opened, 1)
    const { targetName, lm, bindings } = server.log[1].verdict
    assert.equal(targetName, 'HTTP/127.0.0.1')
    assert.deepEqual(lm, Buffer.alloc(24))
    assert.deepEqual(bindings, Buffer.alloc(16))
  })

  test('a server that states no time gets no MIC and lets in', async (t) => {
    const server = await ntlmServer(t, { time: false })
    assert.equal((await client(t, server).get('/')).status, 200)
    assert.equal(server.log[1].verdict.mic, false)
  })

  test('DOMAIN\\user, user with domain, user@domain; the name of the service', async (t) => {
    const server = await ntlmServer(t)
    const forms = [
      [{ username: 'EXAMPLE\\alice' }, 'EXAMPLE\\alice'],
      [{ username: 'Alice', domain: 'EXAMPLE', workstation: 'PC1' }, 'EXAMPLE\\Alice'],
      [{ username: 'carol@example.com' }, '\\carol@example.com'],
    ]
    for (const [options, user] of forms) {
      assert.equal((await client(t, server, { ...options, targetName: 'HTTP/api.example.com' }).get('/')).data, `${user} 0`)
      assert.equal(server.log.at(-1).verdict.targetName, 'HTTP/api.example.com')
    }
  })

  test('over https the proof is bound to the certificate, with the CA and the client certificate of the agent', {
    skip: skipTls,
  }, async (t) => {
    const { ca, expected } = pki()
    const server = await ntlmServer(t, {
      tls: tlsOptions({ ca: ca.pem, requestCert: true, rejectUnauthorized: true }),
      mic: true,
      bindings: true,
    })
    const httpsAgent = new https.Agent({ ca: ca.pem, cert: expected.pem, key: readFileSync(expected.key) })
    const api = client(t, server, {}, { httpsAgent })
    for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 0])
    assert.equal(Object.keys(httpsAgent.sockets).length + Object.keys(httpsAgent.freeSockets).length, 0)
    await assert.rejects(client(t, server, {}, { httpsAgent: new https.Agent() }).get('/'), { code: /CERT|SELF_SIGNED|UNABLE/ })
  })

  test('P47: the body goes with the last message alone, and whole', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server)
    const bodies = [{ order: 1 }, 'text', Buffer.alloc(100_000, 1), new URLSearchParams({ a: 'b' }), new Uint8Array(3)]
    const lengths = [11, 4, 100_000, 3, 3]
    for (const [i, body] of bodies.entries()) {
      assert.equal((await api.post('/', body)).data, `EXAMPLE\\alice ${lengths[i]}`)
    }
    assert.deepEqual(server.types, [1, 3, 0, 0, 0, 0])
    assert.deepEqual(
      server.log.map(({ length }) => length),
      [0, ...lengths],
    )
    assert.equal(server.log[0].headers['content-length'], '0')
  })

  test('a stream as body is sent once, after a handshake of its own', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server)
    const body = () => Readable.from([Buffer.alloc(70_000, 1), Buffer.alloc(70_000, 2)])
    assert.equal((await api.post('/', body())).data, 'EXAMPLE\\alice 140000')
    assert.equal((await api.post('/', body())).data, 'EXAMPLE\\alice 140000')
    assert.deepEqual(server.types, [1, 3, 1, 3])
    await assert.rejects(client(t, server, { password: 'wrong' }).post('/', body()), refused(401))
  })

  test('responses as streams: the challenge is read away, the answer is not', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server, {}, { responseType: 'stream' })
    for (let i = 0; i < 3; i += 1) {
      const { data } = await api.get('/')
      assert.equal(Buffer.concat(await data.toArray()).toString(), 'EXAMPLE\\alice 0')
    }
    assert.equal(server.log.filter(({ type }) => type !== 0).length, 2)
  })

  test('HEAD, and a redirect of the same origin', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (req, res) => {
          if (req.url !== '/from') return false
          res.writeHead(302, { Location: '/to' }).end()
          return true
        },
      },
    })
    const api = client(t, server)
    assert.equal((await api.head('/')).status, 200)
    assert.equal((await api.get('/from')).status, 200)
    assert.deepEqual(
      server.log.map(({ method, url }) => `${method} ${url}`),
      ['HEAD /', 'HEAD /', 'GET /from', 'GET /to'],
    )
  })

  test('a server that does not ask who sends: the body is sent after all, and only what had none goes once', async (t) => {
    const lengths = []
    const answer = (_, res, __, { length }) => {
      lengths.push(length)
      res.end('open')
      return true
    }
    const server = await ntlmServer(t, { on: { type1: answer, anonymous: answer } })
    const api = client(t, server)
    assert.equal((await api.get('/')).data, 'open')
    assert.deepEqual(server.types, [1])
    assert.equal((await api.post('/', 'body')).data, 'open')
    assert.deepEqual(server.types, [1, 1, 0])
    assert.deepEqual(lengths, [0, 0, 4])
  })

  test('curl --ntlm is let in by the same server, and refused with a wrong password', { skip: without('curl') }, async (t) => {
    const server = await ntlmServer(t)
    const run = promisify(execFile)
    const { stdout: version } = await run(component('curl'), ['--version'])
    if (!/\bNTLM\b/.test(version)) return t.skip('this curl has no NTLM')
    const curl = (password) =>
      run(component('curl'), ['-s', '--noproxy', '*', '--ntlm', '-u', `EXAMPLE\\alice:${password}`, '-d', 'abc', `${server.origin}/`])
    assert.equal((await curl('Password')).stdout, 'EXAMPLE\\alice 3')
    assert.match((await curl('wrong')).stdout, /Unauthorized/)
    assert.ok(server.log.filter(({ type }) => type === 3).length === 2)
  })
})

describe('the agents of the caller', () => {
  test('the local address, and a way to connect of its own', async (t) => {
    const server = await ntlmServer(t)
    const seen = []
    class Own extends http.Agent {
      #secret = 'kept'
      createConnection(options, opened) {
        seen.push([this.#secret, Number(options.port)])
        return super.createConnection(options, opened)
      }
    }
    const api = client(t, server, {}, { httpAgent: new Own({ localAddress: '127.0.0.1' }) })
    await api.get('/')
    await api.get('/')
    assert.deepEqual(seen, [['kept', server.port]])
  })

  test('an agent of the family of agent-base: its tunnel is used, over http and https', { skip: skipTls }, async (t) => {
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    const proxy = await connectProxy(t)
    const plain = await ntlmServer(t)
    const secure = await ntlmServer(t, { tls: tlsOptions(), bindings: true, mic: true })
    for (const [server, name] of [
      [plain, 'httpAgent'],
      [secure, 'httpsAgent'],
    ]) {
      const agent = new HttpsProxyAgent(`http://127.0.0.1:${proxy.port}`)
      agent.options.ca = pki().ca.pem
      const api = client(t, server, {}, { [name]: agent, proxy: false })
      await api.get('/')
      await api.get('/')
      assert.deepEqual(server.types, [1, 3, 0])
    }
    assert.deepEqual(proxy.asked, [`127.0.0.1:${plain.port}`, `127.0.0.1:${secure.port}`])
  })

  test('P36: pins hold for the connection, and a kept one ends with the pin under which it was made', { skip: skipTls }, async (t) => {
    const { ca, server: certificate } = pki()
    const server = await ntlmServer(t, { tls: tlsOptions(), bindings: true })
    const httpsAgent = pinnedAgent({ pins: fingerprint(certificate.cert), ca: ca.pem })
    const api = client(t, server, {}, { httpsAgent })
    for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 0])
    httpsAgent.setPins(fingerprint(ca.cert))
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_PIN' })
    httpsAgent.setPins(fingerprint(certificate.cert))
    assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 0, 1, 3])
  })

  test('a check of the caller that changes its mind ends the kept connection', { skip: skipTls }, async (t) => {
    const server = await ntlmServer(t, { tls: tlsOptions() })
    let problem
    const hosts = []
    const checkServerIdentity = (host) => {
      hosts.push(host)
      return problem
    }
    const api = client(t, server, {}, { httpsAgent: new https.Agent({ ca: pki().ca.pem, checkServerIdentity }) })
    await api.get('/')
    await api.get('/')
    problem = new Error('not any more')
    await assert.rejects(api.get('/'), /not any more/)
    assert.deepEqual(server.types, [1, 3, 0])
    assert.deepEqual([...new Set(hosts)], ['127.0.0.1'])
  })

  test('a unix socket', async (t) => {
    const server = await ntlmServer(t, { path: join(tempFolder(t), 'ntlm.sock') })
    const api = client(t, { origin: 'http://localhost' }, {}, { socketPath: server.path })
    for (let i = 0; i < 2; i += 1) assert.equal((await api.get('/')).data, 'EXAMPLE\\alice 0')
    assert.deepEqual(server.types, [1, 3, 0])
  })

  test('a proxy of axios shares its connections: a typed error, and it gets nothing', async (t) => {
    const server = await ntlmServer(t)
    const proxy = await ntlmServer(t)
    const config = { proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port } }
    await assert.rejects(client(t, server, {}, config).get('/'), { name: 'AxiosAuthError', code: 'ERR_AXIOS_NTLM_AGENT' })
    assert.equal(proxy.log.length + server.log.length, 0)
  })

  test('the tunnels of axios are shared as well: no proof goes through them, whatever went before', { skip: skipTls }, async (t) => {
    const server = await ntlmServer(t, { tls: tlsOptions() })
    const proxy = await connectProxy(t)
    // A name: Node 26 takes no address for the name of a TLS server, which the tunnel of axios gives it.
    const named = { origin: server.origin.replace('127.0.0.1', 'localhost') }
    const api = client(t, named, {}, { httpsAgent: new https.Agent({ ca: pki().ca.pem }) })
    await api.get('/')
    const through = { proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port } }
    for (let i = 0; i < 2; i += 1) await assert.rejects(api.get('/', through), { code: 'ERR_AXIOS_NTLM_AGENT' })
    assert.ok(proxy.asked.length > 0)
    assert.equal(server.types.filter((type) => type === 3).length, 1)
    assert.equal((await api.get('/')).status, 200)
  })

  test('a proxy that Node knows of (22.21, 24 and later) shares them as well, but for https, where it tunnels', {
    skip: skipTls,
  }, async (t) => {
    const server = await ntlmServer(t)
    const secure = await ntlmServer(t, { tls: tlsOptions(), bindings: true })
    const proxy = await connectProxy(t)
    const url = `http://127.0.0.1:${proxy.port}`
    const proxyEnv = { HTTP_PROXY: url, HTTPS_PROXY: url }
    const outcome = await client(t, server, {}, { httpAgent: new http.Agent({ proxyEnv }) })
      .get('/')
      .then(
        ({ status }) => status,
        ({ code }) => code,
      )
    assert.ok(outcome === 200 || outcome === 'ERR_AXIOS_NTLM_AGENT', outcome)
    const isKnown = outcome !== 200
    assert.equal(proxy.asked.length, 0)
    const api = client(t, secure, {}, { httpsAgent: new https.Agent({ ca: pki().ca.pem, proxyEnv }) })
    for (let i = 0; i < 2; i += 1) assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(secure.types, [1, 3, 0])
    assert.deepEqual(proxy.asked, isKnown ? [`127.0.0.1:${secure.port}`] : [])
  })

  test('agents that cannot lend: of the other scheme, with sockets of their own, none at all', async (t) => {
    const server = await ntlmServer(t)
    class Sharing extends http.Agent {
      addRequest(...args) {
        return super.addRequest(...args)
      }
    }
    for (const httpAgent of [new https.Agent(), new Sharing(), {}, 'agent']) {
      await assert.rejects(client(t, server, {}, { httpAgent }).get('/'), { code: 'ERR_AXIOS_NTLM_AGENT' })
    }
    assert.equal(server.log.length, 0)
  })
})

/** A proxy that does nothing but tunnel. */
async function connectProxy(t) {
  const { connect } = await import('node:net')
  const asked = []
  const other = (req, res) => {
    asked.push(req.url)
    res.end()
  }
  const server = http.createServer(other).on('connect', (req, socket) => {
    asked.push(req.url)
    const [host, port] = req.url.split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const end of [socket, onward]) end.on('error', () => {})
    t.after(() => [socket, onward].map((end) => end.destroy()))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { port: server.address().port, asked }
}

describe('options', () => {
  const mistakes = [
    [{}, 'username'],
    [{ username: 'a' }, 'password'],
    [{ username: '', password: 'p' }, 'username'],
    [{ username: 7, password: 'p' }, 'username'],
    [{ username: 'a\r\nb', password: 'p' }, 'username'],
    [{ username: 'a\ud800', password: 'p' }, 'username'],
    [{ username: 'a'.repeat(257), password: 'p' }, 'username'],
    [{ username: '\\a', password: 'p' }, 'username'],
    [{ username: 'D\\', password: 'p' }, 'username'],
    [{ username: 'D\\E\\a', password: 'p' }, 'username'],
    [{ username: 'D\\a', domain: 'E', password: 'p' }, 'domain'],
    [{ username: 'a', password: '' }, 'password'],
    [{ username: 'a', password: '  ' }, 'password'],
    [{ username: 'a', password: Buffer.from('octets') }, 'password'],
    [{ username: 'a', password: () => 'p' }, 'password'],
    [{ username: 'a', password: 'p', workstation: 'x\u0000' }, 'workstation'],
    [{ username: 'a', password: 'p', targetName: 7 }, 'targetName'],
    [{ username: 'a', password: 'p', channelBinding: 'no' }, 'channelBinding'],
    [{ username: 'a', password: 'p', maxConnections: 0 }, 'maxConnections'],
    [{ username: 'a', password: 'p', maxConnections: Number.POSITIVE_INFINITY }, 'maxConnections'],
    [{ username: 'a', password: 'p', idleTimeoutMs: 2 ** 31 }, 'idleTimeoutMs'],
    [{ username: 'a', password: 'p', now: 7 }, 'now'],
    [{ username: 'a', password: 'p', ntlmv1: true }, 'ntlmv1'],
    [{ username: 'a', password: 'p', origins: 'http://api.example.com' }, 'origins'],
  ]
  for (const [i, [options, name]] of mistakes.entries()) {
    test(`mistake ${i}: a TypeError that names ntlm and ${name}`, () => {
      assert.throws(
        () => ntlm(options),
        (error) => error instanceof TypeError && error.message.startsWith('ntlm: option "') && error.message.includes(name),
      )
    })
  }

  test('S16: what stands on Object.prototype is no option', async (t) => {
    const server = await ntlmServer(t)
    Object.prototype.domain = 'EVIL'
    Object.prototype.httpAgent = {}
    t.after(() => {
      delete Object.prototype.domain
      delete Object.prototype.httpAgent
    })
    assert.equal((await client(t, server).get('/')).data, 'EXAMPLE\\alice 0')
  })

  test('a password that has expired: ERR_AXIOS_NO_SECRET', async (t) => {
    const server = await ntlmServer(t)
    let now = 0
    const password = [{ secret: 'Password', notAfter: new Date(1_000) }]
    const api = client(t, server, { password, now: () => now })
    now = 2_000
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NO_SECRET' })
    assert.deepEqual(
      server.types.filter((type) => type === 3),
      [],
    )
  })
})

describe('a server that takes NTLM inside Negotiate alone', () => {
  const within = { fields: ['Negotiate'], scheme: 'Negotiate' }

  test('it is found out once; further handshakes begin so, and the body goes with the last message alone', async (t) => {
    const server = await ntlmServer(t, within)
    const api = client(t, server)
    assert.equal((await api.post('/', 'a body')).data, 'EXAMPLE\\alice 6')
    assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(
      server.log.map(({ type, scheme, length }) => [type, scheme, length]),
      [
        [1, 'NTLM', 0],
        [1, 'Negotiate', 0],
        [3, 'Negotiate', 6],
        [0, undefined, 0],
      ],
    )
    assert.equal(server.opened, 1)
    const answers = await Promise.all(Array.from({ length: 3 }, () => api.get('/')))
    assert.ok(answers.every(({ status }) => status === 200))
    assert.ok(server.log.slice(4).every(({ scheme }) => scheme !== 'NTLM'))
  })

  test('P47: 50 of 50 at once over 1, 5 and any number of connections', async (t) => {
    for (const maxConnections of [1, 5, undefined]) {
      const server = await ntlmServer(t, within)
      const api = client(t, server, { maxConnections })
      const answers = await Promise.all(Array.from({ length: 50 }, () => api.get('/')))
      assert.ok(answers.every(({ status }) => status === 200))
      assert.ok(server.opened <= (maxConnections ?? 50))
    }
  })

  test('a wrong password ends with its 401, and so does the next call', async (t) => {
    const server = await ntlmServer(t, within)
    const api = client(t, server, { password: 'Passw0rd' })
    await assert.rejects(api.get('/'), refused(401))
    assert.deepEqual(server.types, [1, 1, 3])
    await assert.rejects(api.get('/'), refused(401))
    assert.deepEqual(server.types, [1, 1, 3, 1, 1, 3])
  })

  test('one that closes the connection with its refusal of NTLM gets Negotiate over another', async (t) => {
    const server = await ntlmServer(t, { ...within, closes: true })
    assert.equal((await client(t, server).post('/', 'a body')).data, 'EXAMPLE\\alice 6')
    assert.deepEqual(server.types, [1, 1, 3])
    assert.equal(server.opened, 2)
  })

  test('one that takes NTLM alone from now on refuses once', async (t) => {
    const options = { ...within }
    const server = await ntlmServer(t, options)
    const api = client(t, server)
    assert.equal((await api.get('/')).status, 200)
    Object.assign(options, { fields: ['NTLM'], scheme: 'NTLM' })
    const two = () => Promise.all(['/1', '/2'].map((path) => api.get(path, { validateStatus: null }).then(({ status }) => status)))
    assert.deepEqual(await two(), [200, 401])
    assert.deepEqual(await two(), [200, 200])
  })
})
