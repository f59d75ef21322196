// The servers that our routes call: one instance of axios each, with the credentials that the other side wants. `trace`, if there is one,
// is shown what goes over the wire. Secrets are examples; take yours with secretFromEnv('NAME') or secretFromFile('/run/secrets/name').
import { basic, bearer, hmac, session } from '@countersign/axios-auth'
import { sapSigned, wso2 } from '@countersign/schemes'
import axios from 'axios'
import { bridgeUser } from './backends/bridged.js'
import { operator } from './backends/hawkeye.js'
import { inventoryClient, TOKEN_HEADER } from './backends/inventory.js'
import { reportsClient, SCOPE } from './backends/oauth.js'
import { sapSecret, wso2Client } from './guards.js'

/** @typedef {(entry: import('@countersign/axios-auth').TraceEntry) => void} Trace */

/**
 * @param {string} baseURL
 * @param {import('@countersign/axios-auth').RequestInterceptor} credentials
 */
function instance(baseURL, credentials) {
  const api = axios.create({ baseURL, timeout: 5000, proxy: false })
  api.interceptors.request.use(credentials)
  return api
}

/**
 * By a bearer token of an OAuth 2.0 server (client credentials).
 *
 * @param {string} baseURL
 * @param {{ tokenUrl: string, trace: Trace | undefined }} options
 */
export function reportsApi(baseURL, { tokenUrl, trace }) {
  const { id, secret } = reportsClient
  return instance(baseURL, bearer({ tokenUrl, clientId: id, clientSecret: secret, scopes: SCOPE, trace }))
}

/**
 * By a token of a service that is not OAuth 2.0: asked with JSON and without grant_type, carried in a field of its own.
 *
 * @param {string} baseURL
 * @param {{ tokenUrl: string, trace: Trace | undefined }} options
 */
export function inventoryApi(baseURL, { tokenUrl, trace }) {
  const credentials = bearer({
    tokenUrl,
    clientId: inventoryClient.id,
    clientSecret: inventoryClient.secret,
    grantType: false,
    dataFormat: 'json',
    expiresField: 'valid_for_ms',
    expiresUnit: 'milliseconds',
    header: TOKEN_HEADER,
    prefix: '',
    trace,
  })
  return instance(baseURL, credentials)
}

/**
 * Signed as SAP-style systems ask for it: hex HMAC-SHA256 of the octets that are sent, whatever axios makes of the object.
 *
 * @param {string} baseURL
 * @param {{ trace: Trace | undefined }} options
 */
export function signedApi(baseURL, { trace }) {
  return instance(baseURL, hmac({ scheme: sapSigned, secret: sapSecret, trace }))
}

/**
 * In a session: see `probe` in calls.js for its end.
 *
 * @param {string} baseURL
 * @param {{ trace: Trace | undefined }} options
 */
export function probesApi(baseURL, { trace }) {
  const hawkeye = session({
    login: { url: '/login', data: { ...operator }, token: 'session_token' },
    carry: { header: 'X-Session-Token' },
    logout: { url: '/logout' },
    proxy: false,
    trace,
  })
  return { api: instance(baseURL, hawkeye), session: hawkeye }
}

/**
 * By Basic.
 *
 * @param {string} baseURL
 * @param {{ trace: Trace | undefined }} options
 */
export function integrationApi(baseURL, { trace }) {
  return instance(baseURL, basic({ ...bridgeUser, trace }))
}

/**
 * Signed as WSO2's guide has it: `Authorization: <client id>:<signature>` over method, Date and path, and of a POST type and body as well.
 *
 * @param {string} baseURL
 * @param {{ trace: Trace | undefined }} options
 */
export function ordersApi(baseURL, { trace }) {
  return instance(baseURL, hmac({ scheme: wso2, secret: wso2Client, trace }))
}
