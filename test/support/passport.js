/** Passport in front of a route, on Express and on Koa, for `start` of frameworks.js. */
import { createRequire } from 'node:module'

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

/**
 * What a server makes of a request: status, challenges, and the arguments that verify was called with. Where the parser of the server
 * or the framework fails, the error's name stands for it.
 */
export async function outcomeOf(exchange, app, calls, headers) {
  calls.length = 0
  app.errors.length = 0
  const answer = await exchange(app.port, { headers })
  return { status: answer.status, challenges: answer.all('www-authenticate'), verified: calls.map((call) => call.slice()) }
}
