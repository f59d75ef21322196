import { hash } from 'node:crypto'

/** A Lua script, run by its digest so that its text is sent once. It names its keys, all of one slot, and does all or nothing. */
export interface Script {
  readonly text: string
  /** SHA-1 of the text in hex, by which Redis knows it. */
  readonly sha: string
}

/** Makes a Script of its text. */
export function script(text: string): Script {
  return Object.freeze({ text, sha: hash('sha1', text, 'hex') })
}
