import { hmacVerify } from '@countersign/hmac-verify/koa'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import { envelopes, gigya, pushes, signed, wso2Backend } from './guards.js'

/** The same routes on Koa, under /koa. */
export function koaApp() {
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

  app.use(router.routes())
  return app
}
