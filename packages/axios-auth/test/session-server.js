import axios, { AxiosError } from 'axios'
import { gate } from '../../../test/support/promises.js'

/** An adapter of axios that answers from memory: `answer({ method, url, headers, body })` gives `{ status, headers, body }`, or throws. */
export function memoryAdapter(answer) {
  return async (config) => {
    const headers = {}
    for (const [name, value] of Object.entries(config.headers.toJSON())) headers[name.toLowerCase()] = String(value)
    const body = typeof config.data === 'string' || Buffer.isBuffer(config.data) ? config.data.toString() : ''
    const given = await answer({ method: config.method.toUpperCase(), url: new URL(config.url), headers, body, signal: config.signal })
    const text = typeof given.body === 'string' ? given.body : given.body === undefined ? '' : JSON.stringify(given.body)
    const data = config.responseType === 'arraybuffer' ? Buffer.from(text) : text
    return { status: given.status ?? 200, statusText: '', headers: given.headers ?? {}, data, config, request: {} }
  }
}

/** What a connection that breaks looks like. */
export function broken(code = 'ECONNRESET') {
  return new AxiosError('socket hang up', code)
}

export const ORIGIN = 'https://hawkeye.test'
export const PASSWORD = 'correct horse battery staple'

/**
 * A server of the kind of Keysight Hawkeye: POST /api/login gives `{ session_token }`, a wrong password 200 with a failure text; every other
 * request needs `X-Session-Token`; POST /api/logout. Each part can be replaced.
 */
export function hawkeye(replaced = {}) {
  const server = {
    sessions: new Set(),
    ended: [],
    logins: 0,
    calls: 0,
    log: [],
    issued: 0,
    issue() {
      server.issued += 1
      const token = `token-${server.issued}`
      server.sessions.add(token)
      return token
    },
    login({ body }) {
      const { password } = JSON.parse(body)
      if (password !== PASSWORD) return { status: 200, body: 'Login failed: wrong user name or password' }
      return { status: 200, body: { session_token: server.issue() } }
    },
    logout({ headers }) {
      const token = headers['x-session-token']
      if (!server.sessions.delete(token)) return { status: 401 }
      server.ended.push(token)
      return { status: 204 }
    },
    call({ headers, url }) {
      if (!server.sessions.has(headers['x-session-token'])) return { status: 401, body: { error: 'no session' } }
      return { status: 200, body: { path: url.pathname } }
    },
    ...replaced,
  }
  server.answer = (request) => {
    server.log.push(`${request.method} ${request.url.pathname}`)
    if (request.url.pathname === '/api/login') {
      server.logins += 1
      return server.login(request)
    }
    if (request.url.pathname === '/api/logout') return server.logout(request)
    server.calls += 1
    return server.call(request)
  }
  /** Logins wait from now on; returns what lets them go on. */
  server.holdLogins = () => {
    const { opened, open } = gate()
    const { login } = server
    server.login = async (request) => {
      await opened
      return login(request)
    }
    return open
  }
  server.adapter = memoryAdapter((request) => server.answer(request))
  server.api = () => axios.create({ baseURL: `${ORIGIN}/api`, adapter: server.adapter })
  server.options = (more = {}) => ({
    login: { url: '/login', data: { username: 'api', password: PASSWORD }, token: 'session_token', ...more.login },
    carry: { header: 'X-Session-Token' },
    logout: { url: '/logout' },
    adapter: server.adapter,
    sleep: async () => {},
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'login')),
  })
  return server
}

/** Whether an error has a code. */
export const isCode = (code) => (error) => error.code === code

/** An instance with a session on it. */
export function signedIn(server, guard) {
  const api = server.api()
  api.interceptors.request.use(guard)
  return api
}

/** A clock that stands until it is moved, seconds. */
export function stoppedClock(seconds = 1_700_000_000) {
  let at = seconds * 1000
  const now = () => at
  now.pass = (more) => {
    at += more * 1000
  }
  return now
}

/** Lets everything that is ready run. */
export function turns(count = 20) {
  let done = Promise.resolve()
  for (let i = 0; i < count; i += 1) done = done.then(() => new Promise((resolve) => setImmediate(resolve)))
  return done
}
