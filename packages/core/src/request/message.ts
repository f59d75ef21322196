import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2'

/** The stream behind a message of HTTP/2's compatibility API; undefined for HTTP/1. */
export function http2Stream(message: IncomingMessage): ServerHttp2Stream | undefined {
  return message.httpVersionMajor >= 2 ? (message as unknown as Http2ServerRequest).stream : undefined
}

/**
 * The length of the body that the head announces (RFC 9112 section 6.3; HTTP/2: no END_STREAM on HEADERS), octets.
 *
 * @returns 0 when there is no body; undefined when only its end will tell
 */
export function announcedLength(headers: IncomingHttpHeaders, stream: ServerHttp2Stream | undefined): number | undefined {
  if (stream === undefined && headers['transfer-encoding'] !== undefined) return undefined
  if (stream?.endAfterHeaders) return 0
  const field = headers['content-length']
  if (field === undefined) return stream === undefined ? 0 : undefined
  const length = Number(field)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** Whether octets of the body are still to come from the connection. */
export function isIncomplete(message: IncomingMessage): boolean {
  const stream = http2Stream(message)
  if (stream !== undefined) return !stream.endAfterHeaders && !stream.readableEnded
  return !message.complete && announcedLength(message.headers, undefined) !== 0
}

/** Whether the connection or stream broke. An HTTP/1 message is also destroyed once it was read to its end. */
export function isCut(message: IncomingMessage, stream: ServerHttp2Stream | undefined): boolean {
  return message.aborted || (!message.readableEnded && (message.destroyed || isReset(stream)))
}

/** A reset HTTP/2 stream says 'end' like a whole one. While no answer was given, `closed` means reset. */
export function isReset(stream: ServerHttp2Stream | undefined): boolean {
  return stream !== undefined && (stream.aborted || stream.closed || stream.destroyed)
}

/**
 * Whether the sender waits for a `100 Continue` that nobody has sent. HTTP/2 streams keep a record of what was sent; for HTTP/1
 * only Node's own mark is there, of which nothing but the number of interim answers and a second of patience depend: a second
 * 100 is legal (RFC 9110 section 15.2).
 *
 * @param unmarked - what to believe where there is no mark
 */
export function owesContinue(message: IncomingMessage, response: ServerResponse, unmarked: boolean): boolean {
  if (message.headers.expect?.toLowerCase() !== '100-continue') return false
  const stream = http2Stream(message)
  if (stream !== undefined) return stream.sentInfoHeaders?.every((headers) => headers[':status'] !== 100) ?? true
  const mark = (response as { _sent100?: unknown })._sent100
  return typeof mark === 'boolean' ? !mark : unmarked
}
