import { usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import type { Terminal } from '../terminal.js'
import { readText } from './octets.js'
import { promptHidden } from './prompt.js'

/** A secret, and the variable of the environment that it came from. */
export interface GivenSecret {
  readonly text: string
  readonly variable: string | undefined
}

/**
 * The secrets that the command line points at, in its order: variables, files, stdin; else one that is typed at the terminal. A secret is
 * never an argument, where every user of the machine could read it.
 *
 * @param isStdinTaken - whether the request is read from stdin
 * @throws CommandError (usage) when there is none, or when stdin is to give two things
 */
export async function readSecrets(flags: Flags, terminal: Terminal, isStdinTaken: boolean, question = 'Secret'): Promise<GivenSecret[]> {
  const given: GivenSecret[] = [
    ...flags.texts('secret-env').map((name) => ({ text: fromVariable(name, terminal.streams.env), variable: name })),
    ...flags.texts('secret-file').map((path) => ({ text: withoutLineBreak(readText(path)), variable: undefined })),
  ]
  if (flags.has('secret-stdin')) {
    if (isStdinTaken) throw usageError('stdin already provides the request; use --secret-env or --secret-file')
    given.push({ text: withoutLineBreak(readText('-')), variable: undefined })
  }
  const { keyboard } = terminal
  if (given.length === 0 && keyboard !== undefined && !isStdinTaken)
    given.push({ text: await promptHidden(terminal, keyboard, question), variable: undefined })
  if (given.length === 0) throw usageError('say where the secret is: --secret-env NAME, --secret-file FILE or --secret-stdin')
  for (const { text } of given) if (text.trim() === '') throw usageError('the secret is blank; check that the variable or file holds it')
  return given
}

/** The secret in a variable of the environment. @throws CommandError (usage) that names no value */
export function fromVariable(name: string, env: NodeJS.ProcessEnv): string {
  // The name is not shown: whoever mixes up name and value would find the secret in the log.
  if (!/^[A-Za-z_]\w{0,127}$/.test(name)) throw usageError('a secret is named by its variable, not by its value: letters, digits and _')
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined) throw usageError(`the variable ${name} is not set`)
  return value
}

function withoutLineBreak(text: string): string {
  return text.endsWith('\r\n') ? text.slice(0, -2) : text.endsWith('\n') ? text.slice(0, -1) : text
}
