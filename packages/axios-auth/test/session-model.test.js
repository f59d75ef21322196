import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { seeded } from '../../../test/support/random.js'
import { memoryAdapter, stoppedClock, turns } from './session-server.js'

/** How servers say that a session is over, and how the options tell. */
const WAYS = {
  401: { answer: { status: 401, headers: { 'set-cookie': ['sid=; Max-Age=0; Path=/'] } } },
  302: {
    answer: { status: 302, headers: { location: '/login' } },
    expired: (answer) => answer.status === 302 && answer.header('location') === '/login',
  },
  200: { answer: { status: 200, body: '<form>' }, expired: (answer) => answer.text() === '<form>' },
}

/**
 * A server whose answers take 6 to 12 turns, so that answers to others overtake a request twice at most. `changes`: each answer has a new cookie, and older ones hold as well, as where the cookie is the
 * session. `server.forget()` ends all sessions.
 */
function anyServer({ pick, way, changes }) {
  const server = { made: 0, logins: 0, live: new Map() }
  const wait = () => turns(3 + pick(4))
  const issue = (session) => {
    server.made += 1
    server.live.set(`c${server.made}`, session)
    return { 'set-cookie': [`sid=c${server.made}; Path=/`] }
  }
  const leave = (session) => {
    for (const [cookie, other] of server.live) if (other === session) server.live.delete(cookie)
    return { status: 204 }
  }
  server.forget = () => server.live.clear()
  server.adapter = memoryAdapter(async ({ method, url, headers }) => {
    await wait()
    const isForm = url.pathname === '/login' && method === 'GET'
    if (url.pathname === '/login' && !isForm) {
      server.logins += 1
      return wait().then(() => ({ headers: issue({}) }))
    }
    const known = server.live.get(/sid=(\w+)/.exec(headers.cookie ?? '')?.[1])
    if (known !== undefined && url.pathname === '/logout') return leave(known)
    if (known === undefined || isForm) return wait().then(() => (isForm ? { body: '<form>' } : way.answer))
    const answer = { headers: changes ? issue(known) : {}, body: 'done' }
    await wait()
    return pick(10) === 0 && url.pathname === '/x' ? { ...answer, status: 302, headers: { ...answer.headers, location: '/y' } } : answer
  })
  return server
}

/** One request: an upload, or one that is given up, or neither. */
async function request(api, pick) {
  const isUpload = pick(10) === 0
  const controller = new AbortController()
  if (pick(10) === 0) turns(pick(16)).then(() => controller.abort())
  const { signal } = controller
  try {
    return (await (isUpload ? api.post('/x', Readable.from(['a']), { signal }) : api.get('/x', { signal }))).data
  } catch (error) {
    const isExpected = error.code === 'ERR_CANCELED' || (isUpload && error.cause?.code === 'ERR_AXIOS_BODY_SPENT')
    return isExpected ? 'done' : `${error.message} (${error.response?.status})`
  }
}

/** Rounds of requests at once, during which the server may forget its sessions once; then all is as it was. */
async function play(seed, way, changes, maxSessions) {
  const random = seeded(seed)
  const pick = (count) => Math.floor(random() * count)
  const now = stoppedClock()
  const server = anyServer({ pick, way, changes })
  const { adapter } = server
  const logout = { url: '/logout' }
  const options = { login: { url: '/login', token: { cookie: 'sid' } }, logout, maxSessions, adapter, now, sleep: async () => {} }
  const guard = session(way.expired === undefined ? options : { ...options, expired: way.expired })
  const api = axios.create({ baseURL: 'https://any.test', adapter })
  api.interceptors.request.use(guard)
  for (let round = 0; round < 3; round += 1) {
    const requests = []
    for (let i = 0; i <= pick(8); i += 1) {
      requests.push(request(api, pick))
      await turns(pick(6))
    }
    if (pick(3) > 0) server.forget()
    for (const data of await Promise.all(requests)) assert.equal(data, 'done')
    await turns(26)
    now.pass(60)
    for (const { data } of await Promise.all(Array.from({ length: maxSessions }, () => api.get('/x')))) assert.equal(data, 'done')
  }
  const { logins } = server
  assert.ok(logins <= 4 * maxSessions + 3, `${logins} logins`)
  await guard.dispose()
  await turns(26)
  assert.equal(server.live.size, 0, 'each session is logged out')
}

const runs = process.env.COUNTERSIGN_LONG ? 500 : 30

for (const name of Object.keys(WAYS)) {
  for (const changes of [false, true]) {
    for (const maxSessions of [1, 3]) {
      const what = `${changes ? 'a cookie that each answer changes' : 'a cookie that stays'}, ${maxSessions} sessions`
      test(`P49: whenever the server forgets its sessions (${name}), every request that can be sent again succeeds: ${what}`, async () => {
        for (let seed = 1; seed <= runs; seed += 1) {
          await play(seed, WAYS[name], changes, maxSessions).catch((error) => {
            error.message = `seed ${seed}: ${error.message}`
            throw error
          })
        }
      })
    }
  }
}
