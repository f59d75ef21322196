// The calls that our routes make to other servers, each with the credentials that the other side wants. One instance of axios per server.
// Secrets are examples; take yours with secretFromEnv('NAME') or secretFromFile('/run/secrets/name').
import { AxiosAuthError, basic, bearer, hmac, SessionError, session } from '@countersign/axios-auth'
import { sapSigned, wso2 } from '@countersign/schemes'
import axios from 'axios'
import { bridgeUser } from './backends/bridged.js'
import { operator } from './backends/hawkeye.js'
import { inventoryClient, TOKEN_HEADER } from './backends/inventory.js'
import { reportsClient, SCOPE } from './backends/oauth.js'
import { sapSecret, wso2Client } from './guards.js'

/**
 * @param {object} options
 * @param {string} options.own - where our own routes are, `http://127.0.0.1:11223/koa`
 * @param {import('./backends/start.js').Backends} options.backends
 * @param {(entry: import('@countersign/axios-auth').TraceEntry) => void} [options.trace] - is shown what goes over the wire, secrets cut
 */
export function outgoingCalls({ own, backends, trace }) {
  /** @param {string} baseURL */
  const instance = (baseURL, interceptor) => {
    const api = axios.create({ baseURL, timeout: 5000, proxy: false })
    api.interceptors.request.use(interceptor)
    return api
  }
  const { oauth, inventory, hawkeye, integration, orders } = backends
  const { origin } = new URL(own)

  const reportsToken = { tokenUrl: oauth.tokenUrl, clientId: reportsClient.id, clientSecret: reportsClient.secret, scopes: SCOPE }
  const reportsApi = instance(own, bearer({ ...reportsToken, trace }))

  const inventoryToken = {
    tokenUrl: inventory.tokenUrl,
    clientId: inventoryClient.id,
    clientSecret: inventoryClient.secret,
    grantType: /** @type {const} */ (false),
    dataFormat: /** @type {const} */ ('json'),
    expiresField: 'valid_for_ms',
    expiresUnit: /** @type {const} */ ('milliseconds'),
  }
  const inventoryApi = instance(inventory.origin, bearer({ ...inventoryToken, header: TOKEN_HEADER, prefix: '', trace }))

  const signedApi = instance(own, hmac({ scheme: sapSigned, secret: sapSecret, origins: origin, trace }))

  const probesSession = session({
    login: { url: '/login', data: { ...operator }, token: 'session_token' },
    carry: { header: 'X-Session-Token' },
    logout: { url: '/logout' },
    proxy: false,
    trace,
  })
  const probesApi = instance(hawkeye.origin, probesSession)

  const integrationApi = instance(integration.origin, basic({ ...bridgeUser, trace }))
  const ordersApi = instance(orders.origin, hmac({ scheme: wso2, secret: wso2Client, trace }))

  return {
    /** By a bearer token: the first call gets it, further ones use it; one that was revoked is replaced and the call repeated. */
    reports: async () => (await reportsApi.get('/api/reports')).data,
    /** By a token of a service that is not OAuth 2.0, in a field of its own. */
    items: async () => (await inventoryApi.get('/items')).data,
    /** Signed: what goes over the wire is what was signed, whatever axios makes of the object. */
    order: async () => (await signedApi.post('/api/signed/orders', { order_id: '12345', amount: 100 })).data,
    /** In a session, which is logged out at the end of the block, also when a call of it has failed. @param {string} name */
    probe: (name) =>
      probesSession.withSession(probesApi, async (api) => {
        const { data: all } = await api.get('/probes')
        const { data: probe } = await api.get(`/probes/${encodeURIComponent(name)}`)
        return { probes: all.length, ...probe }
      }),
    /** A verified webhook goes on, octet by octet, to a server that knows Basic alone. @param {Buffer} body */
    passEvents: async (body) => {
      const { data, headers } = await integrationApi.post('/http/events', body, { headers: { 'content-type': 'application/json' } })
      return { ...data, log: String(headers['sap_messageprocessinglogid']) }
    },
    /** Who has an API key with us reads there with our signature. */
    readOrders: async () => (await ordersApi.get('/orders')).data,
    /** @param {unknown} order */
    placeOrder: async (order) => (await ordersApi.post('/orders', order)).data,
    /** Ends what is open. */
    dispose: () => probesSession.dispose(),
  }
}

/** @typedef {ReturnType<typeof outgoingCalls>} Calls */

/**
 * What our caller is told when a call to another server failed. Never the 401 or 403 that we got there: it was not for the caller's credentials.
 *
 * @param {unknown} error
 * @returns {{ status: number, body: { error: string, status?: number | undefined } }}
 * @throws {unknown} what no call has thrown
 */
export function answerTo(error) {
  if (axios.isAxiosError(error)) return { status: 502, body: { error: error.code ?? 'ERR_BAD_RESPONSE', status: error.response?.status } }
  if (error instanceof SessionError) return { status: error.status, body: { error: error.code } }
  if (error instanceof AxiosAuthError) return { status: 502, body: { error: error.code } }
  throw error
}
