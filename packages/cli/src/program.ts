import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import type { CommandSpec, OptionSpec } from './command-spec.js'
import { commandTree } from './command-tree.js'
import { type ExitCode, exitCodes, usageError } from './exit-codes.js'
import { failed } from './failure.js'
import { Flags } from './flags.js'
import { type Streams, Terminal } from './terminal.js'

const EXIT_CODES = `
Exit codes:
  0  valid, or done              3  not reachable: file, network, store, a package that is not installed
  1  not valid, or refused       4  a bug in countersign
  2  the command line is wrong    130  Ctrl-C at a prompt`

/** Runs one command line, without the node and script of process.argv, and answers the exit code. Never throws. */
export async function runProgram(words: readonly string[], streams: Streams): Promise<ExitCode> {
  const terminal = new Terminal(streams)
  const outcome: { code: ExitCode } = { code: exitCodes.success }
  // Behind -- stand the words of curl, which has a --json too.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const wantsJson = own.includes('--json')
  const program = rootCommand(terminal, (code) => {
    outcome.code = code
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return outcome.code
  } catch (error) {
    if (!(error instanceof CommanderError)) return failed(terminal, error, wantsJson)
    if (error.exitCode === 0) return exitCodes.success
    // Help that nobody asked for was printed already.
    if (error.code === 'commander.help') return exitCodes.usage
    return failed(terminal, usageError(withoutValue(error.message)), wantsJson)
  }
}

/** The message without the value of a mistaken option, which may be a secret. */
function withoutValue(message: string): string {
  const text = message.replace(/^error: /, '').replace(/'(-[\w-]*)=[\s\S]*?'(?=\n|$)/, "'$1'")
  return /'--?(?:secret|password|token|key)'/.test(text)
    ? `${text}. A secret is never an argument: use --secret-env or --secret-file`
    : text
}

function rootCommand(terminal: Terminal, settle: (code: ExitCode) => void): Command {
  const root = new Command('countersign')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  root
    .description('Signs, verifies and explains requests, manages clients, reads pins, fetches tokens.')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', EXIT_CODES)
  configure(root, terminal)
  for (const spec of commandTree) root.addCommand(commandOf(spec, terminal, settle))
  return root
}

function configure(command: Command, terminal: Terminal): void {
  const { stdout, stderr } = terminal.streams
  command
    .exitOverride()
    // What stands behind `--` reaches the command as it is: `countersign sign slack -- curl -d x ...`.
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', 'show this')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Mistakes are told by `failed`, in one form.
      outputError: () => undefined,
    })
}

function commandOf(spec: CommandSpec, terminal: Terminal, settle: (code: ExitCode) => void): Command {
  const command = new Command(spec.name).summary(spec.summary).description(sentence(spec.summary))
  configure(command, terminal)
  for (const { name, summary } of spec.arguments ?? []) command.argument(name, summary)
  for (const option of spec.options ?? []) command.addOption(optionOf(option))
  for (const child of spec.commands ?? []) command.addCommand(commandOf(child, terminal, settle))
  if ((spec.commands ?? []).length > 0) command.helpCommand(false)
  if (spec.examples !== undefined) command.addHelpText('after', examplesText(spec.examples))
  const { load } = spec
  if (load !== undefined) {
    command.action(async () => {
      const { run } = await load()
      settle(await run({ args: command.args, flags: flagsOf(command), terminal, tree: commandTree }))
    })
  }
  return command
}

function optionOf({ flags, summary, repeat }: OptionSpec): Option {
  const option = new Option(flags, summary)
  if (repeat !== true) return option
  return option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
}

function flagsOf(command: Command): Flags {
  const given = command.optsWithGlobals<Record<string, unknown>>()
  return new Flags(command.options.map((option) => [option.long?.slice(2) ?? option.name(), given[option.attributeName()]] as const))
}

function sentence(summary: string): string {
  return `${summary[0]?.toUpperCase()}${summary.slice(1)}.`
}

function examplesText(examples: NonNullable<CommandSpec['examples']>): string {
  const lines = examples.flatMap(([line, does]) => [...(does === '' ? [] : [`  # ${does}`]), `  ${line}`])
  return `\nExamples:\n${lines.join('\n')}`
}
