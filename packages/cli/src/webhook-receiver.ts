import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { outOfReach } from './exit-codes.js'
import { reasonOf } from './input/octets.js'

/** A request as it came. */
export interface Received {
  readonly method: string
  /** Path and query as on the wire. */
  readonly target: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Undefined when it was larger than allowed. */
  readonly body: Buffer | undefined
}

/** What is answered. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Where to listen, and what to do with a request. */
export interface ReceiverOptions {
  readonly host: string
  readonly port: number
  readonly maxBodyBytes: number
  readonly receive: (received: Received) => Promise<Reply>
  /** Told of what came and is no request that can be read. */
  readonly unreadable: (reason: string) => void
}

/** A receiver that listens. */
export interface Receiver {
  readonly url: string
  /** Takes no more requests; resolves when those that are there were answered. */
  readonly close: () => Promise<void>
}

const REQUEST_MS = 30_000
const MOST_CONNECTIONS = 64

/**
 * Starts a server that reads each request whole and hands it on.
 *
 * @throws CommandError (out of reach) when the port is taken
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { host, port } = options
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (message, response) => {
    answered(message, response, options).catch(() => response.destroy())
  })
  server.maxConnections = MOST_CONNECTIONS
  server.on('clientError', (error: ParseError, socket: Socket) => refuseUnreadable(error, socket, options))
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw outOfReach(`cannot listen on ${host}:${port}: ${reasonOf(error)}`, { cause: error })
  }
  return { url: urlOf(server), close: () => closed(server) }
}

/** What Node says of octets that its parser refuses. */
interface ParseError extends Error {
  readonly code?: string
  readonly rawPacket?: Uint8Array
}

/** The record of a TLS handshake (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16
const STATUS_LINES = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** Answers as Node does where nobody listens to this event. A sender that is gone has nothing to be told of. */
function refuseUnreadable(error: ParseError, socket: Socket, { unreadable }: ReceiverOptions): void {
  const { code = '', rawPacket } = error
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const isTls = code === 'HPE_INVALID_METHOD' && rawPacket?.[0] === TLS_HANDSHAKE
  unreadable(isTls ? 'the sender speaks TLS; the URL that it calls must begin with http:' : `it is no HTTP request: ${code}`)
  socket.end(`HTTP/1.1 ${STATUS_LINES.get(code) ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function answered(message: IncomingMessage, response: ServerResponse, { maxBodyBytes, receive }: ReceiverOptions): Promise<void> {
  const body = await bodyOf(message, maxBodyBytes)
  const { method = '', url = '', rawHeaders } = message
  const reply = await receive({ method, target: url, rawHeaders, body })
  // What was not read would be taken for the next request.
  if (body === undefined) response.setHeader('Connection', 'close')
  response.writeHead(reply.status, { 'Cache-Control': 'no-store', 'Content-Type': 'text/plain', ...reply.headers })
  response.end(reply.body ?? '')
}

async function bodyOf(message: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  // A sender that keeps its connection open does not keep us.
  const late = setTimeout(() => server.closeAllConnections(), 1_000)
  await end
  clearTimeout(late)
}
