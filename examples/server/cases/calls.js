import assert from 'node:assert/strict'
import { sapApim, sapSigned, sign } from '@countersign/schemes'
import { bridgeUser } from '../backends/bridged.js'
import { reportsClient, SCOPE } from '../backends/oauth.js'
import { keys } from '../clients.js'
import { gigyaKey, sapSecret, wso2Client } from '../guards.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const KEY = { 'x-api-key': keys.app }

/**
 * Requests to the routes under a prefix that call other servers, and to those that are called so.
 *
 * @param {string} prefix
 * @param {import('../backends/start.js').Backends} backends
 * @returns {Generator<import('../try.js').Case>}
 */
export function* callCases(prefix, backends) {
  yield* tokenCases(`${prefix}/api/reports`, backends)
  yield* bearerCases(prefix, backends)
  yield* orderCases(prefix)
  yield* sessionCases(prefix, backends)
  yield* eventCases(`${prefix}/bridge/events`, backends)
  yield* bridgedOrderCases(`${prefix}/bridge/orders`)
}

/**
 * @param {string} path
 * @param {import('../backends/start.js').Backends} backends
 * @returns {Generator<import('../try.js').Case>}
 */
function* tokenCases(path, { oauth }) {
  /** Filled before it is sent. @type {Record<string, string>} */
  const headers = {}
  const withToken = (scope) => async () => {
    const fields = { grant_type: 'client_credentials', client_id: reportsClient.id, client_secret: reportsClient.secret, scope }
    const answer = await fetch(oauth.tokenUrl, { method: 'POST', body: new URLSearchParams(fields) })
    const { access_token } = /** @type {{ access_token: string }} */ (await answer.json())
    headers['authorization'] = `Bearer ${access_token}`
  }
  const get = { method: 'GET', path, headers }
  yield { ...get, headers: {}, sent: 'no token', status: 401 }
  yield { ...get, headers: { authorization: 'Bearer example-of-no-token' }, sent: 'an unknown token', status: 401 }
  yield { ...get, sent: 'a token of another scope', status: 403, before: withToken('write:reports') }
  yield { ...get, sent: 'a token', status: 200, clientId: reportsClient.id, before: withToken(SCOPE) }
  yield { ...get, sent: 'the same, now that it is revoked', status: 401, before: oauth.revokeAll }
}

/**
 * @param {string} prefix
 * @param {import('../backends/start.js').Backends} backends
 * @returns {Generator<import('../try.js').Case>}
 */
function* bearerCases(prefix, { oauth, inventory }) {
  let issued = 0
  const sinceThen = async () => {
    issued = oauth.issued()
  }
  const tokens = (count) => () =>
    assert.equal(oauth.issued() - issued, count, `${oauth.issued() - issued} tokens were issued, not ${count}`)
  const reports = { method: 'GET', path: `${prefix}/calls/reports`, headers: KEY, status: 200, clientId: `app > ${reportsClient.id}` }
  yield { ...reports, headers: {}, sent: 'no key', status: 401, clientId: '' }
  yield { ...reports, sent: 'calls with a bearer token, gets one first', before: sinceThen, after: tokens(1) }
  yield { ...reports, sent: 'calls with the same token', before: sinceThen, after: tokens(0) }
  const revoked = async () => {
    await sinceThen()
    await oauth.revokeAll()
  }
  const answer = `{"client":"${reportsClient.id}","report":"all of it"}`
  yield { ...reports, answer, sent: 'its token is revoked: gets another, calls again', before: revoked, after: tokens(1) }

  const items = { method: 'GET', path: `${prefix}/calls/items`, headers: KEY, status: 200, clientId: 'app' }
  const before = async () => {
    issued = inventory.issued()
  }
  const custom = (count) => () => assert.equal(inventory.issued() - issued, count)
  yield { ...items, sent: 'calls with a token of no OAuth service, in X-Auth-Token', before, after: custom(1) }
  yield { ...items, sent: 'calls with the same token', before, after: custom(0) }
}

