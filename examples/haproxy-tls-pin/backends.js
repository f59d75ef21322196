import { haproxy, headers, nginx } from '@countersign/tls-pin'
import { tlsPin as expressPin } from '@countersign/tls-pin/express'
import { tlsPin as koaPin } from '@countersign/tls-pin/koa'
import Router from '@koa/router'
import express from 'express'
import Koa from 'koa'

// HAProxy and nginx run on this machine, so that nobody else may send certificate headers.
const trustedProxies = ['127.0.0.1/32']
const customer = { name: 'John Doe', id: '123' }

/**
 * The how-to's server behind HAProxy: one condition, FINGERPRINT=..., on the header that the load-balancer sets.
 *
 * @param {string} sha1 - as openssl prints it; colons or none
 * @param {string} sha256
 */
export function expressApp(sha1, sha256) {
  const app = express()
  app.disable('x-powered-by')
  // Whoever has a certificate of the authority gets this far.
  app.get('/zato/ping', (_req, res) => void res.json({ pong: true }))

  const pinned = expressPin({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), conditions: `FINGERPRINT=${sha1}` })
  app.get('/api/customer', pinned, (_req, res) => void res.json(customer))

  // The same with the whole certificate: SHA-256, its dates, and any part of its name.
  const strict = expressPin({ from: haproxy({ trustedProxies }), pins: { partner: sha256 }, conditions: { OU: 'client.api' } })
  app.get('/api/strict', strict, (req, res) => void res.json({ auth: /** @type {any} */ (req).auth }))
  return app
}

/**
 * The same behind nginx, on Koa: the pin is the certificate's SHA-256.
 *
 * @param {string} sha256
 */
export function koaApp(sha256) {
  const router = new Router()
  router.get('/zato/ping', (ctx) => {
    ctx.body = { pong: true }
  })
  router.get('/api/customer', koaPin({ from: nginx({ trustedProxies }), pins: { partner: sha256 } }), (ctx) => {
    ctx.body = customer
  })
  return new Koa().use(router.routes())
}
