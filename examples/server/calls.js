// The calls that our routes make to other servers.
import { AxiosAuthError, SessionError } from '@countersign/axios-auth'
import axios from 'axios'
import { integrationApi, inventoryApi, ordersApi, probesApi, reportsApi, signedApi } from './apis.js'

/**
 * @param {object} options
 * @param {string} options.own - where our own routes are, `http://127.0.0.1:11223/koa`
 * @param {import('./backends/start.js').Backends} options.backends
 * @param {import('./apis.js').Trace} [options.trace] - is shown what goes over the wire, secrets cut
 */
export function outgoingCalls({ own, backends, trace }) {
  const { oauth, inventory, hawkeye, integration, orders } = backends
  const reports = reportsApi(own, { tokenUrl: oauth.tokenUrl, trace })
  const items = inventoryApi(inventory.origin, { tokenUrl: inventory.tokenUrl, trace })
  const signed = signedApi(own, { trace })
  const probes = probesApi(hawkeye.origin, { trace })
  const flows = integrationApi(integration.origin, { trace })
  const bridged = ordersApi(orders.origin, { trace })

  return {
    /** The first call gets a token, further ones use it; one that was revoked is replaced, and the call sent once more. */
    reports: async () => (await reports.get('/api/reports')).data,
    items: async () => (await items.get('/items')).data,
    order: async () => (await signed.post('/api/signed/orders', { order_id: '12345', amount: 100 })).data,
    /** Logs in, and out at the end of the block, also when a call of it has failed. @param {string} name */
    probe: (name) =>
      probes.session.withSession(probes.api, async (api) => {
        const { data: all } = await api.get('/probes')
        const { data: probe } = await api.get(`/probes/${encodeURIComponent(name)}`)
        return { probes: all.length, ...probe }
      }),
    /** Passes a verified webhook on, octet by octet. @param {Buffer} body */
    passEvents: async (body) => {
      const { data, headers } = await flows.post('/http/events', body, { headers: { 'content-type': 'application/json' } })
      return { ...data, log: String(headers['sap_messageprocessinglogid']) }
    },
    readOrders: async () => (await bridged.get('/orders')).data,
    /** @param {unknown} order */
    placeOrder: async (order) => (await bridged.post('/orders', order)).data,
    /** Ends what is open. */
    dispose: () => probes.session.dispose(),
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
