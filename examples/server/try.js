import { subscribe } from 'node:diagnostics_channel'
import { clientCases } from './cases/clients.js'
import { hmacCases } from './cases/hmac.js'

/**
 * @typedef {object} Case
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {Buffer} [body]
 * @property {string} sent - what is sent, in words
 * @property {number} status - the status that it has to get
 * @property {string} [clientId] - who it has to be taken for; nobody when it is refused
 * @property {() => Promise<unknown>} [before] - what is done before it is sent
 * @property {string} [answer] - the body that it has to get
 */

/**
 * Sends good and bad requests to the server and prints a line for each: what was sent, the status, who it was taken for.
 *
 * @param {string} origin
 * @param {import('@countersign/core').ClientRegistry} clients
 * @returns {Promise<boolean>} whether all came out as expected
 */
export async function tryAll(origin, clients) {
  let caller = ''
  subscribe('countersign:granted', (event) => {
    caller = /** @type {{ principal: { clientId: string } }} */ (event).principal.clientId
  })
  let failed = 0
  let count = 0
  for (const prefix of ['', '/koa']) {
    for (const one of [...hmacCases(prefix), ...clientCases(prefix, clients)]) {
      await one.before?.()
      caller = ''
      const { method, path, headers, body } = one
      const answer = await fetch(origin + path, { method, headers, ...(body && { body: new Uint8Array(body) }) })
      const text = await answer.text()
      const good = answer.status === one.status && caller === (one.clientId ?? '') && (one.answer === undefined || one.answer === text)
      count += 1
      if (!good) failed += 1
      const line = `${good ? 'ok  ' : 'FAIL'} ${one.method} ${one.path}: ${one.sent} -> ${answer.status}${caller && ` ${caller}`}`
      console.log(good ? line : `${line} (expected ${one.status} ${one.clientId ?? ''}; got ${text})`)
    }
  }
  console.log(`${count - failed} of ${count} as expected`)
  return failed === 0
}
