import type { CompiledScheme } from '@countersign/schemes/engine'
import type { OutgoingRequest } from '../carrier/step.js'

/** Fields that hold no credentials, whoever sets them. */
const HARMLESS = new Set([
  'accept',
  'content-digest',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'digest',
  'host',
  'user-agent',
  'x-amz-content-sha256',
  'x-amz-date',
])

/** Shorter values stand for nothing by themselves, and would be found everywhere. */
const LEAST_LENGTH = 8

/** The header fields whose values a trace may show: nothing but a time, a nonce or the key id is in them. */
export function shownFields({ carried, signature }: CompiledScheme): ReadonlySet<string> {
  const shown = new Set<string>()
  const hidden = new Set<string>(signature.home.headers)
  for (const { name, home } of carried) {
    const isHarmless = name === 'timestamp' || name === 'nonce' || name === 'keyId'
    for (const header of home.headers) (isHarmless ? shown : hidden).add(header)
  }
  for (const header of hidden) shown.delete(header)
  return shown
}

/** The message that was signed, with `[secret]` in the place of every header value that may be credentials. */
export function cutCredentials(message: Uint8Array, request: OutgoingRequest, shown: ReadonlySet<string>): Uint8Array {
  const raw = request.rawHeaders()
  // One character per octet, so that what is no UTF-8 stays as it is.
  let text = Buffer.from(message).toString('latin1')
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    if (HARMLESS.has(name) || shown.has(name) || value.length < LEAST_LENGTH) continue
    text = text.replaceAll(value, '[secret]').replaceAll(Buffer.from(value, 'utf8').toString('latin1'), '[secret]')
  }
  return Buffer.from(text, 'latin1')
}
