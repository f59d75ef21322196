/**
 * One harness over Express 4 and 5, Koa 2 and 3, so that a behaviour is stated once and run for all of them.
 *
 *   const app = await start('koa3', { guard: ({ protect }) => protect(authenticator), handler: ({ auth }) => ({ body: auth }) })
 *   const answer = await exchange(app.port, { method: 'POST', path: '/', body: 'x' })
 *   await app.close()
 */
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { createRequire } from 'node:module'
import { protect as protectExpress } from '@countersign/core/express'
import { protect as protectKoa } from '@countersign/core/koa'

const require = createRequire(import.meta.url)

/** The frameworks that every contract is run for: the lowest version of the peer ranges, and the newest of each major. */
export const frameworks = ['express4.18', 'express4', 'express5', 'koa2.14', 'koa2', 'koa3']

/** The body parsers of a framework, by the name that `start({ parser })` takes. */
export function parsersOf(framework) {
  return isKoa(framework) ? ['koa-bodyparser', '@koa/bodyparser', 'koa-body'] : ['json', 'raw', 'urlencoded', 'text', 'multer']
}

/** Whether a name of `frameworks` is a Koa. */
export function isKoa(framework) {
  return framework.startsWith('koa')
}

/**
 * Starts a server on 127.0.0.1, port 0.
 *
 * @param {string} framework - one of `frameworks`
 * @param {object} [setup]
 * @param {(tools: { protect: Function, kind: 'express' | 'koa' }) => Function | Function[]} [setup.guard] - the middleware under test
 * @param {Function} [setup.handler] - gets `{ auth, req, res, body, ctx }`, returns `{ status, body, headers }`, a promise of it,
 *   or nothing when it answers by itself; default 200 with `{ auth, body }` as JSON
 * @param {string} [setup.parser] - one of `parsersOf(framework)`
 * @param {'after' | 'before'} [setup.parserPlace] - where the parser stands as seen from the guard; default `after`
 * @param {object} [setup.parserOptions] - handed to the parser
 * @param {string} [setup.mount] - a prefix under which guard, parser and handler are mounted
 * @param {string} [setup.host] - an Express that has the app mounted under `/host`, Koa only
 * @param {Function[]} [setup.before] - native middlewares in front of everything
 * @param {Function[]} [setup.between] - native middlewares between the guard and what follows
 * @param {object} [setup.tls] - options of node:https (with `http2: true` of node:http2, Koa only)
 * @param {'h2c'} [setup.protocol] - HTTP/2 without TLS, Koa only
 * @param {(server: import('node:http').Server) => void} [setup.configure] - last touches before it listens
 */
export async function start(framework, setup = {}) {
  const errors = []
  const listener = isKoa(framework) ? koaApp(framework, setup, errors) : expressApp(framework, setup, errors)
  const server = serverOf(setup, listener)
  const sockets = new Set()
  server.on(setup.tls === undefined ? 'connection' : 'secureConnection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  setup.configure?.(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  return {
    framework,
    server,
    port,
    sockets,
    /** What reached the framework's error handler. */
    errors,
    url: `${setup.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function serverOf({ tls, protocol }, listener) {
  if (protocol === 'h2c') return http2.createServer(listener)
  if (tls === undefined) return http.createServer(listener)
  return tls.http2 === true ? http2.createSecureServer(tls, listener) : https.createServer(tls, listener)
}

function expressApp(framework, setup, errors) {
  const express = require(framework)
  const app = express()
  for (const middleware of setup.before ?? []) app.use(middleware)
  const chain = inOrder(setup, protectExpress, 'express', (name, options) => expressParser(express, name, options))
  const target = setup.mount === undefined ? app : express.Router()
  for (const middleware of chain) target.use(middleware)
  target.use(async (req, res, next) => {
    try {
      const reply = await (setup.handler ?? echo)({ auth: req.auth, body: req.body, req, res })
      if (reply === undefined) return
      for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
      res.status(reply.status ?? 200)
      if (Buffer.isBuffer(reply.body) || typeof reply.body === 'string') res.end(reply.body)
      else res.json(reply.body ?? null)
    } catch (error) {
      next(error)
    }
  })
  if (setup.mount !== undefined) app.use(setup.mount, target)
  app.use((error, _req, _res, next) => {
    errors.push(error)
    next(error)
  })
  // Keeps the default error handler from printing.
  app.set('env', 'test')
  return app
}

function koaApp(framework, setup, errors) {
  const Koa = require(framework)
  const app = new Koa()
  app.silent = true
  app.on('error', (error) => errors.push(error))
  for (const middleware of setup.before ?? []) app.use(middleware)
  const chain = inOrder(setup, protectKoa, 'koa', koaParser)
  const target = setup.mount === undefined ? app : new Koa()
  for (const middleware of chain) target.use(middleware)
  target.use(async (ctx) => {
    const reply = await (setup.handler ?? echo)({ auth: ctx.state.auth, body: ctx.request.body, req: ctx.req, res: ctx.res, ctx })
    if (reply === undefined) return
    ctx.status = reply.status ?? 200
    ctx.body = Buffer.isBuffer(reply.body) || typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? null)
    for (const [name, value] of Object.entries(reply.headers ?? {})) ctx.set(name, value)
  })
  if (setup.mount !== undefined) app.use(require('koa-mount')(setup.mount, target))
  return setup.host === undefined ? app.callback() : require(setup.host)().use('/host', app.callback())
}

function inOrder(setup, protect, kind, parserOf) {
  const guards = [setup.guard?.({ protect, kind }) ?? []].flat()
  const parsers = setup.parser === undefined ? [] : [parserOf(setup.parser, setup.parserOptions)].flat()
  const [first, second] = setup.parserPlace === 'before' ? [parsers, guards] : [guards, parsers]
  return [...first, ...(setup.between ?? []), ...second]
}

function expressParser(express, name, options) {
  if (name === 'multer') return require('multer')().any()
  const defaults = {
    json: {},
    raw: { type: () => true },
    text: { type: () => true },
    urlencoded: { extended: false },
  }
  return express[name]({ limit: '32mb', ...defaults[name], ...options })
}

function koaParser(name, options) {
  if (name === 'koa-body') return require('koa-body').koaBody({ multipart: true, jsonLimit: '32mb', textLimit: '32mb', ...options })
  const loaded = require(name)
  const factory = loaded.default ?? loaded.bodyParser ?? loaded
  return factory({ enableTypes: ['json', 'form', 'text'], jsonLimit: '32mb', textLimit: '32mb', ...options })
}

function echo({ auth, body }) {
  return { body: { auth, body } }
}
