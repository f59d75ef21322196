import type { ArgumentSpec, CommandSpec, Completion } from '../command-spec.js'

/** An option as completions need it. */
export interface CompletionOption {
  /** `-H` where there is one. */
  readonly short: string | undefined
  readonly long: string
  readonly summary: string
  /** Whether a value follows. */
  readonly takesValue: boolean
  readonly complete: Completion | undefined
}

/** One place in the tree: the words that lead there, and what may follow. */
export interface CompletionNode {
  /** Without `countersign`; empty for the root. */
  readonly words: readonly string[]
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  readonly options: readonly CompletionOption[]
  readonly arguments: readonly ArgumentSpec[]
}

const HELP: CompletionOption = { short: '-h', long: '--help', summary: 'show this', takesValue: false, complete: undefined }
const VERSION: CompletionOption = { short: '-V', long: '--version', summary: 'print the version', takesValue: false, complete: undefined }

/** Every place of the tree, the root first. */
export function completionNodes(tree: readonly CommandSpec[]): readonly CompletionNode[] {
  const root = { words: [], commands: named(tree), options: [VERSION, HELP], arguments: [] }
  return [root, ...tree.flatMap((spec) => nodesOf(spec, []))]
}

function nodesOf(spec: CommandSpec, before: readonly string[]): CompletionNode[] {
  const words = [...before, spec.name]
  const children = spec.commands ?? []
  const options = [...(spec.options ?? []).map(optionOf), HELP]
  return [
    { words, commands: named(children), options, arguments: spec.arguments ?? [] },
    ...children.flatMap((child) => nodesOf(child, words)),
  ]
}

function named(specs: readonly CommandSpec[]) {
  return specs.map(({ name, summary }) => ({ name, summary }))
}

function optionOf({ flags, summary, complete }: { flags: string; summary: string; complete?: Completion }): CompletionOption {
  const words = flags.split(/,? /)
  const long = words.find((word) => word.startsWith('--')) as string
  return { short: words.find((word) => /^-[^-]/.test(word)), long, summary, takesValue: /[<[]/.test(flags), complete }
}
