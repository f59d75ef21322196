import { buffer } from 'node:stream/consumers'
import { apiKey } from '@countersign/api-key/koa'
import { protect } from '@countersign/core/koa'
import { hmacVerify } from '@countersign/hmac-verify/koa'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { answerTo } from './calls.js'
import { gigya, sapOrders } from './guards.js'

/**
 * The same routes on Koa, under /koa.
 *
 * @param {object} parts
 * @param {import('@countersign/core').ClientRegistry} parts.clients
 * @param {import('@countersign/core').Authenticator} parts.tokens
 * @param {import('./calls.js').Calls} parts.calls
 */
export function koaCalls({ clients, tokens, calls }) {
  const router = new Router({ prefix: '/koa' })

  router.get('/api/reports', protect(tokens), (ctx) => {
    ctx.body = { client: ctx.state.auth.clientId, report: 'all of it' }
  })
  router.post('/api/signed/orders', hmacVerify(sapOrders), bodyParser(), (ctx) => {
    const { order_id, amount } = /** @type {Record<string, unknown>} */ (ctx.request.body)
    ctx.body = { status: 'ok', order_id, amount }
  })

  const keyed = apiKey({ clients, allowWeakKey: true })
  router.get('/calls/reports', keyed, failedCall, async (ctx) => {
    ctx.body = await calls.reports()
  })
  router.get('/calls/items', keyed, failedCall, async (ctx) => {
    ctx.body = await calls.items()
  })
  router.post('/calls/order', keyed, failedCall, async (ctx) => {
    ctx.body = await calls.order()
  })
  router.get('/calls/probes/:name', keyed, failedCall, async (ctx) => {
    ctx.body = await calls.probe(ctx.params.name)
  })

  router.post('/bridge/events', hmacVerify(gigya), failedCall, async (ctx) => {
    const { log, ...answer } = await calls.passEvents(await buffer(ctx.req))
    ctx.set('SAP_MessageProcessingLogID', log)
    ctx.body = answer
  })
  router.get('/bridge/orders', keyed, failedCall, async (ctx) => {
    ctx.body = await calls.readOrders()
  })
  router.post('/bridge/orders', keyed, failedCall, bodyParser(), async (ctx) => {
    ctx.body = await calls.placeOrder(ctx.request.body)
    ctx.status = 201
  })

  return router.routes()
}

async function failedCall(ctx, next) {
  try {
    await next()
  } catch (error) {
    const { status, body } = answerTo(error)
    ctx.status = status
    ctx.body = body
  }
}
