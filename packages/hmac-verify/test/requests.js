/** What the tests of hmac-verify share: a secret, a clock, and AuthRequests without a server. */
import { createHmac } from 'node:crypto'

export const secret = 'a-secret-of-the-tests-0123456789'
export const nowSeconds = 1_700_000_000
export const now = () => nowSeconds * 1000

/** A request as an authenticator sees it. `headers` is an object, or names and values in turn. */
export function authRequest({ method = 'POST', target = '/orders', headers = {}, body = '{"n":1}', encrypted = false } = {}) {
  const rawHeaders = Array.isArray(headers)
    ? headers
    : Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]))
  const octets = typeof body === 'string' ? Buffer.from(body) : body
  const request = { method, target, headers: {}, rawHeaders, socket: { encrypted }, reads: 0, body: undefined }
  request.body = () => {
    request.reads += 1
    return octets
  }
  return request
}

/** HMAC-SHA256 in lower-case hex, by Node's own createHmac. */
export function hexOf(message, key = secret) {
  return createHmac('sha256', key).update(message).digest('hex')
}

/** A verdict in one word: `granted CLIENT`, `absent`, or the code of the refusal. */
export async function outcome(authenticator, request) {
  const verdict = await authenticator.authenticate(request)
  if (verdict.kind === 'granted') return `granted ${verdict.principal.clientId}`
  return verdict.kind === 'refused' ? verdict.code : verdict.kind
}
