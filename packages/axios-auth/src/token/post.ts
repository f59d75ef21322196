import http, { type ClientRequest, type Agent as HttpAgent, type IncomingMessage } from 'node:http'
import https, { type Agent as HttpsAgent } from 'node:https'
import { isOfProxy } from '../carrier/tunnel.js'
import { TokenError } from './error.js'

/** How a token request is sent. */
export interface PostOptions {
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly httpAgent: HttpAgent | undefined
  readonly httpsAgent: HttpsAgent | undefined
}

/** What a token service answered. */
export interface PostAnswer {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/**
 * Posts octets and reads the whole answer, whatever its status. Nothing of axios is in it: no interceptor, no default of the user, no
 * proxy of the environment, no redirect, no decompression.
 *
 * @param options.timeoutMs - for all of it, from the connection to the last octet
 * @throws TokenError `ERR_AXIOS_TOKEN_UNREACHABLE`, `ERR_AXIOS_TOKEN_TIMEOUT`, `ERR_AXIOS_TOKEN_TOO_LARGE`, without a cause: an error of Node's parser holds octets
 *   of the answer
 */
export function post(url: URL, headers: Readonly<Record<string, string>>, body: Buffer, options: PostOptions): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:'
    // agent false is a connection of its own: one that was kept may be closed by the other side in the moment that it is used again.
    const agent = (isTls ? options.httpsAgent : options.httpAgent) ?? false
    let request: ClientRequest
    try {
      // Of the module as it is now, as axios does: mocks (nock, msw) and tracers replace its functions, which a named import does not see.
      const { request: open } = isTls ? https : http
      // As text: of a URL object Node asks whether it has `auth`, which a polluted prototype has, and then takes it for options.
      request = open(url.href, { method: 'POST', headers: { ...headers }, agent })
    } catch (error) {
      // An agent of the user's that throws.
      return reject(unreachable(error))
    }
    const settle = (end: () => void) => {
      clearTimeout(timer)
      end()
      request.destroy()
    }
    const fail = (error: TokenError) => settle(() => reject(error))
    const late = () => fail(new TokenError('ERR_AXIOS_TOKEN_TIMEOUT', `no token within ${options.timeoutMs} ms`))
    const timer = setTimeout(late, options.timeoutMs)
    request.on('error', (error) => fail(unreachable(error)))
    const lost = () => fail(unreachable(undefined))
    request.on('close', lost)
    request.on('response', (response) => {
      // From here on the response tells of a broken connection. Mocks (nock 14, msw 2) close a request before its response was read.
      request.off('close', lost)
      if (isOfProxy(url.href, request)) {
        const why = `the proxy refused the tunnel to the token service with status ${response.statusCode}`
        return fail(new TokenError('ERR_AXIOS_TOKEN_UNREACHABLE', why))
      }
      read(response, options.maxResponseBytes).then(
        (octets) => settle(() => resolve({ status: response.statusCode ?? 0, rawHeaders: response.rawHeaders, body: octets })),
        (error) => fail(error instanceof TokenError ? error : unreachable(error)),
      )
    })
    request.end(body)
  })
}

async function read(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length
    if (octets > limit) throw new TokenError('ERR_AXIOS_TOKEN_TOO_LARGE', `the response of the token service has more than ${limit} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function unreachable(error: unknown): TokenError {
  const code = (error as { code?: unknown } | undefined)?.code
  const named = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? ` (${code})` : ''
  return new TokenError('ERR_AXIOS_TOKEN_UNREACHABLE', `the token service could not be reached, or closed the connection${named}`)
}
