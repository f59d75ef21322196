import { type compileScheme, readHead, type Scheme, type Signed } from '@countersign/schemes'
import { usageError } from '../exit-codes.js'
import { printfFormat, shellWord } from './shell-text.js'

type Compiled = ReturnType<typeof compileScheme>

/** What the line is made of. */
export interface Proof {
  readonly definition: Scheme
  readonly compiled: Compiled
  readonly signed: Signed
  /** The request as it was signed, for what a key is derived from. */
  readonly request: { readonly method: string; readonly rawHeaders: readonly string[] }
  readonly hash: string
  /** When it was signed, milliseconds. */
  readonly now: number
  /** The variable that holds the secret. */
  readonly variable: string
}

const HEX = "od -An -v -tx1 | tr -d ' \\n'"
/** A command that reads octets or text on stdin, for each pipe of the scheme language that an encoding or a key is made with. */
const FILTERS = new Map<string, string>([
  ['hex', HEX],
  ['hexAnyCase', HEX],
  ['base64', 'openssl base64 -A'],
  ['base64url', "openssl base64 -A | tr '+/' '-_' | tr -d '='"],
  ['base64urlPadded', "openssl base64 -A | tr '+/' '-_'"],
  ['upper', 'tr a-z A-Z'],
  ['lower', 'tr A-Z a-z'],
  ['fromBase64', 'openssl base64 -d -A'],
  ['sha256', 'openssl dgst -sha256 -binary'],
  ['sha1', 'openssl dgst -sha1 -binary'],
  ['sha512', 'openssl dgst -sha512 -binary'],
  ['md5', 'openssl dgst -md5 -binary'],
  ['encode', "sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g'"],
])

/**
 * Lines for bash that make the same signature with openssl alone. The secret is in a variable and not in the text; while they run, the
 * users of the machine can see the key among openssl's arguments.
 *
 * @throws CommandError (usage) for schemes whose key or encoding no such line says
 */
export function opensslLine(proof: Proof): string {
  const { definition, compiled, signed } = proof
  if (compiled.facts.secretInMessage || definition.construction === 'hash')
    throw notSaid('the secret is part of what is signed, and the line would show it')
  if (definition.scope !== undefined) throw notSaid('each item of the body is signed separately')
  const [before, mac] = macCommand(proof)
  const encoding = pipesOf(definition.signature.encoding ?? 'hex').map(filterOf)
  const line = [`printf ${printfFormat(signed.message)}`, mac, ...encoding].join(' | ')
  return [...before, `${line}; echo`].join('\n')
}

/** What makes the key, and the command that makes the MAC of its stdin. */
function macCommand(proof: Proof): readonly [string[], string] {
  const { definition, hash, variable } = proof
  const source = definition.key ?? '{secret}'
  if (source === '{secret}') return [[], `openssl dgst -${hash} -hmac "$${variable}" -binary`]
  const hmac = (key: string) => `openssl dgst -${hash} -mac HMAC -macopt "hexkey:${key}" -binary`
  if (typeof source === 'string') return [[`key=$(${keyCommand(source, proof)})`], hmac('$key')]
  if (definition.key !== undefined && typeof definition.key !== 'string' && 'encoding' in definition.key)
    throw notSaid('its derived keys are text')
  const { by = 'hmac' } = source
  if (by !== 'hmac') throw notSaid(`its key is derived by ${by}`)
  const [first = '', ...steps] = source.chain
  const lines = steps.map((step) => `key=$(printf ${printfFormat(Buffer.from(stepText(step, proof)))} | ${hmac('$key')} | ${HEX})`)
  return [[`key=$(${keyCommand(first, proof)})`, ...lines], hmac('$key')]
}

/** Prints the key in hex: the text around {secret}, and what is done with it. */
function keyCommand(template: string, proof: Proof): string {
  const slot = /\{secret((?:\|[^{}]*)?)\}/.exec(template)
  if (slot === null) throw notSaid('its key does not depend on the secret alone')
  const [whole, pipes = ''] = slot
  const before = literal(template.slice(0, slot.index))
  const after = literal(template.slice(slot.index + whole.length))
  const filters = pipesOf(pipes.slice(1)).filter((pipe) => pipe !== '')
  const isBare = before === '' && after === ''
  if (!isBare && filters.length > 0) throw notSaid('its key puts a decoded secret between text')
  if (!isBare) return `printf '%s%s%s' ${shellWord(before)} "$${proof.variable}" ${shellWord(after)} | ${HEX}`
  const read = `printf '%s' "$${proof.variable}"`
  if (filters.at(-1) === 'fromHex') return [read, ...filters.slice(0, -1).map(filterOf), 'cat'].join(' | ')
  return [read, ...filters.map(filterOf), HEX].join(' | ')
}

/** The text of a template that holds no slots. */
function literal(template: string): string {
  if (/[{}]/.test(template)) throw notSaid('its key contains more than the secret')
  return template
}

/** A step of a chain: a text, or one value that the request carries. */
function stepText(step: string, { compiled, request, signed, now }: Proof): string {
  const name = /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(step)?.[1]
  if (name === undefined) {
    if (/[{}]/.test(step)) throw notSaid('a step of its key combines several values')
    return step
  }
  const at = compiled.names.find(name)
  const view = { ...request, target: signed.target, secure: true, origin: undefined, namedOrigin: undefined }
  const value = at === undefined ? undefined : readHead(compiled, view, now).captured[at]
  if (value === undefined) throw notSaid(`{${name}} cannot be seen in the request`)
  return value
}

function pipesOf(text: string): readonly string[] {
  return text.split('|')
}

function filterOf(pipe: string): string {
  const [name = '', argument = ''] = [pipe.split(':', 1)[0], pipe.slice(pipe.indexOf(':') + 1)]
  const known = FILTERS.get(pipe)
  if (known !== undefined) return known
  if (pipe === 'utf8') return 'cat'
  if (name === 'unprefix' && /^[A-Za-z0-9_,.-]+$/.test(argument)) return `sed 's/^${argument.replaceAll('.', '\\.')}//'`
  if (name === 'afterLast' && /^[A-Za-z0-9_,-]$/.test(argument)) return `sed 's/.*${argument}//'`
  if (name === 'first' && /^\d+$/.test(argument)) return `head -c ${argument}`
  if (name === 'last' && /^\d+$/.test(argument)) return `tail -c ${argument}`
  throw notSaid(`no line says "${pipe}"`)
}

function notSaid(why: string): Error {
  return usageError(`--as openssl has no line for this scheme: ${why}`)
}
