import { type compileScheme, type Scheme, type Signed, type SignSchemeOptions, sign } from '@countersign/schemes'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import type { HttpRequest } from '../input/http-request.js'
import { readRequest, readsStdin } from '../input/request-source.js'
import { loadScheme } from '../input/scheme-source.js'
import { type GivenSecret, readSecrets } from '../input/secret.js'
import { curlLine } from '../output/curl-line.js'
import { opensslLine } from '../output/openssl-line.js'
import { printable, printableLines } from '../printable.js'
import { compiledWith, engineRequest, notesFor, setUpOptions } from '../signing-set-up.js'
import type { Terminal } from '../terminal.js'

const FORMS = ['headers', 'curl', 'openssl', 'message'] as const

/** `countersign sign`: prints what the signature adds to a request. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [name = '', ...words] = args
  const form = formOf(flags)
  const definition = loadScheme(name)
  const request = readRequest(words, flags)
  const secrets = await readSecrets(flags, terminal, readsStdin(flags))
  const work = signedWork(definition, request, secrets, flags)
  for (const note of notesFor(definition, request)) terminal.note(`note: ${printable(note)}`)
  if (flags.has('json')) terminal.json({ ...asJson(work), ...formJson(form, work, flags) })
  else if (form === 'curl') terminal.line(curlLine(readyRequest(work, flags)))
  else if (form === 'openssl') printOpenssl(work, flags, terminal)
  else if (form === 'message') printMessage(work, terminal)
  else printHeaders(work, terminal)
  return exitCodes.success
}

interface Work {
  readonly definition: Scheme
  readonly compiled: ReturnType<typeof compileScheme>
  readonly request: HttpRequest
  readonly signed: Signed
  readonly secrets: readonly GivenSecret[]
  readonly now: number
}

function formOf(flags: Flags): (typeof FORMS)[number] {
  const text = flags.text('as') ?? 'headers'
  const form = FORMS.find((one) => one === text)
  if (form === undefined) throw usageError(`--as is one of ${FORMS.join(', ')}`)
  return form
}

function signedWork(definition: Scheme, request: HttpRequest, secrets: readonly GivenSecret[], flags: Flags): Work {
  const shared = setUpOptions(flags, definition)
  const { now = Date.now } = shared as { now?: () => number }
  // One time for the signature and for what is read back out of it.
  const signedAt = now()
  const options = { ...shared, ...signerOptions(flags), now: () => signedAt, secret: secrets.map(({ text }) => text) } as SignSchemeOptions
  const signed = sign(definition, engineRequest(request), options)
  return { definition, compiled: compiledWith(shared, definition, 'sign'), request, signed, secrets, now: signedAt }
}

function signerOptions(flags: Flags): Record<string, unknown> {
  const signAlso = flags.texts('sign-also')
  const given = {
    keyId: flags.text('key-id'),
    nonce: flags.text('nonce'),
    timestamp: flags.text('timestamp'),
    algorithm: flags.text('algorithm'),
    fields: flags.pairs('field'),
    sign: signAlso.length === 0 ? undefined : signAlso,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The URL to send, in the form that it was given in. */
function urlOf({ request, signed }: Work): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(request.url)?.[0] ?? ''
  return origin + signed.target
}

function headersOf({ request, signed }: Work): string[] {
  const kept: string[] = []
  for (let i = 0; i < request.headers.length; i += 2) {
    const name = request.headers[i] as string
    if (!Object.hasOwn(signed.headers, name.toLowerCase())) kept.push(name, request.headers[i + 1] as string)
  }
  return [...kept, ...Object.entries(signed.headers).flat()]
}

function isSameBody({ request, signed }: Work): boolean {
  return Buffer.compare(request.body, signed.body) === 0
}

function printHeaders(work: Work, terminal: Terminal): void {
  for (const [name, value] of Object.entries(work.signed.headers))
    terminal.line(printable(Buffer.from(`${name}: ${value}`, 'latin1').toString('utf8')))
  const url = urlOf(work)
  if (!work.request.url.split('#', 1).includes(url)) terminal.note(`note: the URL to send is ${printable(url)}`)
  if (!isSameBody(work)) terminal.note('note: the scheme writes into the body; --as curl and --json show what to send')
}

function readyRequest(work: Work, flags: Flags) {
  const url = urlOf(work)
  if (!/^https?:/i.test(url)) throw usageError('--as curl needs the whole URL, https://api.example.com/...')
  const file = flags.text('body-file')
  const bodyFile = file !== undefined && file !== '-' && isSameBody(work) ? file : undefined
  return { method: work.request.method, url, headers: headersOf(work), body: work.signed.body, bodyFile }
}

function opensslOf(work: Work, flags: Flags): string {
  const { definition, compiled, signed, secrets, request, now } = work
  const [first, ...others] = secrets
  if (others.length > 0) throw usageError('--as openssl proves one signature; give one secret')
  const named = flags.text('algorithm')?.toLowerCase()
  const hash =
    (named === undefined ? undefined : compiled.algorithms?.get(named)) ?? compiled.algorithms?.values().next().value ?? compiled.hash
  const wire = { method: request.method, rawHeaders: headersOf(work) }
  return opensslLine({ definition, compiled, signed, request: wire, hash, variable: first?.variable ?? 'SECRET', now })
}

function printOpenssl(work: Work, flags: Flags, terminal: Terminal): void {
  if (work.secrets[0]?.variable === undefined) terminal.note('note: set SECRET to the secret first, for example with: read -rs SECRET')
  terminal.line(opensslOf(work, flags))
}

/** The form that --as names, as a member of the JSON. */
function formJson(form: (typeof FORMS)[number], work: Work, flags: Flags): Record<string, string> {
  if (form === 'curl') return { curl: curlLine(readyRequest(work, flags)) }
  return form === 'openssl' ? { openssl: opensslOf(work, flags) } : {}
}

/**
 * The octets as they are signed; on a terminal with its controls escaped.
 *
 * @throws CommandError where the message holds the secret
 */
function printMessage({ compiled, signed }: Work, terminal: Terminal): void {
  if (compiled.facts.secretInMessage) throw usageError('the scheme also signs the secret, so the message is not shown')
  if (terminal.streams.stdout.isTTY === true) terminal.line(printableLines(Buffer.from(signed.message).toString()))
  else terminal.streams.stdout.write(signed.message)
}

function asJson(work: Work): Record<string, unknown> {
  const { definition, request, signed, compiled } = work
  return {
    scheme: definition.name,
    method: request.method,
    url: urlOf(work),
    headers: signed.headers,
    body: bodyText(signed.body),
    ...(compiled.facts.secretInMessage ? {} : { message: bodyText(signed.message) }),
  }
}

/** Octets as JSON: `{ utf8 }` where they are text, else `{ base64 }`. */
function bodyText(octets: Uint8Array): { utf8: string } | { base64: string } {
  const buffer = Buffer.from(octets)
  const text = buffer.toString('utf8')
  return Buffer.compare(Buffer.from(text), buffer) === 0 ? { utf8: text } : { base64: buffer.toString('base64') }
}
