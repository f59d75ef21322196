import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { setImmediate } from 'node:timers'
import { type CountersignError, coreError } from '../errors.js'
import type { Exchange, PendingBody } from '../request/exchange.js'
import { announcedLength, isCut, isReset, owesContinue } from '../request/message.js'
import { hasEnded, isUntouched, onlyChunk, putBack } from './stream-record.js'

const empty = Buffer.alloc(0)

/**
 * The octets of a body as sent, read once per message and put back, so that whoever follows reads them as ever.
 *
 * @param limit - the most octets this caller takes; another caller of the same message may have another limit
 * @param response - the response to the message; with it the reader sends a `100 Continue` that is still owed
 * @returns at once when there is no body or all of it has arrived, else a promise
 * @throws CountersignError `ERR_BODY_TOO_LARGE`, `ERR_BODY_CONSUMED`, `ERR_BODY_ABORTED`
 */
export function readWire(exchange: Exchange, limit: number, response?: ServerResponse): Buffer | Promise<Buffer> {
  const { body: known, headers, stream } = exchange
  if (known !== undefined) return Buffer.isBuffer(known) ? within(known, limit) : known.join(limit)
  const announced = announcedLength(headers, stream)
  if (announced === 0) return empty
  if (announced !== undefined && announced > limit) throw coreError('ERR_BODY_TOO_LARGE')
  const obstacle = obstacleTo(exchange)
  if (obstacle !== undefined) throw obstacle
  if (announced !== undefined && stream === undefined) pullKept(exchange.message)
  const waiting = lastOctets(exchange, announced, 0)
  if (waiting !== undefined) {
    if (waiting > limit) throw coreError('ERR_BODY_TOO_LARGE')
    return takeAll(exchange, waiting)
  }
  const reader = new BodyReader(exchange, announced, response)
  exchange.body = reader
  // An HTTP/1 body mostly came in the same segment as its head: after this turn it is here, and no listener is needed.
  if (stream === undefined) setImmediate(start, reader)
  else process.nextTick(start, reader)
  return reader.join(limit)
}

/** Whether somebody else has read from the stream, is reading from it, or has turned its octets into text. */
export function isTaken(exchange: Exchange): boolean {
  return exchange.body === undefined && isUsed(exchange)
}

function isUsed({ message, putBack }: Exchange): boolean {
  if (message.readableEnded || message.readableEncoding !== null || message.readableFlowing === true) return true
  if (putBack !== undefined) return message.readableLength < putBack
  return message.readableDidRead || message.listenerCount('readable') > 0
}

/** Why a body cannot be read. The first line settles what is so for nearly every request. */
function obstacleTo(exchange: Exchange): CountersignError | undefined {
  const { message, stream } = exchange
  if (stream === undefined && isUntouched(message)) return undefined
  if (isCut(message, stream)) return coreError('ERR_BODY_ABORTED')
  return isUsed(exchange) ? coreError('ERR_BODY_CONSUMED') : undefined
}

interface Caller {
  readonly limit: number
  readonly resolve: (octets: Buffer) => void
  readonly reject: (error: Error) => void
}

/** Collects the body of one message for one or several callers. */
class BodyReader implements PendingBody {
  readonly #exchange: Exchange
  readonly #announced: number | undefined
  readonly #response: ServerResponse | undefined
  #callers: Caller[] = []
  #whole: Buffer | undefined
  #chunks: Buffer[] | undefined
  #received = 0
  #detach: (() => void) | undefined

  constructor(exchange: Exchange, announced: number | undefined, response: ServerResponse | undefined) {
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
    const obstacle = obstacleTo(this.#exchange)
    if (obstacle !== undefined) {
      this.#fail(obstacle)
      return
    }
    const waiting = lastOctets(this.#exchange, this.#announced, 0)
    if (waiting === undefined) this.#attach()
    else this.#arrived(waiting)
  }

  #arrived(waiting: number): void {
    this.#admit(waiting)
    const octets = takeAll(this.#exchange, waiting)
    for (const caller of this.#callers) caller.resolve(octets)
  }

  #attach(): void {
    const { message } = this.#exchange
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
    drainAfter(response, message, this.#exchange.stream)
  }

  #pull(): void {
    const { message } = this.#exchange
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
    if (lastOctets(this.#exchange, this.#announced, this.#received) !== undefined) this.#finish()
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
    const { message, stream } = this.#exchange
    const isWhole = !isCut(message, stream) && lastOctets(this.#exchange, this.#announced, this.#received) !== undefined
    if (isWhole) this.#finish()
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
    const { message } = this.#exchange
    if (octets.length > 0 && !message.readableEnded) putBack(message, octets)
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

function isOver({ message, stream }: Exchange): boolean {
  if (stream !== undefined) return stream.readableEnded && !isReset(stream)
  // Messages of test tools, such as light-my-request, have no such mark.
  return (message.complete as boolean | undefined) ?? hasEnded(message)
}

/**
 * A message that is complete and announces octets, none of which waits, was made by no parser of Node's: an adapter of a cloud's functions has
 * all of it, and gives it when it is asked for. Some call the message finished at the end of this turn.
 */
function pullKept(message: IncomingMessage): void {
  if (message.complete && message.readableLength === 0) message.read(0)
}

/** How many octets wait to be read, where they are all that was missing; undefined while more is to come. */
function lastOctets(exchange: Exchange, announced: number | undefined, received: number): number | undefined {
  if (!isOver(exchange)) return undefined
  const waiting = exchange.message.readableLength
  return announced === undefined || received + waiting === announced ? waiting : undefined
}

function takeAll(exchange: Exchange, waiting: number): Buffer {
  const octets = waiting === 0 ? empty : (onlyChunk(exchange.message, waiting) ?? readAndPutBack(exchange.message, waiting))
  exchange.body = octets
  return octets
}

function readAndPutBack(message: IncomingMessage, waiting: number): Buffer {
  const octets = message.read(waiting) as Buffer
  putBack(message, octets)
  return octets
}

function within(octets: Buffer, limit: number): Buffer {
  if (octets.length > limit) throw coreError('ERR_BODY_TOO_LARGE')
  return octets
}

/**
 * Once the response is out, Node dumps a body that nobody touched, and closes the stream of HTTP/2 that it came in. One that we have read
 * and put back is ours to dump; a stream whose body still comes says its 'close' only when it is closed.
 */
function drainAfter(response: ServerResponse, message: IncomingMessage, stream: ServerHttp2Stream | undefined): void {
  const isRead = () => message.listenerCount('data') > 0 || message.listenerCount('readable') > 0
  response.once('close', () => {
    if (!isRead() && !message.readableEnded && !message.destroyed) message.resume()
  })
  stream?.once('finish', () =>
    setImmediate(() => {
      if (!isRead() && !stream.readableEnded) stream.close()
    }),
  )
}
