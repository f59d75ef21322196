// An API with a token service of its own making, which is not OAuth 2.0: credentials as JSON, no grant_type; the token goes into a field of its own.
import { randomUUID } from 'node:crypto'
import express from 'express'
import { listening } from './listening.js'
import { sameText } from './same-text.js'

export const inventoryClient = { id: 'inventory-job', secret: 'example-client-secret-of-inventory-job' }
export const TOKEN_HEADER = 'X-Auth-Token'

export async function startInventory() {
  /** @type {Set<string | undefined>} */
  const tokens = new Set()
  const server = await listening(() => inventory(tokens))
  return { ...server, tokenUrl: `${server.origin}/auth/token`, issued: () => tokens.size }
}

/** @param {Set<string | undefined>} tokens */
function inventory(tokens) {
  const app = express()
  app.post('/auth/token', express.json(), (req, res) => {
    const { client_id, client_secret } = /** @type {Record<string, unknown>} */ (req.body ?? {})
    if (client_id !== inventoryClient.id || !sameText(client_secret, inventoryClient.secret)) {
      return res.status(401).json({ error: 'wrong credentials' })
    }
    const token = randomUUID()
    tokens.add(token)
    res.json({ access_token: token, valid_for_ms: 600_000 })
  })
  app.get('/items', (req, res) => {
    if (!tokens.has(req.get(TOKEN_HEADER))) return res.status(401).json({ error: 'no token' })
    res.json([{ item: 'bolt', count: 12 }])
  })
  return app
}
