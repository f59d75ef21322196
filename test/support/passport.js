/** Passport in front of a route, on Express and on Koa, for `start` of frameworks.js. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Connection, exchange, head, turns } from './raw-http.js'

const require = createRequire(import.meta.url)

/** A Passport of its own; nothing is registered with the singletons. */
export function newPassport(kind) {
  if (kind === 'express') return new (require('passport').Passport)()
  return new (require('koa-passport').KoaPassport)()
}

/**
 * The setup of a route behind a strategy, which answers with the user, and with the info that came with it.
 *
 * @param {() => object} make - makes the strategy
 * @param {object} [how]
 * @param {boolean} [how.isInstance] - hands the instance to `authenticate` in place of its name
 */
export function passported(make, { isInstance = false } = {}) {
  const guard = ({ kind }) => {
    const passport = newPassport(kind)
    const strategy = make()
    if (isInstance) return passport.authenticate(strategy, { session: false })
    passport.use('it', strategy)
    return passport.authenticate('it', { session: false })
  }
  const handler = ({ req, ctx }) => ({ body: ctx === undefined ? [req.user, req.authInfo] : [ctx.state.user, ctx.req.authInfo] })
  return { guard, handler }
}

/** `Basic` credentials of octets: text is taken as UTF-8. */
export function basic(octets) {
  return `Basic ${Buffer.from(octets).toString('base64')}`
}

/** What a server makes of a request: status, challenges, and the arguments that verify was called with, which `calls` collects. */
export async function outcomeOf(app, calls, headers) {
  calls.length = 0
  const answer = await exchange(app.port, { headers })
  return { status: answer.status, challenges: answer.all('www-authenticate'), verified: calls.map((call) => call.slice()) }
}

/**
 * 500 requests over 50 connections, each of a client of its own, of which every fifth is called `bad-...`.
 *
 * @param waiting - the functions that let a request go on, which the server under test fills; they are called in an odd order
 * @param requestOf - the request of a client
 * @param check - gets client and answer
 */
export async function interleaved(port, waiting, requestOf, check) {
  let isOver = false
  const release = (async () => {
    for (let i = 0; !isOver; i += 1) {
      await turns(1)
      for (let count = Math.ceil(waiting.length / 2); count > 0; count -= 1) waiting.splice((i * 7) % waiting.length, 1)[0]()
    }
  })()
  const connections = Array.from({ length: 50 }, () => new Connection(port))
  await Promise.all(
    connections.map(async (connection, lane) => {
      await connection.ready
      for (let i = 0; i < 10; i += 1) {
        const client = `${(lane + i) % 5 === 0 ? 'bad' : 'client'}-${lane}-${i}`
        const answer = connection.response()
        await connection.write(head(requestOf(client)))
        check(client, await answer)
      }
      const closed = once(connection.socket, 'close')
      connection.close()
      await closed
    }),
  )
  isOver = true
  await release
}
