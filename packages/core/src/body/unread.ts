import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { http2Stream, isIncomplete, owesContinue } from '../request/message.js'
import { defaultMaxBodyBytes } from './body.js'

const lingerMs = 1000

/**
 * Finds out whether a body is still on its way when its request is refused. Mostly it came in the same segment as the head,
 * and the next turn of the event loop knows; then the connection can stay.
 */
export function whenBodyKnown(message: IncomingMessage, then: (isUnread: boolean) => void): void {
  if (isIncomplete(message)) setImmediate(() => then(isIncomplete(message)))
  else then(false)
}

/**
 * The body of a refusal as the framework is to write it.
 *
 * @param isUnread - whether the request's own body is still on its way
 */
export function refusalBody(message: IncomingMessage, response: ServerResponse, body: Buffer, isUnread: boolean): Buffer | Readable {
  if (!isUnread) return body
  if (mustLinger(message, response)) return lingeringBody(message, body)
  closeUnreadStream(message)
  return body
}

/**
 * The body of an answer to a request whose own body is still being sent: the octets at once, the end only when the request has
 * ended or 1 s has passed. Ended at once, Node would destroy the socket under a sender that has not read the answer yet; not ended,
 * it would swallow whatever the sender sends. Of that 1 MiB is thrown away, the rest is not read: a sender that can send no more
 * looks at the answer, where a broken connection would hide it (proxies then say 502, and clients EPIPE).
 */
function lingeringBody(message: IncomingMessage, body: Buffer): Readable {
  let left = defaultMaxBodyBytes
  const onData = (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) message.pause()
  }
  const end = () => {
    release()
    stream.push(null)
  }
  const release = () => {
    clearTimeout(timer)
    message.off('data', onData).off('end', end).off('close', end)
    message.pause()
  }
  const stream = new Readable({
    read() {
      // All of it is pushed below.
    },
    destroy(error, done) {
      release()
      done(error)
    },
  })
  const timer = setTimeout(end, lingerMs)
  stream.push(body)
  message.on('data', onData).on('end', end).on('close', end)
  message.resume()
  return stream
}

/** The connection fields of an answer whose request's body is unread: HTTP/1 closes, HTTP/2 has no such field. */
export function connectionFields(message: IncomingMessage, isUnread: boolean): Readonly<Record<string, string>> {
  return isUnread && http2Stream(message) === undefined ? { Connection: 'close' } : {}
}

/** Whether the answer to an unread HTTP/1 body has to linger. A sender that still waits for `100 Continue` sends nothing. */
function mustLinger(message: IncomingMessage, response: ServerResponse): boolean {
  if (message.method === 'HEAD' || http2Stream(message) !== undefined) return false
  return !owesContinue(message, response, false)
}

/** Once an HTTP/2 answer is out, what its sender still sends is refused (RFC 9113 section 8.1: RST_STREAM with NO_ERROR). */
function closeUnreadStream(message: IncomingMessage): void {
  const stream = http2Stream(message)
  stream?.once('finish', () => setImmediate(() => stream.close()))
}
