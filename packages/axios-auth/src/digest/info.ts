import { readAuthParams } from '../answer/challenges.js'
import type { Answer } from '../carrier/step.js'
import { axiosAuthError } from '../errors.js'
import type { DigestQop } from './challenge.js'
import type { DigestCredentials } from './session.js'

/** The nonce that the server wants for the next request (Authentication-Info, RFC 7616 section 3.5); undefined when it names none. */
export function nextNonce(answer: Answer): string | undefined {
  return infoOf(answer)?.get('nextnonce')
}

/**
 * Asks an answer for the proof that its server knows the password. Every 2xx answer has to have it, one to a request that was never
 * challenged as well; others may do without.
 *
 * With auth-int the proof covers the body as the adapter gives it: octets, or text as UTF-8. A body that came with a Content-Encoding, or
 * as a stream, cannot be checked, and fails.
 *
 * @param credentials - those of the request; undefined when it had none
 * @throws AxiosAuthError `ERR_AXIOS_DIGEST_SERVER`
 */
export function checkServer(credentials: DigestCredentials | undefined, answer: Answer): void {
  const info = infoOf(answer)
  const rspauth = info?.get('rspauth')
  if (rspauth === undefined && (answer.status < 200 || answer.status > 299)) return
  const qop: DigestQop = info?.get('qop')?.toLowerCase() === 'auth-int' ? 'auth-int' : 'auth'
  const body = qop === 'auth' ? new Uint8Array(0) : octetsOf(answer.response.data)
  if (credentials === undefined || rspauth === undefined || body === undefined || !credentials.proves(rspauth, qop, body)) {
    throw axiosAuthError('ERR_AXIOS_DIGEST_SERVER')
  }
}

function infoOf(answer: Answer): ReadonlyMap<string, string> | undefined {
  const values = answer.headerValues('authentication-info')
  return values.length === 0 ? undefined : readAuthParams(values.join(', '))
}

function octetsOf(data: unknown): Uint8Array | undefined {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return data === undefined || data === null ? new Uint8Array(0) : undefined
}
