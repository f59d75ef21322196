import { CommandError, type ExitCode, exitCodes } from './exit-codes.js'
import { printableJson, printableLines } from './printable.js'
import type { Terminal } from './terminal.js'

/** Names that the libraries' messages use for what has a flag here. */
const OPTION_NAMES =
  /\b(allowWeakSecret|allowUnboundBody|allowInsecureScheme|allowEmptyBody|publicOrigin|mustInclude|toleranceSeconds|keyId|notBefore|notAfter|overlapSeconds|keyPrefix)\b(?:: true)?/g
const FLAG_NAMES = new Map([
  ['publicOrigin', '--origin'],
  ['toleranceSeconds', '--tolerance'],
  ['overlapSeconds', '--overlap'],
])

/** Tells a mistake on stderr, in one line of text or one JSON object, and answers the exit code. */
export function failed(terminal: Terminal, error: unknown, asJson: boolean): ExitCode {
  const { exitCode, code, message } = judged(error)
  const text = message.replace(OPTION_NAMES, flagOf)
  if (asJson) terminal.note(printableJson({ error: { code, message: text, exitCode } }))
  else terminal.note(`countersign: ${printableLines(text)}`)
  return exitCode
}

function judged(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  const { code, status, message } = error as { code?: unknown; status?: unknown; message?: unknown }
  const [name, text] = [typeof code === 'string' ? code : 'ERR_CLI_DEFECT', typeof message === 'string' ? message : String(error)]
  const options = { cause: error }
  // An input that the libraries refuse: the command line named it.
  if (name === 'ERR_INVALID_ARG_VALUE' || name === 'ERR_INVALID_ARG_TYPE') return new CommandError(exitCodes.usage, name, text, options)
  if (typeof status === 'number') return new CommandError(status >= 500 ? exitCodes.outOfReach : exitCodes.negative, name, text, options)
  if (isOfSystem(name)) return new CommandError(exitCodes.outOfReach, name, text, options)
  return new CommandError(exitCodes.defect, name, `a bug in countersign, please report it: ${text}`, options)
}

/** Codes of the file system and the network, such as ENOENT. */
function isOfSystem(code: string): boolean {
  return /^E[A-Z0-9]{2,}$/.test(code) && !code.startsWith('ERR')
}

function flagOf(found: string): string {
  const name = found.replace(/: true$/, '')
  return FLAG_NAMES.get(name) ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
