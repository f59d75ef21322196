import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outOfReach } from './exit-codes.js'
import { reasonOf } from './input/octets.js'
import { printable } from './printable.js'
import type { Received } from './webhook-receiver.js'

/**
 * A folder of received requests, one file each, in the form that `--request` reads. They hold signatures and whatever was sent, so folder
 * and files are for their owner alone.
 */
export class SavedRequests {
  readonly #folder: string

  /** @throws CommandError (out of reach) when the folder cannot be made */
  constructor(folder: string) {
    this.#folder = folder
    this.#attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  }

  /** Writes a request into a file of its own, and answers its path. */
  save(received: Received, name: string): string {
    const path = join(this.#folder, `${name}.http`)
    this.#attempt(() => writeFileSync(path, rawText(received), { mode: 0o600, flag: 'wx' }))
    return path
  }

  #attempt(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      throw outOfReach(`${printable(this.#folder)} cannot be written: ${reasonOf(error)}`, { cause: error })
    }
  }
}

/** The request as it came; a chunked body is whole here, so its framing is replaced. */
function rawText({ method, target, rawHeaders, body = Buffer.alloc(0) }: Received): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`]
  let hasLength = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const lower = name.toLowerCase()
    hasLength ||= lower === 'content-length'
    if (lower !== 'transfer-encoding') lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  if (!hasLength && body.length > 0) lines.push(`Content-Length: ${body.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
