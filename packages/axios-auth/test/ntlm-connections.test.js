/** The connections of ntlm: how many there are, whose they are, and what becomes of a request when one goes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { describe, mock, test } from 'node:test'
import { ntlm } from '@countersign/axios-auth/ntlm'
import axios from 'axios'
import { gate } from '../../../test/support/promises.js'
import { turns, within } from '../../../test/support/raw-http.js'
import { ntlmServer } from './ntlm-server.js'

const ALICE = { username: 'EXAMPLE\\alice', password: 'Password' }
const BOB = { username: 'EXAMPLE\\bob', password: 'P@ssw0rd' }

function client(t, server, options = {}, config = {}) {
  const api = axios.create({ baseURL: server.origin, ...config })
  const interceptor = ntlm({ ...ALICE, ...options })
  api.interceptors.request.use(interceptor)
  t.after(() => interceptor.dispose())
  return Object.assign(api, { dispose: interceptor.dispose, interceptor })
}

/** Whether the server's socket has gone, and the client has heard of it. */
async function closed(socket) {
  if (!socket.destroyed) await within(once(socket, 'close'), 'the end of a connection')
  await turns(10)
}

/** Closes every connection of the server from its side. */
async function hangUp(server) {
  const sockets = [...server.sockets.keys()]
  for (const socket of sockets) socket.end()
  await Promise.all(sockets.map(closed))
}

const refused = (status) => (error) => error.response?.status === status

describe('P47: a connection that goes', () => {
  for (const [what, leave] of [
    [
      'closed by its type 2 answer',
      (_, res) => {
        res.setHeader('Connection', 'close')
        return false
      },
    ],
    [
      'cut instead of a type 2 answer',
      (req) => {
        req.socket.destroy()
        return true
      },
    ],
  ]) {
    test(`${what}, always: no loop`, async (t) => {
      const server = await ntlmServer(t, { on: { type1: leave } })
      await assert.rejects(client(t, server).get('/'), { code: /^ERR_AXIOS_NTLM_CONNECTION$|^ECONNRESET$/ })
      assert.ok(server.log.length <= 2)
      assert.ok(!server.types.includes(3))
    })
  }

  test('closed by its type 2 answer, once: the handshake begins anew on another, once', async (t) => {
    let left = 1
    const type1 = (_, res) => {
      if (left > 0) res.setHeader('Connection', 'close')
      left -= 1
      return false
    }
    const server = await ntlmServer(t, { on: { type1 } })
    const api = client(t, server)
    assert.equal((await api.post('/', 'body')).data, 'EXAMPLE\\alice 4')
    assert.deepEqual(
      server.log.map(({ type, socket, length }) => [type, socket, length]),
      [
        [1, 1, 0],
        [1, 2, 0],
        [3, 2, 4],
      ],
    )
  })

  test('idle, and closed by the server: the next request signs in again', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server)
    await api.get('/')
    await hangUp(server)
    assert.equal((await api.post('/', 'body')).status, 200)
    assert.deepEqual(server.types, [1, 3, 1, 3])
  })

  test('cut when a request arrives: what is idempotent is sent again after a handshake, a POST is not', async (t) => {
    let cuts = 0
    const signedIn = (req) => {
      cuts += 1
      req.socket.destroy()
      return true
    }
    const server = await ntlmServer(t, { on: { signedIn } })
    const api = client(t, server)
    await api.get('/')
    assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 1, 3])
    await assert.rejects(api.post('/', 'order'), { code: 'ECONNRESET' })
    assert.deepEqual(server.types, [1, 3, 0, 1, 3, 0])
    assert.equal(cuts, 2)
    assert.equal((await api.post('/', 'order')).status, 200)
  })

  test('cut whenever type 3 arrives: two handshakes at most', async (t) => {
    const type3 = (req) => {
      req.socket.destroy()
      return true
    }
    const server = await ntlmServer(t, { on: { type3 } })
    await assert.rejects(client(t, server).get('/'))
    assert.ok(server.log.length <= 4)
    const before = server.log.length
    await assert.rejects(client(t, server).post('/', 'order'), { code: 'ECONNRESET' })
    assert.deepEqual(server.types.slice(before), [1, 3])
  })

  test('closed by the answer: the next request signs in again', async (t) => {
    const close = (_, res) => {
      res.setHeader('Connection', 'close')
      return false
    }
    const server = await ntlmServer(t, { on: { type3: close } })
    const api = client(t, server)
    for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 1, 3, 1, 3])
  })
})

