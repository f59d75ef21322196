import type { ReadStream, WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { printableJson } from './printable.js'

/** How something is meant, which colours show where there are any. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong'

const FORMATS = { good: 'green', bad: 'red', warn: 'yellow', dim: 'gray', strong: 'bold' } as const

/** The streams of a process, as far as the command needs them. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
}

/** Where a command prints. Results go to stdout, everything that is said beside them to stderr. */
export class Terminal {
  readonly streams: Streams
  /** Whether colours are shown. */
  readonly colours: boolean
  #status = ''

  constructor(streams: Streams) {
    this.streams = streams
    this.colours = showsColours(streams.stdout, streams.env)
  }

  /** Prints a line of the result. */
  line(text = ''): void {
    this.streams.stdout.write(this.#status === '' ? `${text}\n` : `\r\x1b[K${text}\n${this.#status}`)
  }

  /** Keeps a line below the others on a terminal that can move its cursor, and nothing anywhere else; empty takes it away. */
  status(text: string): void {
    const { stdout, env } = this.streams
    if (stdout.isTTY !== true || env['TERM'] === 'dumb') return
    // Cut to one row: what wraps could not be taken back. A terminal that does not say its width has 0 columns.
    this.#status = text.slice(0, (stdout.columns || 80) - 1)
    stdout.write(`\r\x1b[K${this.#status}`)
  }

  /** Prints a result for programs, with the members in a fixed order. */
  json(value: unknown): void {
    this.line(printableJson(value, 2))
  }

  /** Says something that is no part of the result. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`)
  }

  /** Text in the colour of its tone; unchanged where stdout is no terminal, or NO_COLOR is set (no-color.org). */
  paint(tone: Tone, text: string): string {
    return this.colours ? styleText(FORMATS[tone], text) : text
  }

  /** The keyboard, when stdin is one. */
  get keyboard(): ReadStream | undefined {
    const { stdin } = this.streams
    return stdin.isTTY === true ? (stdin as ReadStream) : undefined
  }
}

function showsColours(stdout: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (stdout.isTTY !== true || (env['NO_COLOR'] ?? '') !== '') return false
  return (stdout as WriteStream).hasColors(env)
}
