import type { Outgoing } from './home.js'
import type { RequestView } from './reading.js'
import { SchemeRefusal } from './refusal.js'
import { encodeRfc3986 } from './text-pipes.js'

/** The request as it grows while it is signed. */
export class MutableOutgoing implements Outgoing {
  readonly headers = new Map<string, string>()
  /** Where the item stands that is being signed. */
  item: readonly string[] = []
  readonly #request: RequestView
  #target: string
  #octets: Uint8Array

  constructor(request: RequestView, body: Uint8Array) {
    this.#request = request
    this.#target = request.target
    this.#octets = body
  }

  get target(): string {
    return this.#target
  }

  get octets(): Uint8Array {
    return this.#octets
  }

  get view(): RequestView {
    const kept: string[] = []
    const { rawHeaders } = this.#request
    for (let i = 0; i < rawHeaders.length; i += 2) {
      if (!this.headers.has((rawHeaders[i] as string).toLowerCase())) kept.push(rawHeaders[i] as string, rawHeaders[i + 1] as string)
    }
    return { ...this.#request, target: this.#target, rawHeaders: [...kept, ...[...this.headers].flat()] }
  }

  query(name: string, value: string): void {
    const pair = `${encodeRfc3986(name)}=${encodeRfc3986(value)}`
    const [path = '', query] = splitOnce(this.#target)
    const others = (query ?? '').split('&').filter((one) => one !== '' && one.split('=', 1)[0] !== encodeRfc3986(name))
    this.#target = `${path}?${[...others, pair].join('&')}`
  }

  itemBody(pointer: readonly string[], value: string): void {
    this.body([...this.item, ...pointer], value)
  }

  body(pointer: readonly string[], value: string): void {
    let json: unknown
    try {
      json = this.#octets.length === 0 ? {} : JSON.parse(Buffer.from(this.#octets).toString())
    } catch {
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature stands in a JSON body, and this one is no JSON')
    }
    let at = json as Record<string, unknown>
    for (const token of pointer.slice(0, -1)) {
      const next = Object.hasOwn(at, token) ? at[token] : undefined
      if (typeof next !== 'object' || next === null)
        Object.defineProperty(at, token, { value: {}, enumerable: true, writable: true, configurable: true })
      at = at[token] as Record<string, unknown>
    }
    Object.defineProperty(at, pointer.at(-1) as string, { value, enumerable: true, writable: true, configurable: true })
    this.#octets = Buffer.from(JSON.stringify(json))
  }
}

function splitOnce(target: string): [string, string | undefined] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, undefined] : [target.slice(0, mark), target.slice(mark + 1)]
}
