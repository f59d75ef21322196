import type { Invocation } from '../command-spec.js'
import { bashCompletion } from '../completion/bash.js'
import { fishCompletion } from '../completion/fish.js'
import { completionNodes } from '../completion/nodes.js'
import { zshCompletion } from '../completion/zsh.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'

const SHELLS = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
])

/** `countersign completion`: the script of a shell, made of the command tree. */
export async function run({ args, flags, terminal, tree }: Invocation): Promise<ExitCode> {
  const [shell = ''] = args
  const write = SHELLS.get(shell)
  if (write === undefined) throw usageError(`there are completions for ${[...SHELLS.keys()].join(', ')}`)
  const { catalogue } = await import('../input/scheme-source.js')
  const script = write(completionNodes(tree), [...catalogue().keys()])
  if (flags.has('json')) terminal.json({ shell, script })
  else terminal.streams.stdout.write(script)
  return exitCodes.success
}
