import type { ExitCode } from './exit-codes.js'
import type { Flags } from './flags.js'
import type { Terminal } from './terminal.js'

/** What completes an argument or the value of an option. */
export type Completion = 'file' | 'folder' | 'scheme' | readonly string[]

/** An option of a command, in commander's notation: `-H, --header <line>`. */
export interface OptionSpec {
  readonly flags: string
  readonly summary: string
  /** May be given several times. */
  readonly repeat?: true
  readonly complete?: Completion
}

/** A positional argument: `<scheme>`, `[url]`, `[words...]`. */
export interface ArgumentSpec {
  readonly name: string
  readonly summary: string
  readonly complete?: Completion
}

/** What a command is run with. */
export interface Invocation {
  readonly args: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  /** Every command, for completions. */
  readonly tree: readonly CommandSpec[]
}

/** A command that was loaded. */
interface LoadedCommand {
  readonly run: (invocation: Invocation) => Promise<ExitCode>
}

/** A command as data: help and completions are made of it, and nothing of what it does is loaded before it runs. */
export interface CommandSpec {
  readonly name: string
  readonly summary: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  /** What to type, and what it does. */
  readonly examples?: readonly (readonly [line: string, does: string])[]
  readonly commands?: readonly CommandSpec[]
  readonly load?: () => Promise<LoadedCommand>
}
