// A server of the manner of Keysight Hawkeye: POST /login gives a session_token, every call carries it in X-Session-Token, POST /logout
// ends it. How many sessions are open, and what was done, is at /journal for everybody.
import { randomUUID } from 'node:crypto'
import express from 'express'
import { listening } from './listening.js'
import { sameText } from './same-text.js'

export const operator = { username: 'operator', password: 'example-password-of-operator' }

const JOURNAL_LENGTH = 12

export async function startHawkeye() {
  /** @type {Set<string | undefined>} */
  const sessions = new Set()
  /** @type {string[]} */
  const journal = []
  const server = await listening(() => hawkeye(sessions, journal))
  return { ...server, journal, open: () => sessions.size }
}

/**
 * @param {Set<string | undefined>} sessions
 * @param {string[]} journal
 */
function hawkeye(sessions, journal) {
  const app = express()
  app.get('/journal', (_req, res) => {
    res.json({ open: sessions.size, journal })
  })
  app.use((req, res, next) => {
    res.once('finish', () => {
      journal.push(`${req.method} ${req.originalUrl} ${res.statusCode}`)
      journal.splice(0, journal.length - JOURNAL_LENGTH)
    })
    next()
  })
  app.post('/login', express.json(), (req, res) => {
    const { username, password } = /** @type {Record<string, unknown>} */ (req.body ?? {})
    if (username !== operator.username || !sameText(password, operator.password)) {
      return res.status(401).json({ error: 'wrong user name or password' })
    }
    const token = randomUUID()
    sessions.add(token)
    res.json({ session_token: token })
  })
  app.use((req, res, next) => {
    if (sessions.has(req.get('x-session-token'))) return next()
    res.status(401).json({ error: 'no session' })
  })
  app.post('/logout', (req, res) => {
    sessions.delete(req.get('x-session-token'))
    res.status(204).end()
  })
  app.get('/probes', (_req, res) => {
    res.json(['north', 'south', 'broken'])
  })
  app.get('/probes/broken', (_req, res) => {
    res.status(500).json({ error: 'this probe does not answer' })
  })
  app.get('/probes/:name', (req, res) => {
    res.json({ probe: req.params.name, packetLoss: 0 })
  })
  return app
}
