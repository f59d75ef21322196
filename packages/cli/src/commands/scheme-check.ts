import { type Scheme, scheme, sign, verify } from '@countersign/schemes'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { readDefinition } from '../input/scheme-source.js'
import { printable, printableLines } from '../printable.js'
import { compiledToShow, judgement, judgementLines, standInParams } from '../scheme-facts.js'
import type { Terminal } from '../terminal.js'

/** `countersign scheme check`: 0 when the scheme can be used, 1 with every mistake when it cannot. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const definition = readDefinition(args[0] ?? '')
  let checked: Scheme
  try {
    checked = scheme(definition)
  } catch (error) {
    if ((error as { code?: unknown }).code === undefined) throw error
    const problems = (error as Error).message.split('\n')
    if (flags.has('json')) terminal.json({ ok: false, problems })
    else terminal.line(`${terminal.paint('bad', 'cannot be used')}:\n${printableLines(problems.map((line) => `  ${line}`).join('\n'))}`)
    return exitCodes.negative
  }
  const compiled = compiledToShow(checked)
  const example = exampleOf(checked)
  if (flags.has('json')) terminal.json({ ok: true, name: checked.name, judgement: judgement(compiled), example })
  else printJudgement(checked, judgementLines(checked, compiled), example, terminal)
  return exitCodes.success
}

interface Example {
  readonly secret: string
  readonly now: string
  readonly request: string
  readonly signed: string | null
  readonly verifies: boolean
}

/** No secret of anybody: long enough, and base64 and hex at once. */
const SECRETS = [
  '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
  'whsec_MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJi',
  'v1,whsec_MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJi',
]
const NOW = Date.UTC(2026, 0, 15, 12)
const BODIES = [
  ['application/json', '{"id":"evt_1","amount":1000}'],
  ['application/x-www-form-urlencoded', 'id=evt_1&amount=1000'],
  [undefined, ''],
] as const

/** A request that the scheme signs, made and verified; undefined where the scheme wants more than an example knows. */
function exampleOf(definition: Scheme): Example | null {
  for (const secret of SECRETS) {
    for (const [type, body] of BODIES) {
      try {
        return signedExample(definition, secret, type, body)
      } catch (error) {
        // Another body or secret may fit; a scheme that none fits has no example.
        if ((error as { code?: unknown }).code === undefined) throw error
      }
    }
  }
  return null
}

function signedExample(definition: Scheme, secret: string, type: string | undefined, text: string): Example {
  const url = 'https://api.example.com/hooks/acme?dry=1'
  const before = ['Host', 'api.example.com', ...(type === undefined ? [] : ['Content-Type', type])]
  const request = { method: text === '' ? 'GET' : 'POST', url, headers: before, body: Buffer.from(text) }
  const shared = {
    secret,
    now: () => NOW,
    params: standInParams(definition),
    allowInsecureScheme: true,
    publicOrigin: 'https://api.example.com',
  }
  const wantsId = /\{keyId\}/.test(JSON.stringify(definition)) || definition.keyId !== undefined
  const signed = sign(definition, request, { ...shared, ...(wantsId && { keyId: 'key-1' }) })
  const kept = before.filter((_, i) => !Object.hasOwn(signed.headers, (before[i - (i % 2)] as string).toLowerCase()))
  const headers = [...kept, ...Object.entries(signed.headers).flat()]
  const sent = { method: request.method, url: `https://api.example.com${signed.target}`, headers, body: signed.body }
  const lines = [`${request.method} ${signed.target} HTTP/1.1`]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  const isSecretSigned = /\{secret[|}]/.test(JSON.stringify([definition.message, definition.define, definition.fields]))
  return {
    secret,
    now: new Date(NOW).toISOString(),
    request: `${lines.join('\n')}\n\n${Buffer.from(signed.body).toString()}`,
    signed: isSecretSigned ? null : Buffer.from(signed.message).toString(),
    verifies: verify(definition, sent, { ...shared, allowEmptyBody: true }).ok,
  }
}

function printJudgement(definition: Scheme, lines: readonly string[], example: Example | null, terminal: Terminal): void {
  terminal.line(`${terminal.paint('good', 'can be used')}: ${definition.name}`)
  for (const line of lines) terminal.line(`  ${printable(line)}`)
  if (example === null) return terminal.line('  no example: it signs what only real requests contain')
  terminal.line(`\n${terminal.paint('strong', 'An example')}, secret ${example.secret}, now ${example.now}:\n`)
  terminal.line(indented(example.request))
  if (example.signed !== null) terminal.line(`\n${terminal.paint('strong', 'What is signed')}:\n\n${indented(example.signed)}`)
  if (!example.verifies) terminal.line('\n  the example does not verify: what it signs cannot be read back')
}

function indented(text: string): string {
  return printableLines(
    text
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n'),
  )
}