describe('P47: a connection that is signed out', () => {
  test('one handshake on the same connection, and the body again', async (t) => {
    let asked = 0
    const server = await ntlmServer(t, {
      on: {
        signedIn: (_, res, state) => {
          asked += 1
          if (asked !== 2) return false
          state.user = undefined
          res.writeHead(401, ['WWW-Authenticate', 'Negotiate', 'WWW-Authenticate', 'NTLM', 'Content-Length', '0']).end()
          return true
        },
      },
    })
    const api = client(t, server)
    for (let i = 0; i < 4; i += 1) assert.equal((await api.post('/', 'body')).data, 'EXAMPLE\\alice 4')
    assert.deepEqual(server.types, [1, 3, 0, 0, 1, 3, 0])
    assert.equal(server.opened, 1)
  })

  test('a server that forgets at once: a handshake for each request, and no loop', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (_, res) => {
          res.writeHead(401, ['WWW-Authenticate', 'NTLM', 'Content-Length', '0']).end()
          return true
        },
      },
    })
    const api = client(t, server)
    for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 1, 3, 0, 1, 3])
  })

  test('a 401 without an NTLM challenge is the answer', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (_, res) => {
          res.writeHead(401, ['WWW-Authenticate', 'Bearer', 'Content-Length', '0']).end()
          return true
        },
      },
    })
    const api = client(t, server)
    await api.get('/')
    await assert.rejects(api.get('/'), refused(401))
    assert.deepEqual(server.types, [1, 3, 0])
  })
})

