// An API key that is kept as a digest, beside passport-headerapikey over a Map of plain keys, and how both grow with the number of keys.
import { createRequire } from 'node:module'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { apiKey } from '@countersign/api-key/express'
import { memoryClients, newApiKey } from '@countersign/core'
import { costs } from './measure.js'
import { batch, expressLike, timed } from './support/middleware.js'

const require = createRequire(import.meta.url)
const { Passport } = require('passport')
const { HeaderAPIKeyStrategy } = require('passport-headerapikey')

const FEW = 1000
const MANY = 1_000_000

export const title = 'api-key: one request, called without a server'

export async function* run({ quick = false } = {}) {
  const rounds = quick ? 3 : 21
  yield* besidePassport(rounds)
  yield* growth(rounds, quick ? 100_000 : MANY)
}

function* besidePassport(rounds) {
  const [key] = keysOf(1)
  const clients = registry([key])
  const middlewares = {
    inline: apiKey({ keys: { acme: key } }),
    registry: apiKey({ clients }),
    passport: passport(new Map([[key, { id: 'acme' }]])),
  }
  const what = { inline: 'keys inline', registry: 'a registry that records last use' }
  yield* alone(clients, middlewares.passport, key, rounds)
  // The plain ones first: whoever has seen both kinds is slower with either.
  const makers = {
    'a plain object for a request': () => plainRequest(key),
    'a request as Express makes it': () => expressLike(plainRequest(key)),
  }
  for (const [kind, make] of Object.entries(makers)) {
    const calls = 2000
    const functions = {}
    for (const [name, middleware] of Object.entries(middlewares)) functions[name] = batch(middleware, make, calls)
    const figures = timed(functions, rounds)
    for (const name of ['inline', 'registry']) {
      yield {
        what: `apiKey, ${what[name]}; ${kind}`,
        rival: 'passport + passport-headerapikey, a Map of plain keys',
        figures: `${figures[name].toFixed(0)} ns : ${figures.passport.toFixed(0)} ns`,
        ratio: figures[name] / figures.passport,
        reach: '<= 1.0',
      }
    }
  }
}

/** What the key costs, without what any guard costs. */
function* alone(clients, rival, key, rounds) {
  const authenticator = apiKeyAuthenticator({ clients })
  const request = { method: 'GET', target: '/', headers: {}, rawHeaders: ['Host', 'x', 'X-API-Key', key] }
  const decide = () => {
    if (authenticator.authenticate(request).kind !== 'granted') throw new Error('not granted')
  }
  const calls = 5000
  const decisions = () => {
    const began = process.hrtime.bigint()
    for (let i = 0; i < calls; i += 1) decide()
    return Number(process.hrtime.bigint() - began) / calls
  }
  const figures = timed({ decide: decisions, passport: batch(rival, () => plainRequest(key), calls) }, rounds)
  yield {
    what: 'apiKeyAuthenticator alone, a registry',
    rival: 'passport + passport-headerapikey, a plain object for a request',
    figures: `${figures.decide.toFixed(0)} ns : ${figures.passport.toFixed(0)} ns`,
    ratio: figures.decide / figures.passport,
    reach: '<= 1.0',
  }
}

function* growth(rounds, many) {
  const sizes = { few: keysOf(FEW), many: keysOf(many) }
  const functions = {}
  for (const [size, keys] of Object.entries(sizes)) {
    const map = new Map(keys.map((key) => [key, { id: key }]))
    const authenticator = apiKeyAuthenticator({ clients: registry(keys) })
    shuffle(keys)
    const each = cycle(keys)
    const request = { method: 'GET', target: '/', headers: {}, rawHeaders: ['Host', 'x', 'X-API-Key', ''] }
    functions[`ours ${size}`] = () => {
      request.rawHeaders[3] = each()
      if (authenticator.authenticate(request).kind !== 'granted') throw new Error('not granted')
    }
    functions[`map ${size}`] = () => {
      if (map.get(each()) === undefined) throw new Error('not there')
    }
  }
  const figures = costs(functions, { rounds, calls: 50_000 })
  const ours = figures['ours many'] / figures['ours few']
  const bare = figures['map many'] / figures['map few']
  yield {
    what: `growth of apiKeyAuthenticator from ${FEW} to ${many} clients`,
    rival: 'growth of a bare Map of the same keys',
    figures: `${ours.toFixed(2)} (${pair(figures, 'ours')}) : ${bare.toFixed(2)} (${pair(figures, 'map')})`,
    ratio: ours / bare,
    reach: '<= 1.2',
  }
}

function pair(figures, name) {
  return `${figures[`${name} few`].toFixed(0)} to ${figures[`${name} many`].toFixed(0)} ns`
}

function keysOf(count) {
  return Array.from({ length: count }, () => newApiKey())
}

function registry(keys) {
  return memoryClients({
    clients: keys.map((key, i) => ({ id: `client-${i}`, groups: ['partners'], credentials: [{ kind: 'api-key', key }] })),
  })
}

function passport(map) {
  const own = new Passport()
  own.use(new HeaderAPIKeyStrategy({ header: 'X-API-Key', prefix: '' }, false, (key, done) => done(null, map.get(key) ?? false)))
  return own.authenticate('headerapikey', { session: false })
}

function plainRequest(key) {
  return { method: 'GET', url: '/', headers: { host: 'x', 'x-api-key': key }, rawHeaders: ['Host', 'x', 'X-API-Key', key] }
}

function cycle(items) {
  let at = 0
  return () => {
    at = at + 1 === items.length ? 0 : at + 1
    return items[at]
  }
}

function shuffle(items) {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1))
    const swapped = items[i]
    items[i] = items[j]
    items[j] = swapped
  }
}
