import type { Captures, Format } from './format.js'
import type { Reading } from './reading.js'

/** What the signer writes a home into. */
export interface Outgoing {
  readonly headers: Map<string, string>
  query(name: string, value: string): void
  body(pointer: readonly string[], value: string): void
  /** Like body, inside the item that is being signed. */
  itemBody(pointer: readonly string[], value: string): void
}

/** Where something is carried, both ways. */
export interface CompiledHome {
  /** Whether it can be read before the body is. */
  readonly phase: 'head' | 'body'
  readonly format: Format
  /** The header fields that it stands in, lower case. */
  readonly headers: readonly string[]
  /** Where it stands when that is no field: `query:hmac`, `form:sig`, `json:/time`, `item:/mac`. */
  readonly place?: string
  /** Whether one request can carry several. */
  readonly several: boolean
  /** Whether its text stands for the octets of the wire one by one. */
  readonly wire: boolean
  /** The texts that are there, in order; none when absent. A repeated field is refused. */
  readonly texts: (reading: Reading) => readonly string[]
  readonly write: (out: Outgoing, captures: Captures, several: readonly Captures[]) => void
}
