// One variant of a guarded server: `node hmac.js <express|koa> <variant>`. Prints its port.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { hmacVerify as expressVerify } from '@countersign/hmac-verify/express'
import { hmacVerify as koaVerify } from '@countersign/hmac-verify/koa'
import { bodyParser } from '@koa/bodyparser'
import express from 'express'
import Koa from 'koa'

const SECRET = 'an-example-secret-of-32-octets!!'
const [framework, variant] = process.argv.slice(2)

function holds(header, body) {
  const given = Buffer.from(header ?? '', 'hex')
  const expected = createHmac('sha256', SECRET).update(body).digest()
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** What people write by hand: collect, concatenate, createHmac. */
function readRaw(req) {
  return new Promise((resolve, reject) => {
    const chunks = []
    req.on('data', (chunk) => chunks.push(chunk))
    req.on('end', () => resolve(Buffer.concat(chunks)))
    req.on('error', reject)
  })
}

const onExpress = {
  none: [],
  ours: [expressVerify({ secret: SECRET })],
  hand: [
    (req, res, next) => {
      readRaw(req).then((body) => (holds(req.headers['x-signature'], body) ? next() : res.status(401).end()), next)
    },
  ],
  'none+json': [express.json()],
  'ours+json': [expressVerify({ secret: SECRET }), express.json()],
  'hand+json': [
    express.json({
      verify: (req, _res, body) => {
        if (!holds(req.headers['x-signature'], body)) throw new Error('invalid signature')
      },
    }),
  ],
}

const onKoa = {
  none: [],
  ours: [koaVerify({ secret: SECRET })],
  hand: [
    async (ctx, next) => {
      if (holds(ctx.get('x-signature'), await readRaw(ctx.req))) await next()
      else ctx.status = 401
    },
  ],
  'none+json': [bodyParser()],
  'ours+json': [koaVerify({ secret: SECRET }), bodyParser()],
  'hand+json': [
    bodyParser(),
    async (ctx, next) => {
      if (holds(ctx.get('x-signature'), ctx.request.rawBody)) await next()
      else ctx.status = 401
    },
  ],
}

function expressListener() {
  const app = express()
  app.post('/hook', ...onExpress[variant], (_req, res) => {
    res.setHeader('content-type', 'application/json')
    res.end('{"status":"ok"}')
  })
  return app
}

function koaListener() {
  const app = new Koa()
  for (const middleware of onKoa[variant]) app.use(middleware)
  app.use((ctx) => {
    ctx.type = 'application/json'
    ctx.body = '{"status":"ok"}'
  })
  return app.callback()
}

const server = createServer(framework === 'koa' ? koaListener() : expressListener())
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
