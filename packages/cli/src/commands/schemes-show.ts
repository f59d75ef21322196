import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { loadScheme } from '../input/scheme-source.js'
import { printable, printableJson } from '../printable.js'
import { compiledToShow, judgement, judgementLines } from '../scheme-facts.js'
import { algorithmOf } from './schemes-list.js'

/** `countersign schemes show`: one scheme, what it binds, and its documentation. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const definition = loadScheme(args[0] ?? '')
  const compiled = compiledToShow(definition)
  if (flags.has('json')) {
    terminal.json({ name: definition.name, docs: definition.docs ?? null, judgement: judgement(compiled), definition })
    return exitCodes.success
  }
  terminal.line(terminal.paint('strong', definition.name))
  terminal.line(`docs       ${printable(definition.docs ?? 'none')}`)
  terminal.line(`algorithm  HMAC-${algorithmOf(definition)}`)
  for (const line of judgementLines(definition, compiled)) terminal.line(printable(line))
  terminal.line()
  const { docs: _docs, name: _name, evidence: _evidence, ...rest } = definition
  terminal.line(printableJson(rest, 2))
  return exitCodes.success
}
