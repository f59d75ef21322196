import { buffer } from 'node:stream/consumers'
import { apiKey } from '@countersign/api-key/express'
import { protect } from '@countersign/core/express'
import { hmacVerify } from '@countersign/hmac-verify/express'
import express from 'express'
import { answerTo } from './calls.js'
import { gigya, sapOrders } from './guards.js'

/**
 * Routes that call other servers, and those of ours that are called so.
 *
 * @param {object} parts
 * @param {import('@countersign/core').ClientRegistry} parts.clients
 * @param {import('@countersign/core').Authenticator} parts.tokens
 * @param {import('./calls.js').Calls} parts.calls
 */
export function expressCalls({ clients, tokens, calls }) {
  const router = express.Router()

  router.get('/api/reports', protect(tokens), (req, res) => {
    res.json({ client: /** @type {any} */ (req).auth.clientId, report: 'all of it' })
  })
  router.post('/api/signed/orders', hmacVerify(sapOrders), express.json(), (req, res) => {
    const { order_id, amount } = /** @type {Record<string, unknown>} */ (req.body)
    res.json({ status: 'ok', order_id, amount })
  })

  const keyed = apiKey({ clients, allowWeakKey: true })
  router.get('/calls/reports', keyed, async (_req, res) => {
    res.json(await calls.reports())
  })
  router.get('/calls/items', keyed, async (_req, res) => {
    res.json(await calls.items())
  })
  router.post('/calls/order', keyed, async (_req, res) => {
    res.json(await calls.order())
  })
  router.get('/calls/probes/:name', keyed, async (req, res) => {
    res.json(await calls.probe(/** @type {string} */ (req.params['name'])))
  })

  router.post('/bridge/events', hmacVerify(gigya), async (req, res) => {
    const { log, ...answer } = await calls.passEvents(await buffer(req))
    res.set('SAP_MessageProcessingLogID', log).json(answer)
  })
  router.get('/bridge/orders', keyed, async (_req, res) => {
    res.json(await calls.readOrders())
  })
  router.post('/bridge/orders', keyed, express.json(), async (req, res) => {
    res.status(201).json(await calls.placeOrder(req.body))
  })

  router.use(/** @type {import('express').ErrorRequestHandler} */ (failedCall))
  return router
}

/** Four parameters are how Express knows that it handles errors. */
function failedCall(error, _req, res, next) {
  try {
    const { status, body } = answerTo(error)
    res.status(status).json(body)
  } catch {
    next(error)
  }
}
