// A Basic check that was right before, beside passport-http that compares a plain password.
import { createRequire } from 'node:module'
import { basicAuthenticator } from '@countersign/client-group'
import { clientGroup } from '@countersign/client-group/express'
import { memoryClients } from '@countersign/core'
import { protect } from '@countersign/core/express'
import { batch, expressLike, RESPONSE, timed } from './support/middleware.js'

const require = createRequire(import.meta.url)
const { Passport } = require('passport')
const { BasicStrategy } = require('passport-http')

const AUTHORIZATION = `Basic ${Buffer.from('admin:secret123').toString('base64')}`

export const title = 'Basic: one request whose password was right a moment ago, called without a server'

export async function* run({ quick = false } = {}) {
  const clients = memoryClients({ clients: [{ id: 'admin', groups: ['staff'], credentials: [{ kind: 'basic', password: 'secret123' }] }] })
  const authenticator = basicAuthenticator({ clients, cacheSeconds: 3600 })
  const middlewares = {
    basic: protect(authenticator),
    group: clientGroup({ clients, group: 'staff', cacheSeconds: 3600 }),
    passport: passport(),
  }
  await authenticator.authenticate(plainRequest())
  await new Promise((resolve) => middlewares.group(plainRequest(), RESPONSE, resolve))
  // passport-http calls `new Buffer`, and Node would say so.
  process.noDeprecation = true
  const rounds = quick ? 3 : 21
  const request = plainRequest()
  const alone = () => {
    const began = process.hrtime.bigint()
    for (let i = 0; i < 5000; i += 1) if (authenticator.authenticate(request).kind !== 'granted') throw new Error('not granted')
    return Number(process.hrtime.bigint() - began) / 5000
  }
  const lone = timed({ alone, passport: batch(middlewares.passport, plainRequest, 5000) }, rounds)
  yield row('basicAuthenticator alone', lone.alone, lone.passport)
  // The plain ones first: whoever has seen both kinds is slower with either.
  const makers = { 'a plain object for a request': plainRequest, 'a request as Express makes it': expressRequest }
  for (const [kind, make] of Object.entries(makers)) {
    const functions = {}
    for (const [name, middleware] of Object.entries(middlewares)) functions[name] = batch(middleware, make, 2000)
    const figures = timed(functions, rounds)
    yield row(`protect(basicAuthenticator); ${kind}`, figures.basic, figures.passport)
    yield row(`clientGroup, Basic and API keys; ${kind}`, figures.group, figures.passport)
  }
}

function row(what, ours, rival) {
  return {
    what,
    rival: 'passport + passport-http, a plain password',
    figures: `${ours.toFixed(0)} ns : ${rival.toFixed(0)} ns`,
    ratio: ours / rival,
    reach: '<= 2.0',
  }
}

function plainRequest() {
  return {
    method: 'GET',
    url: '/',
    headers: { host: 'x', authorization: AUTHORIZATION },
    rawHeaders: ['Host', 'x', 'Authorization', AUTHORIZATION],
  }
}

function passport() {
  const own = new Passport()
  own.use(new BasicStrategy((user, password, done) => done(null, user === 'admin' && password === 'secret123' ? { id: user } : false)))
  return own.authenticate('basic', { session: false })
}

function expressRequest() {
  return expressLike(plainRequest())
}
