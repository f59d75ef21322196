import type { IncomingMessage, ServerResponse } from 'node:http'
import { coreError } from '../errors.js'
import { invalidType, invalidValue } from '../options.js'
import { type Exchange, exchangeOf } from '../request/exchange.js'
import type { BodyOptions } from '../request/request.js'
import { contentCoding, decodeBody, decoderOf } from './decode.js'
import { handled, isTaken, readWire } from './stream.js'

/** The default of `maxBodyBytes`: 1 MiB. */
export const defaultMaxBodyBytes = 1_048_576

/**
 * The octets of a request's body. Whatever follows (express.json, multer, koa-body, a pipe) can still read them.
 *
 * Order of trust: what the `rawBody` option answers; the stream, when nobody has read from it; the message's own property
 * `rawBody`, when it is a Buffer or Uint8Array (never a string, never inherited). The latter two kinds of kept octets had
 * their Content-Encoding taken off by whoever kept them, so that they count for `digestOver: 'decoded'` only when there is one.
 *
 * Not checked: anything about what the octets say.
 *
 * @param options.maxBodyBytes - octets, also of the decoded body. Default 1048576.
 * @param response - the response to the message; with it a `100 Continue` that a 'checkContinue' listener left unsent is sent
 * @returns the octets at once when there is no body, all of it has arrived or it was read before; else a promise of them
 * @throws CountersignError (or rejects with) `ERR_BODY_TOO_LARGE` (413), `ERR_BODY_CONSUMED` (500), `ERR_BODY_ABORTED` (400),
 *   and with `digestOver: 'decoded'` `ERR_BODY_ENCODING` (415) and `ERR_BODY_MALFORMED` (400)
 * @throws TypeError when an option is none of what it may be
 */
export function readBody(message: IncomingMessage, options: BodyOptions = {}, response?: ServerResponse): Buffer | Promise<Buffer> {
  return bodyOf(exchangeOf(message), options, response)
}

/** As {@link readBody}, of a message whose record is at hand. */
export function bodyOf(exchange: Exchange, options: BodyOptions = {}, response?: ServerResponse): Buffer | Promise<Buffer> {
  const given = own(options, 'maxBodyBytes')
  const limit = given === undefined ? defaultMaxBodyBytes : given
  if (!Number.isSafeInteger(limit) || limit < 0) throw invalidValue('readBody', 'maxBodyBytes', 'must be a whole number of octets')
  const coding = contentCoding(exchange.headers['content-encoding'])
  const isDecoded = digestsDecoded(own(options, 'digestOver'))
  const kept = keptOctets(exchange, own(options, 'rawBody'))
  if (kept !== undefined) {
    if (coding !== undefined && !isDecoded)
      throw coreError('ERR_BODY_CONSUMED', 'the kept octets are not those that were sent, since they had a Content-Encoding')
    if (kept.length > limit) throw coreError('ERR_BODY_TOO_LARGE')
    return kept
  }
  if (!isDecoded || coding === undefined) return readWire(exchange, limit, response)
  const decoder = decoderOf(coding)
  const octets = readWire(exchange, limit, response)
  const decoded = octets instanceof Promise ? octets.then((wire) => decodeBody(wire, decoder, limit)) : decodeBody(octets, decoder, limit)
  return decoded instanceof Promise ? handled(decoded) : decoded
}

/** An option is an own property, never one that somebody put on Object.prototype. */
function own<K extends keyof BodyOptions>(options: BodyOptions, name: K): BodyOptions[K] | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined
}

function digestsDecoded(digestOver: unknown): boolean {
  if (digestOver === undefined || digestOver === 'wire') return false
  if (digestOver === 'decoded') return true
  throw invalidValue('readBody', 'digestOver', "must be one of 'wire', 'decoded'")
}

function keptOctets(exchange: Exchange, rawBody: BodyOptions['rawBody']): Buffer | undefined {
  const { message } = exchange
  const given = rawBody?.(message) ?? undefined
  if (given !== undefined) {
    if (!(given instanceof Uint8Array)) throw invalidType('readBody', 'rawBody', 'a function that returns a Buffer or undefined', given)
    return asBuffer(given)
  }
  if (!Object.hasOwn(message, 'rawBody') || !isTaken(exchange)) return undefined
  const own = (message as { rawBody?: unknown }).rawBody
  return own instanceof Uint8Array ? asBuffer(own) : undefined
}

function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
}
