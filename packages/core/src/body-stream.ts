import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2'
import { coreError } from './errors.js'

const empty = Buffer.alloc(0)

/** What is known of a message's body: the octets, or the reader that is collecting them. */
const kBody = Symbol('countersign.body')

/** How many octets we put back without having the whole body, so that our own reading is not taken for somebody else's. */
const kPutBack = Symbol('countersign.putBack')

/** Kept on the message itself, as request.ts says why. */
interface Holder {
  [kBody]?: Buffer | BodyReader | undefined
  [kPutBack]?: number
}

/** The stream behind a message of HTTP/2's compatibility API; undefined for HTTP/1. */
export function http2Stream(message: IncomingMessage): ServerHttp2Stream | undefined {
  return message.httpVersionMajor >= 2 ? (message as unknown as Http2ServerRequest).stream : undefined
}

/** Whether the head of the message announces a body (RFC 9112 section 6.3; HTTP/2: no END_STREAM on HEADERS). */
export function announcesBody(message: IncomingMessage): boolean {
  const stream = http2Stream(message)
  if (stream !== undefined) return !stream.endAfterHeaders
  return message.headers['transfer-encoding'] !== undefined || declaredLength(message) !== 0
}

/** Whether octets of the body are still to come from the connection. */
export function isIncomplete(message: IncomingMessage): boolean {
  const stream = http2Stream(message)
  if (stream !== undefined) return !stream.endAfterHeaders && !stream.readableEnded
  return !message.complete && announcesBody(message)
}

/**
 * The octets of a body as sent, read once per message and put back, so that whoever follows reads them as ever.
 *
 * @param limit - the most octets this caller takes; another caller of the same message may have another limit
 * @param response - the response to the message; with it the reader sends a `100 Continue` that is still owed
 * @returns at once when there is no body or all of it has arrived, else a promise
 * @throws CountersignError `ERR_BODY_TOO_LARGE`, `ERR_BODY_CONSUMED`, `ERR_BODY_ABORTED`
 */
export function readWire(message: IncomingMessage, limit: number, response?: ServerResponse): Buffer | Promise<Buffer> {
  const known = (message as Holder)[kBody]
  if (known !== undefined) return known instanceof BodyReader ? known.join(limit) : within(known, limit)
  if (!announcesBody(message)) return empty
  const declared = message.headers['transfer-encoding'] === undefined ? declaredLength(message) : undefined
  if (declared !== undefined && declared > limit) throw coreError('ERR_BODY_TOO_LARGE')
  if (isCut(message)) throw coreError('ERR_BODY_ABORTED')
  if (isTaken(message)) throw coreError('ERR_BODY_CONSUMED')
  if (isAllHere(message, declared, 0)) {
    if (message.readableLength > limit) throw coreError('ERR_BODY_TOO_LARGE')
    return takeAll(message)
  }
  const reader = new BodyReader(message, declared, response)
  holding(message, reader)
  // An HTTP/1 body mostly came in the same segment as its head: after this turn it is here, and no listener is needed.
  if (http2Stream(message) === undefined) setImmediate(start, reader)
  else process.nextTick(start, reader)
  return reader.join(limit)
}

/** Whether somebody else has read from the stream, is reading from it, or has turned its octets into text. */
export function isTaken(message: IncomingMessage): boolean {
  const known = (message as Holder)[kBody]
  if (known !== undefined) return false
  if (message.readableEnded || message.readableEncoding !== null || message.readableFlowing === true) return true
  const ours = (message as Holder)[kPutBack]
  if (ours !== undefined) return message.readableLength < ours
  return message.readableDidRead || message.listenerCount('readable') > 0
}

function holding(message: IncomingMessage, body: Buffer | BodyReader | undefined): void {
  ;(message as Holder)[kBody] = body
}

interface Caller {
  readonly limit: number
  readonly resolve: (octets: Buffer) => void
  readonly reject: (error: Error) => void
}

/** Collects the body of one message for one or several callers. */
class BodyReader {
  readonly #message: IncomingMessage
  readonly #declared: number | undefined
  readonly #response: ServerResponse | undefined
  #callers: Caller[] = []
  #whole: Buffer | undefined
  #chunks: Buffer[] = []
  #received = 0
  #detach: (() => void) | undefined

  constructor(message: IncomingMessage, declared: number | undefined, response: ServerResponse | undefined) {
    this.#message = message
    this.#declared = declared
    this.#response = response
  }

  join(limit: number): Promise<Buffer> {
    const least = this.#declared ?? this.#received
    if (least > limit) return Promise.reject(coreError('ERR_BODY_TOO_LARGE'))
    return new Promise((resolve, reject) => {
      this.#callers.push({ limit, resolve, reject })
    })
  }

