import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** All that an authenticator may see of a request; never Express's or Koa's own object. */
export interface AuthRequest {
  readonly method: string
  /** Path and query as they came on the wire, before any router rewrote them. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as received: `[name, value, name, value, ...]`. */
  readonly rawHeaders: readonly string[]
  readonly socket: Socket | TLSSocket
  /**
   * The octets of the body as sent, at most `maxBodyBytes`. Whatever follows can still read them.
   *
   * @throws CountersignError when the body is too large, was consumed by somebody else, or broke off
   */
  body(options?: BodyOptions): Buffer | Promise<Buffer>
}

/** How a body is read. */
export interface BodyOptions {
  /** The largest body that is read, octets. Default 1048576 (1 MiB). */
  readonly maxBodyBytes?: number
  /** `wire`: the octets as sent. `decoded`: with the Content-Encoding (gzip, deflate, br) taken off, at most maxBodyBytes of them. Default `wire`. */
  readonly digestOver?: 'wire' | 'decoded'
  /** Where a host keeps the octets when it has drained the stream itself; goes before `req.rawBody`. Only a Buffer counts. */
  readonly rawBody?: (message: IncomingMessage) => Uint8Array | undefined
}
