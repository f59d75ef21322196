import type { IncomingMessage } from 'node:http'
import { coreError } from './errors.js'

/** How a body is read. */
export interface BodyOptions {
  /** The largest body that is read, octets. Default 1048576 (1 MiB). */
  readonly maxBodyBytes?: number
  /** `wire`: the octets as sent. `decoded`: with the Content-Encoding (gzip, deflate, br) taken off, at most maxBodyBytes of them. Default `wire`. */
  readonly digestOver?: 'wire' | 'decoded'
  /** Where a host keeps the octets when it has drained the stream itself; goes before `req.rawBody`. Only a Buffer counts. */
  readonly rawBody?: (message: IncomingMessage) => Uint8Array | undefined
}

export function readBody(_message: IncomingMessage, _options: BodyOptions = {}): Buffer | Promise<Buffer> {
  throw coreError('ERR_BODY_CONSUMED')
}
