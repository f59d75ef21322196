import { instant, OptionReader } from '@countersign/core'
import { compileOptions, compileScheme, type Scheme } from '@countersign/schemes'
import type { Flags } from './flags.js'
import type { HttpRequest } from './input/http-request.js'
import { ASSUMED_ORIGIN } from './input/request-source.js'

/** What sign, verify, explain and listen pass on to the engine, out of the options that they share. */
export function setUpOptions(flags: Flags, definition: Scheme): Record<string, unknown> {
  const now = instantOf(flags)
  const tolerance = flags.integer('tolerance', 'seconds', 1)
  const mustInclude = flags.texts('must-include')
  const params = flags.pairs('param')
  const origin = flags.text('origin')
  return {
    ...(now !== undefined && { now: () => now }),
    ...(tolerance !== undefined && definition.timestamp !== undefined && { toleranceSeconds: tolerance }),
    ...(mustInclude.length > 0 && { mustInclude }),
    ...(params !== undefined && { params }),
    ...(origin !== undefined && { publicOrigin: origin }),
    ...(flags.has('allow-weak-secret') && { allowWeakSecret: true }),
    ...(flags.has('allow-unbound-body') && { allowUnboundBody: true }),
    ...(flags.has('allow-insecure-scheme') && { allowInsecureScheme: true }),
  }
}

const COMPILE_OPTIONS = ['params', 'toleranceSeconds', 'mustInclude', 'allowUnboundBody', 'allowInsecureScheme']

/** The scheme as the engine compiles it with these options. @param setUp - of `setUpOptions` */
export function compiledWith(setUp: Readonly<Record<string, unknown>>, definition: Scheme, command: string) {
  const own = Object.fromEntries(Object.entries(setUp).filter(([name]) => COMPILE_OPTIONS.includes(name)))
  return compileScheme(definition, compileOptions(new OptionReader(command, own, COMPILE_OPTIONS)), command)
}

/** The time to go by, milliseconds: `--now` in seconds since the epoch or as an RFC 3339 date-time; undefined: the clock. */
function instantOf(flags: Flags): number | undefined {
  const text = flags.text('now')
  if (text === undefined) return undefined
  if (/^\d{1,11}$/.test(text)) return Number(text) * 1000
  return instant('countersign', '--now', text)
}

/** The notes about a request that matter for a scheme: where it was sent to does so only where that is signed. */
export function notesFor(definition: Scheme, request: HttpRequest): readonly string[] {
  const isOriginSigned = /\{(?:url|origin|scheme|authority)\b/.test(JSON.stringify(definition))
  return request.notes.filter((note) => isOriginSigned || !note.startsWith(ASSUMED_ORIGIN))
}

/** The request as the engine takes it. */
export function engineRequest({ method, url, headers, body }: HttpRequest): {
  method: string
  url: string
  headers: readonly string[]
  body: Uint8Array
} {
  return { method, url, headers, body }
}
