import { apiKeyAuthenticator } from '@countersign/api-key'
import { apiKey } from '@countersign/api-key/express'
import { clientGroup } from '@countersign/client-group/express'
import { anyOf } from '@countersign/core'
import { protect } from '@countersign/core/express'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify } from '@countersign/hmac-verify/express'
import express from 'express'
import { expressCalls } from './express-calls.js'
import { envelopes, gigya, pushes, signed, wso2Backend } from './guards.js'

/**
 * The documents' routes on Express.
 *
 * @param {Parameters<typeof expressCalls>[0]} parts
 */
export function expressApp(parts) {
  const { clients } = parts
  const app = express()

  app.post('/api/hmac/protected', hmacVerify(signed), (_req, res) => {
    res.json({ status: 'ok' })
  })

  // The guard stands before the parser here; behind it, it works as well (see README, "Before or after a body parser").
  const orders = hmacVerify(wso2Backend)
  app.get('/api/wso2/orders', orders, (_req, res) => {
    res.json([{ id: 1, name: 'x' }])
  })
  app.post('/api/wso2/orders', orders, express.json(), (req, res) => {
    const { name } = /** @type {{ name: string }} */ (req.body)
    res.status(201).json({ id: 2, name })
  })

  app.post('/hooks/gigya', hmacVerify(gigya), express.json(), (req, res) => {
    const { events } = /** @type {{ events: unknown[] }} */ (req.body)
    res.json({ status: 'ok', events: events.length })
  })
  app.post('/hooks/docusign', hmacVerify(envelopes), (_req, res) => {
    res.json({ status: 'ok' })
  })
  app.post('/hooks/github', hmacVerify(pushes), (_req, res) => {
    res.json({ status: 'ok' })
  })

  app.get('/api/secure/data', clientGroup({ clients, group: 'secure', allowWeakKey: true }), (req, res) => {
    const { clientId } = /** @type {any} */ (req).auth
    res.json(clientId === 'admin' ? { client: clientId, data: 'all of it' } : { client: clientId })
  })
  app.get('/api/v1/services/my-service', apiKey({ clients, allowWeakKey: true }), (req, res) => {
    res.json({ client: /** @type {any} */ (req).auth.clientId })
  })
  app.get('/api/partners', clientGroup({ clients, group: 'partners' }), (req, res) => {
    res.json({ client: /** @type {any} */ (req).auth.clientId })
  })

  const signedOrKeyed = anyOf(hmacAuthenticator(wso2Backend), apiKeyAuthenticator({ clients, allowWeakKey: true }))
  app.get('/api/mixed', protect(signedOrKeyed), (req, res) => {
    const { clientId, scheme } = /** @type {any} */ (req).auth
    res.json({ client: clientId, scheme })
  })

  app.use(expressCalls(parts))
  return app
}
