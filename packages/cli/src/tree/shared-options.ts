import type { ArgumentSpec, OptionSpec } from '../command-spec.js'

/** Of every command. */
export const jsonOption: OptionSpec = { flags: '--json', summary: 'print the result as JSON' }

/** Of every command that verifies. */
export const emptyBodyOption: OptionSpec = { flags: '--allow-empty-body', summary: 'accept requests in which the scheme signs nothing' }

/** The scheme of a command, from the catalogue or from a file. */
export const schemeArgument: ArgumentSpec = {
  name: '<scheme>',
  summary: 'name of the catalogue (countersign schemes lists them), or a JSON file such as ./acme.json',
  complete: 'scheme',
}

/** The request of a command, where no option names it. */
export const requestArgument: ArgumentSpec = { name: '[request...]', summary: '[METHOD] URL, or -- curl ...' }

/** Where the request is. */
export const requestOptions: readonly OptionSpec[] = [
  { flags: '--request <file>', summary: 'a saved raw HTTP request; - is stdin', complete: 'file' },
  { flags: '--har <file>', summary: 'a HAR archive, as browsers save it; - is stdin', complete: 'file' },
  { flags: '--entry <n>', summary: 'which request of the archive, from 1' },
  { flags: '--curl <file>', summary: 'a curl command, or a file with one; - is stdin', complete: 'file' },
  { flags: '-H, --header <line>', summary: "a field, 'Name: value'; may be repeated", repeat: true },
  { flags: '--body <text>', summary: 'the body' },
  { flags: '--body-file <file>', summary: 'a file with the body, sent as it is; - is stdin', complete: 'file' },
]

/** Where the secret is. */
export const secretOptions: readonly OptionSpec[] = [
  { flags: '--secret-env <name>', summary: 'the variable that holds the secret; may be repeated during a rotation', repeat: true },
  {
    flags: '--secret-file <file>',
    summary: 'a file that contains it; one line break at its end is removed',
    repeat: true,
    complete: 'file',
  },
  { flags: '--secret-stdin', summary: 'read it from stdin; without any of these, the terminal asks for it' },
]

/** What the engine is told. */
export const schemeOptions: readonly OptionSpec[] = [
  { flags: '--param <name=value>', summary: "a value for one of the scheme's params; may be repeated", repeat: true },
  { flags: '--origin <origin>', summary: 'the public address, https://api.example.com, if the scheme signs it' },
  { flags: '--now <time>', summary: 'use this time: Unix seconds, or 2026-01-15T12:00:00Z' },
  { flags: '--tolerance <seconds>', summary: 'accepted difference between the clocks' },
  { flags: '--must-include <name>', summary: 'what the list of signed parts must contain; may be repeated', repeat: true },
  { flags: '--allow-weak-secret', summary: 'accept secrets under 16 octets, such as those in documentation' },
  { flags: '--allow-unbound-body', summary: 'accept bodies that the scheme does not sign' },
  { flags: '--allow-insecure-scheme', summary: 'accept schemes marked insecure' },
]