/**
 * @param {string} prefix
 * @returns {Generator<import('../try.js').Case>}
 */
function* orderCases(prefix) {
  const path = `${prefix}/api/signed/orders`
  const answer = '{"status":"ok","order_id":"12345","amount":100}'
  yield {
    method: 'POST',
    path: `${prefix}/calls/order`,
    headers: KEY,
    sent: 'sends a signed order',
    status: 200,
    clientId: 'app > sap-signed',
    answer,
  }
  const body = Buffer.from('{"order_id":"12345","amount":100}')
  const { headers } = sign(sapSigned, { method: 'POST', url: path, headers: JSON_TYPE, body }, { secret: sapSecret })
  const direct = { method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body }
  yield { ...direct, sent: 'the signed order itself', status: 200, clientId: 'sap-signed', answer }
  yield { ...direct, body: Buffer.from('{"order_id":"12345","amount":900}'), sent: 'another amount under its signature', status: 401 }
  yield { ...direct, headers: JSON_TYPE, sent: 'the order without signature', status: 401 }
}

/**
 * @param {string} prefix
 * @param {import('../backends/start.js').Backends} backends
 * @returns {Generator<import('../try.js').Case>}
 */
function* sessionCases(prefix, { hawkeye }) {
  const did = (called, status) => () => {
    const done = ['POST /login 200', 'GET /probes 200', `GET /probes/${called} ${status}`, 'POST /logout 204']
    assert.deepEqual(hawkeye.journal.slice(-4), done)
    assert.equal(hawkeye.open(), 0)
  }
  const probe = (name) => ({ method: 'GET', path: `${prefix}/calls/probes/${name}`, headers: KEY, clientId: 'app' })
  const answer = '{"probes":3,"probe":"north","packetLoss":0}'
  yield { ...probe('north'), sent: 'logs in, calls twice, logs out', status: 200, answer, after: did('north', 200) }
  yield { ...probe('broken'), sent: 'logs in, a call fails, logs out all the same', status: 502, after: did('broken', 500) }
}

/**
 * @param {string} path
 * @param {import('../backends/start.js').Backends} backends
 * @returns {Generator<import('../try.js').Case>}
 */
function* eventCases(path, { integration }) {
  const body = Buffer.from('{"events":[{"id":"e-1"}]}')
  const { headers } = sign(sapApim, { method: 'POST', url: path, headers: JSON_TYPE, body }, { secret: gigyaKey })
  const request = { method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body }
  const { username } = bridgeUser
  const passed = { ...request, status: 200, clientId: `gigya > ${username}`, answer: `{"user":"${username}","events":1}` }
  yield { ...passed, sent: 'a webhook signed with HMAC-SHA1 goes on with Basic' }
  yield {
    ...request,
    body: Buffer.from('{"events":[{"id":"e-2"}]}'),
    sent: 'another event id under its signature goes nowhere',
    status: 401,
  }
  yield {
    ...request,
    sent: 'a good one, but we are refused behind the bridge',
    status: 502,
    clientId: 'gigya',
    before: () => integration.clients.disable(username),
  }
  yield { ...passed, sent: 'the same, now that we are allowed again', before: () => integration.clients.enable(username) }
}

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* bridgedOrderCases(path) {
  const clientId = `app > ${wso2Client.id}`
  yield { method: 'GET', path, headers: KEY, sent: 'an API key goes on with a signature of method, Date and path', status: 200, clientId }
  yield { method: 'GET', path, headers: { 'x-api-key': 'another-example-key-entirely' }, sent: 'an unknown key goes nowhere', status: 401 }
  const name = `by ${path}`
  const post = { method: 'POST', path, headers: { ...KEY, ...JSON_TYPE }, body: Buffer.from(JSON.stringify({ name })) }
  const answer = JSON.stringify({ client: wso2Client.id, order: { id: 2, name } })
  yield { ...post, sent: 'an order goes on with a signature of its body, too', status: 201, clientId, answer }
}
