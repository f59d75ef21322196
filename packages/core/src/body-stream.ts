import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { setImmediate } from 'node:timers'
import { type CountersignError, coreError } from './errors.js'
import { type Exchange, exchangeOf, type PendingBody } from './exchange.js'
import { announcedLength, http2Stream, isCut, isReset, owesContinue } from './message.js'

const empty = Buffer.alloc(0)

/**
 * The octets of a body as sent, read once per message and put back, so that whoever follows reads them as ever.
 *
 * @param limit - the most octets this caller takes; another caller of the same message may have another limit
 * @param response - the response to the message; with it the reader sends a `100 Continue` that is still owed
 * @returns at once when there is no body or all of it has arrived, else a promise
 * @throws CountersignError `ERR_BODY_TOO_LARGE`, `ERR_BODY_CONSUMED`, `ERR_BODY_ABORTED`
 */
export function readWire(message: IncomingMessage, limit: number, response?: ServerResponse): Buffer | Promise<Buffer> {
  const exchange = exchangeOf(message)
  const known = exchange.body
  if (known !== undefined) return Buffer.isBuffer(known) ? within(known, limit) : known.join(limit)
  const stream = http2Stream(message)
  const announced = announcedLength(message, stream)
  if (announced === 0) return empty
  if (announced !== undefined && announced > limit) throw coreError('ERR_BODY_TOO_LARGE')
  const obstacle = obstacleTo(message, stream, exchange)
  if (obstacle !== undefined) throw obstacle
  if (isAllHere(message, stream, announced, 0)) {
    if (message.readableLength > limit) throw coreError('ERR_BODY_TOO_LARGE')
    return takeAll(message, exchange)
  }
  const reader = new BodyReader(message, stream, exchange, announced, response)
  exchange.body = reader
  // An HTTP/1 body mostly came in the same segment as its head: after this turn it is here, and no listener is needed.
  if (stream === undefined) setImmediate(start, reader)
  else process.nextTick(start, reader)
  return reader.join(limit)
}

/** Whether somebody else has read from the stream, is reading from it, or has turned its octets into text. */
export function isTaken(message: IncomingMessage): boolean {
  const exchange = exchangeOf(message)
  return exchange.body === undefined && isUsed(message, exchange)
}

function isUsed(message: IncomingMessage, exchange: Exchange): boolean {
  if (message.readableEnded || message.readableEncoding !== null || message.readableFlowing === true) return true
  if (exchange.putBack !== undefined) return message.readableLength < exchange.putBack
  return message.readableDidRead || message.listenerCount('readable') > 0
}

/** Why a body cannot be read. The first line settles what is so for nearly every request. */
function obstacleTo(message: IncomingMessage, stream: ServerHttp2Stream | undefined, exchange: Exchange): CountersignError | undefined {
  if (stream === undefined && isUntouched(message)) return undefined
  if (isCut(message, stream)) return coreError('ERR_BODY_ABORTED')
  return isUsed(message, exchange) ? coreError('ERR_BODY_CONSUMED') : undefined
}

function isUntouched(message: IncomingMessage): boolean {
  return message.readableFlowing === null && !message.destroyed && !message.readableDidRead && message.readableEncoding === null
}

interface Caller {
  readonly limit: number
  readonly resolve: (octets: Buffer) => void
  readonly reject: (error: Error) => void
}

/** Collects the body of one message for one or several callers. */
class BodyReader implements PendingBody {
  readonly #message: IncomingMessage
  readonly #stream: ServerHttp2Stream | undefined
  readonly #exchange: Exchange
  readonly #announced: number | undefined
  readonly #response: ServerResponse | undefined
  #callers: Caller[] = []
  #whole: Buffer | undefined
  #chunks: Buffer[] | undefined
  #received = 0
  #detach: (() => void) | undefined

  constructor(
    message: IncomingMessage,
    stream: ServerHttp2Stream | undefined,
    exchange: Exchange,
    announced: number | undefined,
    response: ServerResponse | undefined,
  ) {
    this.#message = message
    this.#stream = stream
    this.#exchange = exchange
    this.#announced = announced
    this.#response = response
  }

