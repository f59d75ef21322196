import type { Reading } from '../request/reading.js'
import type { Captures } from './captured.js'
import type { Format } from './format.js'

/** What the signer writes a home into. */
export interface Outgoing {
  /** Sets a header field; its name is in lower case. */
  header(name: string, value: string): void
  /** A member of a Dictionary field, beside those that are there already. */
  member(field: string, label: string, text: string): void
  query(name: string, value: string): void
  form(name: string, value: string): void
  cookie(name: string, value: string): void
  path(value: string): void
  /** @param number - whether a value that is new there is written as a JSON number */
  body(pointer: readonly string[], value: string, number: boolean): void
  /** An element of a body of XML. */
  xml(path: readonly string[], value: string): void
  /** The whole body. */
  text(value: string): void
  /** Like body, inside the item that is being signed. */
  itemBody(pointer: readonly string[], value: string, number: boolean): void
}

/** Where something is carried, both ways. */
export interface CompiledHome {
  /** Whether it can be read before the body is. */
  readonly phase: 'head' | 'body'
  readonly format: Format
  /** The header fields that it stands in, lower case. */
  readonly headers: readonly string[]
  /** Where it stands when that is no field: `query:hmac`, `form:sig`, `cookie:s`, `json:/time`, `xml:/xml/sign`, `item:/mac`, `path`. */
  readonly place?: string
  /** Whether it is part of what another home carries. */
  readonly derived?: boolean
  /** Whether it is read from the whole body, which is then what its format says. */
  readonly whole?: boolean
  /** Whether one request can carry several. */
  readonly several: boolean
  /** Whether its text stands for the octets of the wire one by one. */
  readonly wire: boolean
  /** The texts that are there, in order; none when absent. A repeated field is refused. */
  readonly texts: (reading: Reading) => readonly string[]
  /** What it captures, in place of `texts`, where that is no text; undefined when absent. */
  readonly read?: (reading: Reading) => Captures | undefined
  /** The label that our signer writes, in a Dictionary whose members are signatures of their own. */
  readonly label?: string
  readonly write: (out: Outgoing, captures: Captures, several: readonly Captures[]) => void
}
