/** What the tests of the scheme language share: a secret, a clock, and the two directions in one line each. */
import { createHmac } from 'node:crypto'
import { scheme, sign, verify } from '@countersign/schemes'

/** Signs the tests' requests; never used elsewhere. */
export const secret = 'a-secret-of-the-tests-0123456789'
export const nowSeconds = 1_700_000_000
export const now = () => nowSeconds * 1000

/** A request as `sign` and `verify` take it. */
export function request({ method = 'POST', url = '/orders', headers = {}, body = '{"n":1}' } = {}) {
  return { method, url, headers, body: typeof body === 'string' ? Buffer.from(body) : body }
}

/** Signs, and returns the request as its receiver sees it. */
export function signed(definition, asked = {}, options = {}) {
  const input = request(asked)
  const out = sign(definition, input, { secret, now, ...options })
  return { ...input, url: out.target, headers: { ...input.headers, ...out.headers }, body: out.body, message: out.message }
}

/** The verdict about a request: `true`, or the code of the refusal. */
export function verdict(definition, received, options = {}) {
  const result = verify(definition, received, { secret, now, ...options })
  return result.ok ? true : result.code
}

/** What is wrong with a definition, a line each without `scheme 'acme': `; an empty list when it compiles. */
export function mistakes(definition) {
  try {
    scheme({ name: 'acme', signature: { header: 'x-signature' }, message: '{body}', ...definition })
    return []
  } catch (error) {
    if (!(error instanceof TypeError) || error.code !== 'ERR_INVALID_ARG_VALUE') throw error
    return error.message.split('\n').map((line) => line.replace(/^scheme '[^']*': /, ''))
  }
}

/** A scheme that compiles, with `acme` and a signature in X-Signature unless it says otherwise. */
export function acme(definition) {
  return scheme({ name: 'acme', signature: { header: 'x-signature' }, message: '{body}', ...definition })
}

/** HMAC-SHA256 of octets or text in lower-case hex, by Node's own createHmac. */
export function hexOf(message, key = secret) {
  return createHmac('sha256', key).update(message).digest('hex')
}
