import type { MessageParts } from './hmac.js'
import type { Value } from './pipe-kit.js'

/** Gathers a message. Neighbouring text becomes one string; octets stay what they are, and nothing is concatenated with them. */
export class MessageBuilder {
  readonly parts: (string | Uint8Array)[] = []
  #open = false

  /** Text whose octets are UTF-8. */
  text(value: string): void {
    if (value === '') return
    if (this.#open) {
      this.parts[this.parts.length - 1] = (this.parts[this.parts.length - 1] as string) + value
    } else {
      this.parts.push(value)
      this.#open = true
    }
  }

  /** Text that stands for the octets of the wire one by one. */
  wire(value: string): void {
    if (Buffer.byteLength(value) === value.length) this.text(value)
    else this.octets(Buffer.from(value, 'latin1'))
  }

  octets(value: Uint8Array): void {
    if (value.length === 0) return
    this.parts.push(value)
    this.#open = false
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