describe('P47: a pool', () => {
  for (const maxConnections of [1, 5, undefined]) {
    test(`50 of 50 in parallel on ${maxConnections ?? 'any number of'} connections, each signed in once`, async (t) => {
      const server = await ntlmServer(t, { mic: true })
      const api = client(t, server, maxConnections === undefined ? {} : { maxConnections })
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => api.post(`/${i}`, `${i}`)))
      assert.ok(answers.every(({ status }) => status === 200))
      const count = maxConnections ?? 50
      assert.equal(server.opened, count)
      assert.equal(server.types.filter((type) => type === 1).length, count)
      assert.equal(server.types.filter((type) => type === 3).length, count)
      assert.equal(server.log.length, 50 + count)
      const before = server.log.length
      await Promise.all(Array.from({ length: 50 }, () => api.get('/')))
      assert.equal(server.log.length - before, 50)
      assert.equal(server.opened, count)
    })
  }

  for (const [maxSockets, given, count] of [
    [1, {}, 1],
    [5, {}, 5],
    [5, { maxConnections: 2 }, 2],
    [2, { maxConnections: 5 }, 2],
    [Number.POSITIVE_INFINITY, {}, 50],
  ]) {
    test(`50 of 50 over an agent with maxSockets ${maxSockets}, ${JSON.stringify(given)}: ${count} connections`, async (t) => {
      const server = await ntlmServer(t)
      const httpAgent = new http.Agent({ keepAlive: true, maxSockets })
      t.after(() => httpAgent.destroy())
      const api = client(t, server, given, { httpAgent })
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => api.post(`/${i}`, `${i}`)))
      assert.ok(answers.every(({ status }) => status === 200))
      assert.equal(server.opened, count)
      assert.equal(server.log.length, 50 + count)
    })
  }

  test('two users over one agent of the caller, in turns and at once: no connection ever carries both', async (t) => {
    const server = await ntlmServer(t)
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 4 })
    t.after(() => httpAgent.destroy())
    const alice = client(t, server, { maxConnections: 3 }, { httpAgent })
    const bob = client(t, server, { ...BOB, maxConnections: 3 }, { httpAgent })
    const anonymous = axios.create({ baseURL: server.origin, httpAgent, validateStatus: () => true })
    const calls = Array.from({ length: 40 }, () => [
      alice.get('/').then(({ data }) => assert.equal(data, 'EXAMPLE\\alice 0')),
      bob.get('/').then(({ data }) => assert.equal(data, 'EXAMPLE\\bob 0')),
      anonymous.get('/').then(({ status }) => assert.equal(status, 401)),
    ])
    await Promise.all(calls.flat())
    const users = new Map()
    for (const { socket, type, user } of server.log) {
      if (type !== 1) users.set(socket, (users.get(socket) ?? new Set()).add(user))
    }
    assert.ok([...users.values()].every((names) => names.size === 1))
    assert.equal(server.log.filter(({ type }) => type === 3).length, 6)
  })

  test('agents of the caller are kept apart: each has connections of its own', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server)
    const one = { httpAgent: new http.Agent() }
    const two = { httpAgent: new http.Agent() }
    for (const config of [one, two, one, two]) await api.get('/', config)
    assert.deepEqual(server.types, [1, 3, 1, 3, 0, 0])
    assert.equal(server.opened, 2)
  })

  test('a response that is read as a stream holds its connection until its end', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (req, res) => {
          if (req.url !== '/big') return false
          res.end(Buffer.alloc(4_000_000))
          return true
        },
      },
    })
    const api = client(t, server, { maxConnections: 1 })
    await api.get('/')
    const { data } = await api.get('/big', { responseType: 'stream' })
    const second = api.get('/')
    await turns(50)
    assert.equal(server.log.length, 3)
    assert.equal(Buffer.concat(await data.toArray()).length, 4_000_000)
    assert.equal((await second).status, 200)
    assert.equal(server.opened, 1)
  })

  test('a stream that is destroyed frees its place', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (_, res) => {
          res.write('a part')
          return true
        },
      },
    })
    const api = client(t, server, { maxConnections: 1 })
    await api.get('/')
    const { data } = await api.get('/', { responseType: 'stream' })
    const next = api.get('/')
    data.destroy()
    assert.equal((await within(next, 'an answer')).status, 200)
    assert.equal(server.opened, 2)
  })

  test('who waits goes in order; who gives up, or waits too long, is told, and leaves the place to the next', async (t) => {
    const { opened, open } = gate()
    const server = await ntlmServer(t, {
      on: {
        type3: async () => {
          await opened
          return false
        },
      },
    })
    const api = client(t, server, { maxConnections: 1 })
    const order = []
    const first = api.get('/first').then(() => order.push('first'))
    const second = api.get('/second').then(() => order.push('second'))
    const given = new AbortController()
    const aborted = assert.rejects(api.get('/aborted', { signal: given.signal }), { name: 'CanceledError', code: 'ERR_CANCELED' })
    const cancelled = axios.CancelToken.source()
    const by = assert.rejects(api.get('/cancelled', { cancelToken: cancelled.token }), { name: 'CanceledError', message: 'enough' })
    const late = assert.rejects(api.get('/late', { timeout: 20 }), { name: 'AxiosAuthError', code: 'ERR_AXIOS_NTLM_BUSY' })
    const written = assert.rejects(api.get('/late', { timeout: '20' }), { name: 'AxiosAuthError', code: 'ERR_AXIOS_NTLM_BUSY' })
    const third = api.get('/third').then(() => order.push('third'))
    await turns(5)
    given.abort()
    cancelled.cancel('enough')
    await aborted
    await by
    await late
    await written
    await assert.rejects(api.get('/', { signal: AbortSignal.abort() }), { code: 'ERR_CANCELED' })
    open()
    await Promise.all([first, second, third])
    assert.deepEqual(order, ['first', 'second', 'third'])
    assert.deepEqual(
      server.log.filter(({ type }) => type !== 1).map(({ url }) => url),
      ['/first', '/second', '/third'],
    )
  })

  test('a request that is given up takes its connection along', async (t) => {
    const arrived = gate()
    const server = await ntlmServer(t, {
      on: {
        signedIn: (req) => {
          if (req.url !== '/hang') return false
          arrived.open()
          return true
        },
      },
    })
    const api = client(t, server, { maxConnections: 1 })
    await api.get('/')
    const given = new AbortController()
    const hanging = assert.rejects(api.get('/hang', { signal: given.signal }), { code: 'ERR_CANCELED' })
    await within(arrived.opened, 'the request')
    given.abort()
    await hanging
    assert.equal((await within(api.get('/'), 'an answer')).status, 200)
    assert.deepEqual(server.types, [1, 3, 0, 1, 3])
  })

  test('a server that is not there: its error, and no place is lost', async (t) => {
    const server = await ntlmServer(t)
    const api = client(t, server, { maxConnections: 1 })
    server.close()
    for (let i = 0; i < 3; i += 1) await assert.rejects(within(api.get('/'), 'an answer'), { code: 'ECONNREFUSED' })
  })
})

