import type { MessageParts } from '../hash/hmac.js'
import { isAscii } from '../text/ascii.js'
import type { Value } from '../text/shape.js'

/** Gathers a message. Its pieces stay what they are: nothing is concatenated before it is hashed. */
export class MessageBuilder {
  readonly #parts: (string | Uint8Array)[] = []

  get parts(): MessageParts {
    return this.#parts
  }

  /** Text whose octets are UTF-8. */
  text(value: string): void {
    if (value !== '') this.#parts.push(value)
  }

  /** Text that stands for the octets of the wire one by one. */
  wire(value: string): void {
    if (isAscii(value)) this.text(value)
    else this.octets(Buffer.from(value, 'latin1'))
  }

  octets(value: Uint8Array): void {
    if (value.length > 0) this.#parts.push(value)
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
  if (parts.length === 1 && only instanceof Uint8Array) return only
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

/** A gathered message as one string; undefined when it holds octets. */
export function textOf(parts: MessageParts): string | undefined {
  let text = ''
  for (const part of parts) {
    if (typeof part !== 'string') return undefined
    text += part
  }
  return text
}
