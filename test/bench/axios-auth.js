// What a warm interceptor costs beside bare axios: one call after the other over one kept connection on loopback.
import { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { apiKey, basic, bearer, hmac } from '@countersign/axios-auth'
import { hexSignature } from '@countersign/schemes'
import axios from 'axios'
import { median, startServer } from './measure.js'

export const title = 'axios-auth: one call of axios over a kept connection'

const SERVER = fileURLToPath(new URL('servers/plain.js', import.meta.url))
const SECRET = 'a secret of some length for benches'
/** 1 KiB of JSON. */
const BODY = { order_id: '12345', note: 'x'.repeat(1024 - 33) }

export async function* run({ quick = false } = {}) {
  const server = await startServer(SERVER, [])
  const origin = `http://127.0.0.1:${server.port}`
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const client = (...interceptors) => {
    const api = axios.create({ baseURL: origin, httpAgent: agent })
    for (const one of interceptors) api.interceptors.request.use(one)
    return api
  }
  const plain = { bare: client(), noop: client((config) => config) }
  const get = (api) => () => api.get('/orders/12345')
  const post = (api) => () => api.post('/orders', BODY)
  const gets = {
    basic: get(client(basic({ username: 'billing', password: SECRET }))),
    apiKey: get(client(apiKey({ key: SECRET }))),
    bearer: get(client(bearer({ tokenUrl: `${origin}/token`, clientId: 'bench', clientSecret: SECRET }))),
    'apiKey and basic': get(client(apiKey({ key: SECRET }), basic({ username: 'billing', password: SECRET }))),
  }
  const calls = quick ? 1500 : 8000
  try {
    const got = await interleaved({ bare: get(plain.bare), noop: get(plain.noop), ...gets }, calls)
    yield row('an interceptor that does nothing, GET', got.noop, got.bare, '')
    for (const name of Object.keys(gets)) yield row(`${name}, GET`, got[name], got.bare, name.includes(' ') ? '' : '<= 1.03')
    const signed = client(hmac({ scheme: hexSignature, secret: SECRET }))
    const posted = await interleaved({ bare: post(plain.bare), hmac: post(signed) }, calls)
    yield row('hmac, hex HMAC-SHA256 of the body, POST of 1 KiB', posted.hmac, posted.bare, '<= 1.08')
  } finally {
    agent.destroy()
    await server.stop()
  }
}

function row(what, ours, bare, reach) {
  const figures = `${(ours / 1000).toFixed(1)} us : ${(bare / 1000).toFixed(1)} us`
  return { what, rival: 'bare axios', figures, ratio: ours / bare, reach }
}

/** Nanoseconds a call: medians of calls that take turns, so that what else the machine does befalls all alike. */
async function interleaved(functions, calls) {
  const names = Object.keys(functions)
  const figures = Object.fromEntries(names.map((name) => [name, []]))
  const warmUp = calls >> 2
  for (let i = 0; i < calls + warmUp; i += 1) {
    names.push(names.shift())
    for (const name of names) {
      const began = process.hrtime.bigint()
      await functions[name]()
      if (i >= warmUp) figures[name].push(Number(process.hrtime.bigint() - began))
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(figures[name])]))
}
