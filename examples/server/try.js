import { subscribe } from 'node:diagnostics_channel'
import { callCases } from './cases/calls.js'
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
 * @property {string} [clientId] - who it has to be taken for, and behind ` > ` who we have to be taken for where it goes on; nobody when it is refused
 * @property {() => Promise<unknown>} [before] - what is done before it is sent
 * @property {string} [answer] - the body that it has to get
 * @property {() => void} [after] - looks at what became of it elsewhere, and throws where that is not as expected
 */

/**
 * Sends good and bad requests to the server and prints a line for each: what was sent, the status, who it was taken for.
 *
 * @param {string} origin
 * @param {import('@countersign/core').ClientRegistry} clients
 * @param {import('./backends/start.js').Backends} backends
 * @returns {Promise<boolean>} whether all came out as expected
 */
export async function tryAll(origin, clients, backends) {
  /** @type {string[]} */
  const callers = []
  subscribe('countersign:granted', (event) => {
    callers.push(/** @type {{ principal: { clientId: string } }} */ (event).principal.clientId)
  })
  let failed = 0
  let count = 0
  for (const prefix of ['', '/koa']) {
    for (const one of [...hmacCases(prefix), ...clientCases(prefix, clients), ...callCases(prefix, backends)]) {
      await one.before?.()
      callers.length = 0
      const { method, path, headers, body } = one
      const answer = await fetch(origin + path, { method, headers, ...(body && { body: new Uint8Array(body) }) })
      const text = await answer.text()
      const caller = callers.join(' > ')
      const wrong = problem(one, { status: answer.status, caller, text })
      count += 1
      if (wrong !== undefined) failed += 1
      const line = `${wrong === undefined ? 'ok  ' : 'FAIL'} ${method} ${path}: ${one.sent} -> ${answer.status}${caller && ` ${caller}`}`
      console.log(wrong === undefined ? line : `${line} (${wrong})`)
    }
  }
  console.log(`${count - failed} of ${count} as expected`)
  return failed === 0
}

/**
 * @param {Case} one
 * @param {{ status: number, caller: string, text: string }} got
 * @returns {string | undefined} what is not as expected
 */
function problem(one, { status, caller, text }) {
  const { clientId = '', answer = text } = one
  if (status !== one.status || caller !== clientId || text !== answer) return `expected ${one.status} ${clientId} ${answer}; got ${text}`
  try {
    one.after?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