  start(): void {
    const message = this.#message
    if (isCut(message)) this.#fail(coreError('ERR_BODY_ABORTED'))
    else if (isAllHere(message, this.#declared, 0)) this.#arrived()
    else this.#attach()
  }

  #attach(): void {
    const message = this.#message
    const onReadable = () => this.#pull()
    const onOver = () => this.#over()
    message.on('readable', onReadable)
    message.on('end', onOver)
    message.on('close', onOver)
    this.#detach = () => {
      message.off('readable', onReadable)
      message.off('end', onOver)
      message.off('close', onOver)
    }
    if (message.readableLength === 0) this.#continue()
    if (this.#response !== undefined) drainAfter(this.#response, message)
  }

  #arrived(): void {
    this.#admit(this.#message.readableLength)
    if (this.#callers.length === 0) {
      holding(this.#message, undefined)
      return
    }
    const octets = takeAll(this.#message)
    for (const caller of this.#callers) caller.resolve(octets)
  }

  #pull(): void {
    const message = this.#message
    while (message.readableLength > 0) {
      const chunk = message.read() as Buffer | null
      if (chunk === null) break
      this.#keep(chunk)
      this.#admit(this.#received)
      if (this.#callers.length === 0) {
        this.#giveUp()
        return
      }
    }
    if (isAllHere(message, this.#declared, this.#received)) this.#finish()
  }

  #keep(chunk: Buffer): void {
    const from = this.#received
    this.#received += chunk.length
    if (this.#declared === undefined || this.#received > this.#declared) {
      this.#chunks.push(chunk)
    } else if (from === 0 && chunk.length === this.#declared) {
      this.#whole = chunk
    } else {
      this.#whole ??= Buffer.allocUnsafeSlow(this.#declared)
      this.#whole.set(chunk, from)
    }
  }

  #admit(octets: number): void {
    if (this.#callers.every((caller) => octets <= caller.limit)) return
    const over = this.#callers.filter((caller) => octets > caller.limit)
    this.#callers = this.#callers.filter((caller) => octets <= caller.limit)
    for (const caller of over) caller.reject(coreError('ERR_BODY_TOO_LARGE'))
  }

  #finish(): void {
    const octets = this.#collected()
    this.#detach?.()
    holding(this.#message, octets)
    restore(this.#message, octets)
    for (const caller of this.#callers) caller.resolve(octets)
  }

  #giveUp(): void {
    const octets = this.#collected()
    this.#detach?.()
    holding(this.#message, undefined)
    restore(this.#message, octets)
    ;(this.#message as Holder)[kPutBack] = octets.length
  }

  #over(): void {
    if (!isCut(this.#message) && isAllHere(this.#message, this.#declared, this.#received)) this.#finish()
    else this.#fail(coreError('ERR_BODY_ABORTED'))
  }

  #fail(error: Error): void {
    this.#detach?.()
    holding(this.#message, undefined)
    for (const caller of this.#callers) caller.reject(error)
  }

  #collected(): Buffer {
    const octets = this.#whole?.subarray(0, this.#received) ?? (this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks))
    this.#chunks = []
    return octets as Buffer
  }

  /** RFC 9110 section 10.1.1. With a 'checkContinue' listener Node leaves it to whoever reads the body. */
  #continue(): void {
    const response = this.#response
    if (response === undefined || response.headersSent || this.#message.headers.expect?.toLowerCase() !== '100-continue') return
    if (!isContinued(this.#message, response)) response.writeContinue()
  }
}

function start(reader: BodyReader): void {
  reader.start()
}

/**
 * Whether the `100 Continue` has been sent. HTTP/2 streams keep a record; for HTTP/1 only Node's own mark is there, of which
 * nothing but the number of interim answers depends: a second 100 is legal (RFC 9110 section 15.2).
 */
function isContinued(message: IncomingMessage, response: ServerResponse): boolean {
  const stream = http2Stream(message)
  if (stream === undefined) return (response as { _sent100?: boolean })._sent100 === true
  return stream.sentInfoHeaders?.some((headers) => headers[':status'] === 100) ?? false
}

/** The declared length in octets; undefined when it is no number, 0 when there is none. */
function declaredLength(message: IncomingMessage): number | undefined {
  const field = message.headers['content-length']
  if (field === undefined) return http2Stream(message) === undefined ? 0 : undefined
  const length = Number(field)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** Whether the connection or stream broke. An HTTP/1 message is also destroyed once it was read to its end. */
function isCut(message: IncomingMessage): boolean {
  return message.aborted || (!message.readableEnded && (message.destroyed || isReset(http2Stream(message))))
}

/** A reset HTTP/2 stream says 'end' like a whole one. While no answer was given, `closed` means reset. */
function isReset(stream: ServerHttp2Stream | undefined): boolean {
  return stream !== undefined && (stream.aborted || stream.closed || stream.destroyed)
}

function isAllHere(message: IncomingMessage, declared: number | undefined, received: number): boolean {
  const stream = http2Stream(message)
  const isOver = stream === undefined ? message.complete : stream.readableEnded && !isReset(stream)
  return isOver && (declared === undefined || received + message.readableLength === declared)
}

function takeAll(message: IncomingMessage): Buffer {
  const octets = message.readableLength === 0 ? empty : (message.read(message.readableLength) as Buffer)
  holding(message, octets)
  restore(message, octets)
  return octets
}

/** Reading the last octets schedules 'end' for the next tick; it is called off when there are octets again by then. */
function restore(message: IncomingMessage, octets: Buffer): void {
  if (octets.length > 0 && !message.readableEnded && !message.destroyed) message.unshift(octets)
}

function within(octets: Buffer, limit: number): Buffer {
  if (octets.length > limit) throw coreError('ERR_BODY_TOO_LARGE')
  return octets
}

/** Node dumps a body that nobody touched once the response is out; one that we have read and put back is ours to dump. */
function drainAfter(response: ServerResponse, message: IncomingMessage): void {
  response.once('close', () => {
    const isRead = message.listenerCount('data') > 0 || message.listenerCount('readable') > 0
    if (!isRead && !message.readableEnded && !message.destroyed) message.resume()
  })
}
