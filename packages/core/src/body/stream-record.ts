import type { Readable } from 'node:stream'

/**
 * What Node keeps of a stream, as far as it matters here, in Node 20 to 26. The public getters tell the same, each with a search of its
 * own where exchange.ts says so. A record that is not like this tells nothing, and its reader goes the public way.
 */
interface StreamRecord {
  readonly flowing: unknown
  readonly destroyed: unknown
  dataEmitted: unknown
  readonly encoding: unknown
  readonly ended: unknown
  /** A list of chunks in Node 20; since then an array, of which the first few are used up. */
  readonly buffer?: ChunkList | unknown[] | null
  readonly bufferIndex?: number
}

interface ChunkList {
  readonly head?: { readonly data?: unknown } | null
}

function recordOf(stream: Readable): StreamRecord | undefined {
  return (stream as { _readableState?: StreamRecord })._readableState
}

/** Whether nobody has done anything to a stream; false where its record does not tell. */
export function isUntouched(stream: Readable): boolean {
  const record = recordOf(stream)
  return record?.flowing === null && record.destroyed === false && record.dataEmitted === false && record.encoding === null
}

/** Whether a stream has all that it will ever have, read or not; false where its record does not tell. */
export function hasEnded(stream: Readable): boolean {
  return recordOf(stream)?.ended === true
}

/** The octets that wait in a stream, where they are one chunk: looked at and left there. Undefined where its record does not tell. */
export function onlyChunk(stream: Readable, waiting: number): Buffer | undefined {
  const { buffer, bufferIndex = 0 }: Partial<StreamRecord> = recordOf(stream) ?? {}
  const first = Array.isArray(buffer) ? buffer[bufferIndex] : buffer?.head?.data
  return Buffer.isBuffer(first) && first.length === waiting ? first : undefined
}

/**
 * Puts octets back in front of a stream, as if they had never been read: fetch, Request and Response take no stream that says that it was
 * (`readableDidRead`), though it still has all of its octets.
 */
export function putBack(stream: Readable, octets: Buffer): void {
  stream.unshift(octets)
  const record = recordOf(stream)
  if (record?.dataEmitted === true) record.dataEmitted = false
}
