import { type ExplainOptions, explain, formatExplanation } from '@countersign/schemes/explain'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { readRequest, readsStdin } from '../input/request-source.js'
import { loadScheme } from '../input/scheme-source.js'
import { fromVariable, readSecrets } from '../input/secret.js'
import { printable } from '../printable.js'
import { engineRequest, notesFor, setUpOptions } from '../signing-set-up.js'

/** `countersign explain`: the cause of a signature that does not hold, and its fix. 0 when it holds, 1 when not. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [name = '', ...words] = args
  const definition = loadScheme(name)
  const request = readRequest(words, flags)
  const secrets = await readSecrets(flags, terminal, readsStdin(flags))
  const others = flags.texts('other-secret-env').map((variable) => fromVariable(variable, terminal.streams.env))
  const explanation = explain(definition, engineRequest(request), {
    ...setUpOptions(flags, definition),
    ...(flags.has('allow-empty-body') && { allowEmptyBody: true }),
    ...(others.length > 0 && { otherSecrets: others }),
    secret: secrets.map(({ text }) => text),
  } as ExplainOptions)
  for (const note of notesFor(definition, request)) terminal.note(`note: ${printable(note)}`)
  if (flags.has('json')) terminal.json(explanation)
  else terminal.line(formatExplanation(explanation, { colour: terminal.colours }))
  return explanation.ok ? exitCodes.success : exitCodes.negative
}
