import type { Scheme } from '@countersign/schemes'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { catalogue } from '../input/scheme-source.js'

/** `countersign schemes`: one line for each scheme of the catalogue. */
export async function run({ flags, terminal }: Invocation): Promise<ExitCode> {
  const all = [...catalogue().values()]
  if (flags.has('json')) {
    terminal.json(all.map((one) => ({ name: one.name, algorithm: algorithmOf(one), docs: one.docs ?? null })))
    return exitCodes.success
  }
  const width = Math.max(...all.map(({ name }) => name.length))
  for (const one of all)
    terminal.line(`${one.name.padEnd(width)}  ${algorithmOf(one).padEnd(8)}  ${terminal.paint('dim', one.docs ?? '')}`.trimEnd())
  return exitCodes.success
}

/** The hash of a scheme; of one that names it on the wire, all that it takes. */
export function algorithmOf({ algorithm }: Scheme): string {
  if (algorithm === undefined) return 'sha256'
  return typeof algorithm === 'string' ? algorithm : [...new Set(Object.values(algorithm))].join(', ')
}
