import { hash } from 'node:crypto'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { type HmacKey, hmacKey, type MessageParts } from '../hash/hmac.js'
import type { Reading } from '../request/reading.js'
import { joined, type MessageBuilder } from '../template/message.js'
import { capturedOf } from '../verify/carried.js'
import { type Cause, told } from './causes.js'
import type { Variant } from './trial.js'

const NOTHING = new Uint8Array(0)

type Construction = (key: HmacKey, message: MessageParts) => readonly [key: HmacKey, message: MessageParts]

const hashOf = (key: HmacKey, first: Uint8Array): HmacKey => ({ ...key, inner: first, prefix: true })

const CONSTRUCTIONS: readonly (readonly [cause: Cause, title: string, construction: Construction])[] = [
  ['not-hmac', 'the signature is a plain hash of secret and message, no HMAC', (key, message) => [hashOf(key, key.octets), message]],
  [
    'not-hmac',
    'the signature is a plain hash of message and secret, no HMAC',
    (key, message) => [hashOf(key, NOTHING), [...message, key.octets]],
  ],
  ['not-hmac', 'the signature is a plain hash of the message: no secret is in it', (key, message) => [hashOf(key, NOTHING), message]],
  [
    'arguments-swapped',
    'secret and message have changed places in the call of the HMAC function',
    (key, message) => [hmacKey(key.hash, joined(message)), [key.octets]],
  ],
  [
    'message-form',
    'the sender signs the hex SHA-256 of the string of the scheme',
    (key, message) => [key, [sha256(message).toString('hex')]],
  ],
  ['message-form', 'the sender signs the SHA-256 of the string of the scheme', (key, message) => [key, [sha256(message)]]],
  ['message-form', 'the sender signs the string of the scheme and the secret behind it', (key, message) => [key, [...message, key.octets]]],
]

const sha256 = (message: MessageParts) => hash('sha256', joined(message), 'buffer')

/** Other ways to make a MAC of secret and message. */
export const constructionVariants: readonly Variant[] = CONSTRUCTIONS.map(([cause, title, construction]) => (trial) => {
  const { mac } = trial.scheme
  const write = (key: HmacKey, message: MessageParts) => mac.write(...construction(key, message))
  return { ...trial, scheme: { ...trial.scheme, mac: { ...mac, write } }, told: [...trial.told, told(cause, title)] }
})

type Piece = 'timestamp' | 'nonce' | 'keyId' | 'body' | 'method' | 'target' | { readonly text: string }

const text = (literal: string): Piece => ({ text: literal })

/** What senders sign when they have not read on. */
const MESSAGES: readonly (readonly Piece[])[] = [
  ['body'],
  ['timestamp', 'body'],
  ['timestamp', text('.'), 'body'],
  ['timestamp', text(':'), 'body'],
  ['timestamp', text('\n'), 'body'],
  ['body', 'timestamp'],
  ['body', text('.'), 'timestamp'],
  [text('v0:'), 'timestamp', text(':'), 'body'],
  ['nonce', text('.'), 'timestamp', text('.'), 'body'],
  ['timestamp', text('.'), 'nonce', text('.'), 'body'],
  ['method', 'target', 'body'],
  ['method', 'target', 'timestamp', 'body'],
  ['timestamp', 'method', 'target', 'body'],
  ['method', text('\n'), 'target', text('\n'), 'timestamp', text('\n'), 'body'],
  ['target', 'body'],
  ['nonce', 'timestamp'],
  ['timestamp', 'nonce'],
]

/** Other strings to sign. */
export const messageVariants: readonly Variant[] = MESSAGES.map((pieces) => (trial) => {
  const { scheme } = trial
  if (!pieces.every((piece) => isThere(scheme, piece))) return undefined
  const emit = (reading: Reading, out: MessageBuilder) => {
    for (const piece of pieces) print(scheme, reading, piece, out)
  }
  const there = pieces.filter((piece) => piece !== 'body' || trial.body.length > 0)
  const title = `the sender signs ${JSON.stringify(there.map(nameOf).join(''))}, and not the string of the scheme`
  return { ...trial, scheme: { ...scheme, message: { ...scheme.message, emit } }, told: [...trial.told, told('message-form', title)] }
})

function isThere(scheme: CompiledScheme, piece: Piece): boolean {
  return (piece !== 'timestamp' && piece !== 'nonce' && piece !== 'keyId') || scheme.names.has(piece)
}

function print(scheme: CompiledScheme, reading: Reading, piece: Piece, out: MessageBuilder): void {
  if (typeof piece !== 'string') out.text(piece.text)
  else if (piece === 'body') out.octets(reading.body)
  else if (piece === 'method') out.wire(reading.request.method)
  else if (piece === 'target') out.wire(reading.target)
  else out.wire(capturedOf(scheme, reading, piece) ?? '')
}

function nameOf(piece: Piece): string {
  return typeof piece === 'string' ? `{${piece}}` : piece.text
}
