import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import axios, { AxiosError } from 'axios'

/** Of each of two kinds. */
const SESSIONS = process.env.COUNTERSIGN_LONG ? 50_000 : 5_000
const ORIGIN = 'https://faulty.test'

/** mulberry32: the same faults in each run. */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * A server that fails at random: logins that are refused, break, or answer late; calls that say that the session is over, truly or not; logouts that
 * are lost on the way there or back. `sessions` holds, for each login that was answered with a token, what became of it.
 */
function faultyServer(random) {
  const sessions = new Map()
  const state = { sessions, logins: 0, calls: 0, overlapping: 0 }
  const later = (turns) => {
    let done = Promise.resolve()
    for (let i = 0; i < turns; i += 1) done = done.then(() => new Promise((resolve) => setImmediate(resolve)))
    return done
  }
  const login = async () => {
    state.logins += 1
    const luck = random()
    if (luck < 0.03) throw new AxiosError('reset', 'ECONNRESET')
    if (luck < 0.06) return { status: 500 }
    if (luck < 0.08) return { status: 200, data: 'Login failed' }
    const token = `s${sessions.size + 1}`
    sessions.set(token, { alive: true, tries: 0, done: 0, inFlight: false })
    await later(Math.floor(random() * 4))
    return { status: 200, data: JSON.stringify({ token }) }
  }
  const logout = async (token) => {
    const known = sessions.get(token)
    assert.ok(known !== undefined, 'a logout of what was never open')
    known.tries += 1
    if (known.inFlight || known.done > 0) state.overlapping += 1
    known.inFlight = true
    await later(Math.floor(random() * 2))
    known.inFlight = false
    const luck = random()
    if (luck < 0.25) throw new AxiosError('reset', 'ECONNRESET')
    if (luck < 0.4) return { status: 503 }
    if (luck < 0.43) {
      known.final = true
      return { status: 403 }
    }
    known.done += 1
    const status = known.alive ? 204 : 401
    known.alive = false
    return { status }
  }
  const call = async (token) => {
    state.calls += 1
    const known = sessions.get(token)
    await later(Math.floor(random() * 2))
    const luck = random()
    if (luck < 0.02) throw new AxiosError('reset', 'ECONNRESET')
    if (luck < 0.05 && known !== undefined) known.alive = false
    return { status: known?.alive ? (luck < 0.08 ? 500 : 200) : 401 }
  }
  state.adapter = async (config) => {
    const path = new URL(config.url).pathname
    const token = config.headers.get('X-Token')
    const { status, data = '' } = await (path === '/login' ? login() : path === '/logout' ? logout(token) : call(token))
    return { status, statusText: '', headers: {}, data, config, request: {} }
  }
  return state
}

describe('10,000 sessions under random faults', () => {
  for (const [name, maxSessions, seed] of [
    ['one of its own for each interceptor', 1, 1],
    ['leased, four at a time', 4, 2],
  ]) {
    test(`P49: ${name}: none is forgotten, none is logged out twice, each lost one is reported`, async () => {
      const random = seeded(seed)
      const server = faultyServer(random)
      const lost = []
      let pauses = 0
      const options = {
        login: { url: '/login', data: { username: 'api', password: 'secret' }, token: 'token' },
        carry: { header: 'X-Token' },
        logout: { url: '/logout' },
        maxSessions,
        adapter: server.adapter,
        onLogoutLost: (report) => lost.push(report),
        sleep: async () => {
          pauses += 1
        },
      }
      const use = async () => {
        const guard = session(options)
        const api = axios.create({ baseURL: ORIGIN, adapter: server.adapter })
        api.interceptors.request.use(guard)
        const abort = new AbortController()
        const users = Array.from({ length: 1 + Math.floor(random() * 6) }, () => async () => {
          const signal = random() < 0.2 ? abort.signal : undefined
          const block = async (own) => {
            await own.get('/a', { signal })
            if (random() < 0.1) throw new Error('the call failed')
            await own.get('/b', { signal })
          }
          return random() < 0.5 ? guard.withSession(api, block, { signal }) : block(api)
        })
        const running = Promise.allSettled(users.map((user) => user()))
        if (random() < 0.3) abort.abort()
        if (random() < 0.6) await running
        await guard.dispose()
        await running
      }
      while (server.sessions.size < SESSIONS) await Promise.all(Array.from({ length: 500 }, use))
      const all = [...server.sessions.values()]
      assert.ok(all.length >= SESSIONS)
      assert.deepEqual(
        {
          forgotten: all.filter(({ tries }) => tries === 0).length,
          tooOften: all.filter(({ tries }) => tries > 3).length,
          twice: all.filter(({ done }) => done > 1).length,
          overlapping: server.overlapping,
          unreported: all.filter(({ done }) => done === 0).length - lost.length,
        },
        { forgotten: 0, tooOften: 0, twice: 0, overlapping: 0, unreported: 0 },
      )
      // The faults did come: or nothing has been shown.
      assert.ok(lost.length > 50 && pauses > 1000 && lost.some(({ tries }) => tries === 1) && lost.some(({ tries }) => tries === 3))
      assert.ok(server.calls > SESSIONS / 2 && server.logins > all.length * 1.02)
    })
  }
})