describe('the end of connections', () => {
  test('one that nobody uses for idleTimeoutMs is closed', async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.after(() => mock.timers.reset())
    const server = await ntlmServer(t)
    const api = client(t, server, { idleTimeoutMs: 60_000 })
    await api.get('/')
    await turns(5)
    mock.timers.tick(59_999)
    await turns(5)
    assert.equal(server.sockets.size, 1)
    const [socket] = server.sockets.keys()
    mock.timers.tick(1)
    if (!socket.destroyed) await once(socket, 'close')
    await api.get('/')
    assert.deepEqual(server.types, [1, 3, 1, 3])
  })

  test('a server that announces when it closes is not called upon its last second', async (t) => {
    const server = await ntlmServer(t, {
      on: {
        signedIn: (_, res) => {
          res.setHeader('Keep-Alive', 'timeout=2')
          return false
        },
      },
    })
    const api = client(t, server)
    await api.get('/')
    await api.get('/')
    const [socket] = server.sockets.keys()
    await closed(socket)
    await api.get('/')
    assert.deepEqual(server.types, [1, 3, 0, 1, 3])
  })

  test('a server that announces to close within a second gets its handshake, and no more', async (t) => {
    const announce = (_, res) => {
      res.setHeader('Keep-Alive', 'timeout=1')
      return false
    }
    const server = await ntlmServer(t, { on: { type1: announce, type3: announce, signedIn: announce } })
    const api = client(t, server)
    for (let i = 0; i < 2; i += 1) {
      assert.equal((await api.post('/', 'body')).status, 200)
      await Promise.all([...server.sockets.keys()].map(closed))
    }
    assert.deepEqual(server.types, [1, 3, 1, 3])
  })

  test('dispose closes idle connections, lets requests end, and refuses what waits and comes', async (t) => {
    const { opened, open } = gate()
    const arrived = gate()
    const server = await ntlmServer(t, {
      on: {
        type3: async (req) => {
          if (req.url !== '/slow') return false
          arrived.open()
          await opened
          return false
        },
      },
    })
    const api = client(t, server, { maxConnections: 2 })
    const slow = api.get('/slow')
    await within(arrived.opened, 'the request')
    await api.get('/')
    const idle = [...server.sockets.keys()][1]
    const other = client(t, server, { maxConnections: 1 })
    const otherSlow = other.get('/slow')
    const waiting = assert.rejects(other.get('/'), { name: 'AxiosAuthError', code: 'ERR_AXIOS_NTLM_DISPOSED' })
    await turns(5)
    await api.dispose()
    await other.interceptor[Symbol.asyncDispose]()
    await closed(idle)
    await waiting
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NTLM_DISPOSED' })
    open()
    assert.equal((await slow).status, 200)
    assert.equal((await otherSlow).status, 200)
    await Promise.all([...server.sockets.keys()].map(closed))
    await api.dispose()
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NTLM_DISPOSED' })
  })
})
