import { sign, slack } from '@countersign/schemes'

export const SECRET = 'the secret of the example fleet!'

/** A signed order, ready to be sent any number of times. */
export function signedOrder(n) {
  const body = JSON.stringify({ order: n })
  const { headers } = sign(slack, { method: 'POST', url: '/orders', headers: {}, body: Buffer.from(body) }, { secret: SECRET })
  return { method: 'POST', body, headers: Object.fromEntries(Object.entries(headers)) }
}
