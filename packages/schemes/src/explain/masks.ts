import type { Secret } from '@countersign/core/base'
import type { Mask } from './difference.js'
import { textOf } from './secret-variants.js'

/** Shorter texts stand everywhere by chance. */
const LEAST = 3
const CUT = Buffer.from('[secret]')

/** A mask for the forms in which secrets, and signatures that would hold, could stand in what is shown. */
export function maskOf(secrets: readonly Secret[], signatures: readonly string[]): Mask {
  const needles = [...secrets.flatMap((secret) => formsOf(textOf(secret))), ...signatures.map((text) => Buffer.from(text))]
  const known = new Map(needles.filter((needle) => needle.length >= LEAST).map((needle) => [needle.toString('latin1'), needle]))
  const longestFirst = [...known.values()].sort((a, b) => b.length - a.length)
  return (octets) => longestFirst.reduce(without, Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength))
}

function formsOf(text: string): readonly Buffer[] {
  const bare = text.trim()
  const octets = [Buffer.from(text), Buffer.from(bare), Buffer.from(text, 'latin1')]
  const rest = bare.slice(bare.lastIndexOf('_') + 1)
  const decoded = [Buffer.from(rest, 'base64'), /^(?:[0-9a-f]{2})+$/i.test(rest) ? Buffer.from(rest, 'hex') : Buffer.alloc(0)].filter(
    (one) => one.length >= 8,
  )
  const written = [...octets, ...decoded].flatMap((one) => [one.toString('base64'), one.toString('base64url'), one.toString('hex')])
  const quoted = [JSON.stringify(bare).slice(1, -1), encodeURIComponent(bare), rest.length >= 12 ? rest : '']
  return [...octets, ...decoded, ...[...written, ...quoted].map((one) => Buffer.from(one))]
}

function without(octets: Buffer, needle: Buffer): Buffer {
  let found = octets.indexOf(needle)
  if (found < 0) return octets
  const pieces: Buffer[] = []
  let from = 0
  while (found >= 0) {
    pieces.push(octets.subarray(from, found), CUT)
    from = found + needle.length
    found = octets.indexOf(needle, from)
  }
  return Buffer.concat([...pieces, octets.subarray(from)])
}
