import { Readable } from 'node:stream'
import type { AxiosResponse } from 'axios'
import type { Answer } from './step.js'

/** A response as steps see it. */
export class ReceivedAnswer implements Answer {
  readonly response: AxiosResponse

  constructor(response: AxiosResponse) {
    this.response = response
  }

  get status(): number {
    return this.response.status
  }

  header(name: string): string | undefined {
    return this.headerValues(name)[0]
  }

  headerValues(name: string): readonly string[] {
    const headers = this.response.headers as unknown as Record<string, unknown> | undefined
    const wanted = name.toLowerCase()
    const found = Object.keys(headers ?? {}).find((key) => key.toLowerCase() === wanted)
    const value = found === undefined ? undefined : (headers as Record<string, unknown>)[found]
    if (value === undefined || value === null || value === false) return []
    return Array.isArray(value) ? value.map(String) : [String(value)]
  }

  text(): string {
    return textOf(this.response.data) ?? ''
  }

  json(): unknown {
    const { data } = this.response as { data: unknown }
    const text = textOf(data)
    if (text === undefined) return isPlain(data) ? data : undefined
    try {
      return JSON.parse(text)
    } catch {
      return undefined
    }
  }
}

function textOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data.charCodeAt(0) === 0xfeff ? data.slice(1) : data
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : undefined
}

// What an adapter of the caller's, such as a mock, answers with.
function isPlain(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  const prototype: unknown = Object.getPrototypeOf(data)
  return prototype === Object.prototype || prototype === null || Array.isArray(data)
}

/** More of a body than this is not read away, nor one that takes longer: its connection is given up. */
const MOST_DRAINED = 1_048_576
const LONGEST_DRAIN_MS = 1000

/** Reads away a body that nobody will look at, so that its connection can be used again. */
export function drain(response: AxiosResponse): void {
  const data: unknown = response.data
  if (data instanceof ReadableStream) data.cancel().catch(() => undefined)
  if (!(data instanceof Readable)) return
  let octets = 0
  const late = setTimeout(() => data.destroy(), LONGEST_DRAIN_MS).unref()
  data.once('close', () => clearTimeout(late))
  // An error of a body that is not wanted is nobody's business.
  data.on('error', () => undefined)
  data.on('data', (chunk: Uint8Array) => {
    octets += chunk.length
    if (octets > MOST_DRAINED) data.destroy()
  })
}
