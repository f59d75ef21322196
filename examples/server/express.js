import { hmacVerify } from '@countersign/hmac-verify/express'
import express from 'express'
import { envelopes, gigya, pushes, signed, wso2Backend } from './guards.js'

/** The documents' routes on Express. */
export function expressApp() {
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

  return app
}