  join(limit: number): Promise<Buffer> {
    if ((this.#announced ?? this.#received) > limit) throw coreError('ERR_BODY_TOO_LARGE')
    return handled(
      new Promise((resolve, reject) => {
        this.#callers.push({ limit, resolve, reject })
      }),
    )
  }

  start(): void {
    const obstacle = obstacleTo(this.#message, this.#stream, this.#exchange)
    if (obstacle !== undefined) this.#fail(obstacle)
    else if (isAllHere(this.#message, this.#stream, this.#announced, 0)) this.#arrived()
    else this.#attach()
  }

  #arrived(): void {
    this.#admit(this.#message.readableLength)
    const octets = takeAll(this.#message, this.#exchange)
    for (const caller of this.#callers) caller.resolve(octets)
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
    const response = this.#response
    if (response === undefined) return
    // RFC 9110 section 10.1.1. With a 'checkContinue' listener Node leaves it to whoever reads the body.
    if (message.readableLength === 0 && !response.headersSent && owesContinue(message, response, true)) response.writeContinue()
    drainAfter(response, message)
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
    if (isAllHere(message, this.#stream, this.#announced, this.#received)) this.#finish()
  }

  #keep(chunk: Buffer): void {
    const from = this.#received
    this.#received += chunk.length
    if (this.#announced === undefined || this.#received > this.#announced) {
      this.#chunks ??= []
      this.#chunks.push(chunk)
    } else if (from === 0 && chunk.length === this.#announced) {
      this.#whole = chunk
    } else {
      this.#whole ??= Buffer.allocUnsafeSlow(this.#announced)
      this.#whole.set(chunk, from)
    }
  }

  #admit(octets: number): void {
    const over = this.#callers.filter((caller) => octets > caller.limit)
    if (over.length === 0) return
    this.#callers = this.#callers.filter((caller) => octets <= caller.limit)
    for (const caller of over) caller.reject(coreError('ERR_BODY_TOO_LARGE'))
  }

  #finish(): void {
    const octets = this.#release()
    this.#exchange.body = octets
    for (const caller of this.#callers) caller.resolve(octets)
  }

  #giveUp(): void {
    this.#exchange.putBack = this.#release().length
    this.#exchange.body = undefined
  }

  #over(): void {
    const isCutOff = isCut(this.#message, this.#stream)
    if (!isCutOff && isAllHere(this.#message, this.#stream, this.#announced, this.#received)) this.#finish()
    else this.#fail(coreError('ERR_BODY_ABORTED'))
  }

  #fail(error: Error): void {
    this.#detach?.()
    this.#exchange.body = undefined
    for (const caller of this.#callers) caller.reject(error)
  }

  /** Stops listening and puts back what was read. */
  #release(): Buffer {
    this.#detach?.()
    const [only, ...more] = this.#chunks ?? []
    const joined = only === undefined || more.length > 0 ? Buffer.concat(this.#chunks ?? []) : only
    const octets = this.#whole?.subarray(0, this.#received) ?? joined
    this.#chunks = undefined
    // Reading the last octets schedules 'end' for the next tick; it is called off when there are octets again by then.
    if (octets.length > 0 && !this.#message.readableEnded) this.#message.unshift(octets)
    return octets
  }
}

/** An authenticator that asks for a body and then does not wait for it must not give every sender a way to end the process. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore)
  return promise
}

function ignore(): void {
  // Whoever waits for it is told as well.
}

function start(reader: BodyReader): void {
  reader.start()
}

function isAllHere(
  message: IncomingMessage,
  stream: ServerHttp2Stream | undefined,
  announced: number | undefined,
  received: number,
): boolean {
  const isOver = stream === undefined ? message.complete : stream.readableEnded && !isReset(stream)
  return isOver && (announced === undefined || received + message.readableLength === announced)
}

function takeAll(message: IncomingMessage, exchange: Exchange): Buffer {
  const length = message.readableLength
  const octets = length === 0 ? empty : (message.read(length) as Buffer)
  exchange.body = octets
  if (length > 0) message.unshift(octets)
  return octets
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
