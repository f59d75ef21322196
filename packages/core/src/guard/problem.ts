import { nodeHttp } from '../builtins.js'

/** The public sentence of a status. It says nothing that depends on the request, the client or the secret. */
const details: ReadonlyMap<number, string> = new Map([
  [400, 'The request cannot be processed as it was sent'],
  [401, 'Valid credentials are required'],
  [403, 'You are not allowed to access this resource'],
  [413, 'The request body is too large'],
  [415, 'The content coding of the request body is not supported'],
  [500, 'The request could not be authenticated because of an error in the server'],
  [503, 'The request cannot be authenticated at the moment'],
])

const bodies = new Map<number, Buffer>()

/** The `detail` of a status's problem document. */
export function problemDetail(status: number): string {
  return details.get(status) ?? (status < 500 ? 'The request was refused' : 'The request could not be authenticated')
}

/** The problem document (RFC 9457) of a status, serialised once. Its text depends on the status alone. */
export function problemBody(status: number): Buffer {
  let body = bodies.get(status)
  if (body === undefined) {
    body = Buffer.from(
      JSON.stringify({ type: 'about:blank', title: nodeHttp().STATUS_CODES[status] ?? 'Error', status, detail: problemDetail(status) }),
    )
    bodies.set(status, body)
  }
  return body
}
