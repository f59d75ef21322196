import type { MessageParts } from './hmac.js'
import type { Value } from './pipe-kit.js'

/** Gathers a message. Neighbouring text becomes one string; octets stay what they are, and nothing is concatenated with them. */
export class MessageBuilder {
  readonly #parts: (string | Uint8Array)[] = []
  #text = ''

  get parts(): MessageParts {
    this.#close()
    return this.#parts
  }

  /** Text whose octets are UTF-8. */
  text(value: string): void {
    this.#text += value
  }

  /** Text that stands for the octets of the wire one by one. */
  wire(value: string): void {
    if (Buffer.byteLength(value) === value.length) this.text(value)
    else this.octets(Buffer.from(value, 'latin1'))
  }

  octets(value: Uint8Array): void {
    if (value.length === 0) return
    this.#close()
    this.#parts.push(value)
  }

  #close(): void {
    if (this.#text === '') return
    this.#parts.push(this.#text)
    this.#text = ''
  }

  value(value: Value, latin1: boolean): void {
    if (typeof value !== 'string') this.octets(value)
    else if (latin1) this.wire(value)
    else this.text(value)
  }
}

/** The octets of a gathered message as one value. */
export function joined(parts: MessageParts): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return only
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}
