import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { HASHES, hmacKey } from '../hash/hmac.js'
import type { Reading } from '../request/reading.js'
import type { CompiledText } from '../template/compiled-text.js'
import { joined, MessageBuilder } from '../template/message.js'

/** The message of a reading, with nothing of a secret in it. */
export function printed(scheme: CompiledScheme, reading: Reading): Buffer {
  return printedAs(scheme, reading, () => scheme.message) as Buffer
}

/** The text of which the message holds a hash, such as a canonical request; undefined where there is none. */
export function printedHashed(scheme: CompiledScheme, reading: Reading): Buffer | undefined {
  return printedAs(scheme, reading, ({ message }) => hashedText(message, reading))
}

function printedAs(
  scheme: CompiledScheme,
  reading: Reading,
  textOf: (scheme: CompiledScheme) => CompiledText | undefined,
): Buffer | undefined {
  reading.key ??= hmacKey(scheme.hash, new Uint8Array(1))
  reading.secretText = '[secret]'
  for (const field of scheme.fields) {
    if (reading.captured[field.index] !== undefined) continue
    const text = field.definition.exactly?.join(field.definition.names ?? ' ') ?? field.definition.default
    if (text !== undefined) reading.captured[field.index] = text
  }
  const out = new MessageBuilder()
  const text = textOf(scheme)
  text?.emit(reading, out)
  return text === undefined ? undefined : Buffer.from(joined(out.parts))
}

function hashedText({ branches, branchOf }: CompiledText, reading: Reading): CompiledText | undefined {
  const { pieces = [] } = branches[branchOf?.(reading) ?? 0] ?? {}
  for (const piece of pieces) if ('part' in piece && HASHED.test(piece.source)) return piece.through
  return undefined
}

/** A text of `define`, and a hash as the first of its pipes. */
const HASHED = new RegExp(`^\\{[^|}:]+\\|(?:utf8\\|)?(?:${Object.keys(HASHES).join('|')})[|}]`)
