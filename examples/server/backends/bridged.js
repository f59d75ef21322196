// What stands behind the two bridges: an integration server that knows Basic alone, and a WSO2-style one that wants signatures.
import { randomUUID } from 'node:crypto'
import { clientGroup } from '@countersign/client-group/express'
import { memoryClients } from '@countersign/core'
import { hmacVerify } from '@countersign/hmac-verify/express'
import express from 'express'
import { wso2Backend } from '../guards.js'
import { listening } from './listening.js'

export const bridgeUser = { username: 'bridge', password: 'example-password-of-bridge' }

/** Takes events from whoever has Basic credentials, and says under which id it keeps them. */
export async function startIntegration() {
  const { username, password } = bridgeUser
  const clients = memoryClients({
    clients: [{ id: username, groups: ['flows'], credentials: [{ kind: 'basic', user: username, password }] }],
  })
  const app = express()
  app.post('/http/events', clientGroup({ clients, group: 'flows' }), express.json(), (req, res) => {
    const { events } = /** @type {{ events: unknown[] }} */ (req.body)
    res.set('SAP_MessageProcessingLogID', randomUUID())
    res.json({ user: /** @type {any} */ (req).auth.clientId, events: events.length })
  })
  const server = await listening(() => app)
  return { ...server, clients }
}

/** Takes orders from whoever signs method, date and path, and of a POST type and body as well. */
export async function startOrders() {
  const app = express()
  const guard = hmacVerify(wso2Backend)
  app.get('/orders', guard, (req, res) => {
    res.json({ client: /** @type {any} */ (req).auth.clientId, orders: [{ id: 1, name: 'x' }] })
  })
  app.post('/orders', guard, express.json(), (req, res) => {
    const { name } = /** @type {{ name: string }} */ (req.body)
    res.status(201).json({ client: /** @type {any} */ (req).auth.clientId, order: { id: 2, name } })
  })
  return listening(() => app)
}
