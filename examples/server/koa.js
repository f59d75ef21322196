import { apiKeyAuthenticator } from '@countersign/api-key'
import { apiKey } from '@countersign/api-key/koa'
import { clientGroup } from '@countersign/client-group/koa'
import { anyOf } from '@countersign/core'
import { protect } from '@countersign/core/koa'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify } from '@countersign/hmac-verify/koa'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import { envelopes, gigya, pushes, signed, wso2Backend } from './guards.js'
import { koaCalls } from './koa-calls.js'

/**
 * The same routes on Koa, under /koa.
 *
 * @param {Parameters<typeof koaCalls>[0]} parts
 */
export function koaApp(parts) {
  const { clients } = parts
  const app = new Koa()
  const router = new Router({ prefix: '/koa' })

  router.post('/api/hmac/protected', hmacVerify(signed), (ctx) => {
    ctx.body = { status: 'ok' }
  })

  const orders = hmacVerify(wso2Backend)
  router.get('/api/wso2/orders', orders, (ctx) => {
    ctx.body = [{ id: 1, name: 'x' }]
  })
  router.post('/api/wso2/orders', orders, bodyParser(), (ctx) => {
    const { name } = /** @type {{ name: string }} */ (ctx.request.body)
    ctx.status = 201
    ctx.body = { id: 2, name }
  })

  router.post('/hooks/gigya', hmacVerify(gigya), bodyParser(), (ctx) => {
    const { events } = /** @type {{ events: unknown[] }} */ (ctx.request.body)
    ctx.body = { status: 'ok', events: events.length }
  })
  router.post('/hooks/docusign', hmacVerify(envelopes), (ctx) => {
    ctx.body = { status: 'ok' }
  })
  router.post('/hooks/github', hmacVerify(pushes), (ctx) => {
    ctx.body = { status: 'ok' }
  })

  router.get('/api/secure/data', clientGroup({ clients, group: 'secure', allowWeakKey: true }), (ctx) => {
    const { clientId } = ctx.state.auth
    ctx.body = clientId === 'admin' ? { client: clientId, data: 'all of it' } : { client: clientId }
  })
  router.get('/api/v1/services/my-service', apiKey({ clients, allowWeakKey: true }), (ctx) => {
    ctx.body = { client: ctx.state.auth.clientId }
  })
  router.get('/api/partners', clientGroup({ clients, group: 'partners' }), (ctx) => {
    ctx.body = { client: ctx.state.auth.clientId }
  })

  const signedOrKeyed = anyOf(hmacAuthenticator(wso2Backend), apiKeyAuthenticator({ clients, allowWeakKey: true }))
  router.get('/api/mixed', protect(signedOrKeyed), (ctx) => {
    const { clientId, scheme } = ctx.state.auth
    ctx.body = { client: clientId, scheme }
  })

  app.use(router.routes())
  app.use(koaCalls(parts))
  return app
}
