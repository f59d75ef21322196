import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import { readSecrets } from '../input/secret.js'
import { printable } from '../printable.js'
import type { Terminal } from '../terminal.js'
import { fetchToken, type TokenAnswer, tokenUrl } from '../token-request.js'

/** `countersign token`: how long a token lives and what it is for; the token itself only with --show-token. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const url = tokenUrl(args[0] ?? '', flags.has('allow-http'))
  const clientId = flags.text('client-id')
  if (clientId === undefined) throw usageError('say --client-id')
  const auth = flags.text('auth') ?? 'basic'
  if (auth !== 'basic' && auth !== 'post') throw usageError('--auth is basic or post')
  const fields = fieldsOf(flags)
  const timeoutMs = flags.integer('timeout', 'milliseconds', 1, 600_000) ?? 10_000
  const [secret, ...others] = await readSecrets(flags, terminal, false, 'Client secret')
  if (secret === undefined || others.length > 0) throw usageError('give one secret')
  const answer = await fetchToken({ url, clientId, clientSecret: secret.text, auth, fields, timeoutMs })
  show(answer, Date.now(), flags, terminal)
  return exitCodes.success
}

function fieldsOf(flags: Flags): [string, string][] {
  const [scopes, audience] = [flags.texts('scope'), flags.text('audience')]
  const further = Object.entries(flags.pairs('param') ?? {})
  const own = ['grant_type', 'client_id', 'client_secret', 'scope', 'audience']
  if (further.some(([name]) => own.includes(name))) throw usageError(`--param is for parameters without an option of their own`)
  return [
    ...(scopes.length === 0 ? [] : [['scope', scopes.join(' ')] as [string, string]]),
    ...(audience === undefined ? [] : [['audience', audience] as [string, string]]),
    ...further,
  ]
}

function show(answer: TokenAnswer, now: number, flags: Flags, terminal: Terminal): void {
  const { token, type, expiresInSeconds, scope } = answer
  const claims = claimsOf(token)
  const expiresAt = instantText(expiresInSeconds === undefined ? claims.exp : now / 1000 + expiresInSeconds)
  if (flags.has('json')) {
    const life = { type, expiresInSeconds: expiresInSeconds ?? null, expiresAt: expiresAt ?? null, scope: scope ?? null }
    terminal.json({ ...life, jwt: claims.isJwt, ...(flags.has('show-token') && { token }) })
    return
  }
  const rows = [
    ['type', printable(type)],
    ['lives', lifeText(expiresInSeconds, expiresAt)],
    ['scope', printable(scope ?? 'not said: what was asked for')],
    [
      'form',
      claims.isJwt
        ? `JWT${claims.exp === undefined ? '' : `, exp ${instantText(claims.exp) ?? 'no time'}`}`
        : `opaque, ${token.length} characters`,
    ],
  ] as const
  // The token alone goes to stdout where it is asked for, so that a script can take it.
  const say = (text: string) => (flags.has('show-token') ? terminal.note(text) : terminal.line(text))
  for (const [name, value] of rows) say(`${name.padEnd(7)}${value}`)
  if (flags.has('show-token')) terminal.line(printable(token))
}

function lifeText(seconds: number | undefined, at: string | undefined): string {
  if (at === undefined) return 'not said'
  return seconds === undefined ? `until ${at}` : `${seconds} s, until ${at}`
}

function instantText(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** What a JWT says of its end. Its signature is not verified: whoever it is for does that. */
function claimsOf(token: string): { readonly isJwt: boolean; readonly exp: number | undefined } {
  const [head, claims, signature, ...more] = token.split('.')
  if (head === undefined || claims === undefined || signature === undefined || more.length > 0) return { isJwt: false, exp: undefined }
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { exp?: unknown }
    return { isJwt: true, exp: typeof exp === 'number' ? exp : undefined }
  } catch {
    return { isJwt: false, exp: undefined }
  }
}
