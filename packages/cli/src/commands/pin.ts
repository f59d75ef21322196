import { existsSync } from 'node:fs'
import { type Certificate, type ParsedPin, parsePin, pinText } from '@countersign/core'
import { type Named, namedCertificate, namedCertificates } from '../certificates.js'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import { readOctets } from '../input/octets.js'
import { printable } from '../printable.js'
import type { Terminal } from '../terminal.js'

const DAY_MS = 86_400_000

/** What a server presented. */
interface Found {
  readonly certificates: readonly Named[]
  /** Whether this machine's authorities vouch for it, and why not; undefined for a file. */
  readonly trust: { readonly trusted: boolean; readonly reason: string | null } | undefined
}

/** `countersign pin`: the pins of a certificate. With --expect 1 when it has another one. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [place = ''] = args
  const expected = expectedPin(flags)
  const found = await lookUp(place, flags)
  const shown = flags.has('chain') ? found.certificates : found.certificates.slice(0, 1)
  const [leaf] = found.certificates
  const matches = expected === undefined || leaf?.certificate.digest(expected.kind) === expected.digest
  const now = Date.now()
  if (flags.has('json')) {
    const certificates = shown.map((one) => certificateJson(one, now))
    terminal.json({ certificates, ...(found.trust ?? {}), ...(expected !== undefined && { matches }) })
  } else {
    printTrust(found, terminal)
    for (const [i, one] of shown.entries()) printCertificate(one, now, i > 0, terminal)
    if (expected !== undefined)
      terminal.line(matches ? terminal.paint('good', 'the pin matches') : terminal.paint('bad', 'the pin does not match'))
  }
  return matches ? exitCodes.success : exitCodes.negative
}

function expectedPin(flags: Flags): ParsedPin | undefined {
  const text = flags.text('expect')
  if (text === undefined) return undefined
  const pin = parsePin(text)
  if (pin === undefined) throw usageError('--expect is no pin: sha256:<hex>, sha256/<base64> or sha1:<hex>')
  return pin
}

async function lookUp(place: string, flags: Flags): Promise<Found> {
  const server = place === '-' || existsSync(place) ? undefined : serverOf(place)
  const timeoutMs = flags.integer('timeout', 'milliseconds', 1, 600_000) ?? 10_000
  if (server === undefined) {
    if (flags.has('servername')) throw usageError('--servername goes with a server')
    return { certificates: namedCertificates(readOctets(place)), trust: undefined }
  }
  const { presented } = await import('../tls-look.js')
  const { chain, trusted, reason } = await presented({ ...server, servername: flags.text('servername') ?? server.host, timeoutMs })
  return { certificates: chain.map(namedCertificate), trust: { trusted, reason } }
}

/** `host:port`, `[v6]:port`, or a URL of https; undefined for what is a path. */
function serverOf(place: string): { host: string; port: number } | undefined {
  const [, host, bare, portText] = /^(?:https:\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^/:[\]?#]+))(?::(\d{1,5}))?\/?$/.exec(place) ?? []
  const name = host ?? bare
  const isNamed = place.startsWith('https://') || portText !== undefined
  const port = Number(portText ?? 443)
  if (name === undefined || !isNamed) return undefined
  if (port < 1 || port > 65_535) throw usageError('a port is from 1 to 65535')
  return { host: name, port }
}

function certificateJson({ certificate, subject, issuer, names }: Named, now: number): Record<string, unknown> {
  return {
    sha1: pinText('sha1', certificate.digest('sha1')),
    sha256: pinText('sha256', certificate.digest('sha256')),
    spki: pinText('spki', certificate.digest('spki')),
    subject,
    issuer,
    names,
    serial: certificate.serial,
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
    daysLeft: daysLeft(certificate, now),
  }
}

function daysLeft({ notAfter }: Certificate, now: number): number {
  return Math.floor((notAfter - now) / DAY_MS)
}

function printTrust({ trust }: Found, terminal: Terminal): void {
  if (trust === undefined || trust.trusted) return
  terminal.line(terminal.paint('warn', `not verified by an authority that this machine trusts: ${printable(trust.reason ?? 'unknown')}`))
}

function printCertificate({ certificate, subject, issuer, names }: Named, now: number, isNext: boolean, terminal: Terminal): void {
  if (isNext) terminal.line()
  const left = daysLeft(certificate, now)
  const life = left < 0 ? terminal.paint('bad', 'expired') : terminal.paint(left < 30 ? 'warn' : 'good', `${left} days left`)
  const rows = [
    ['subject', printable(subject)],
    ['issuer', printable(issuer)],
    ['names', printable(names)],
    ['valid', `${new Date(certificate.notBefore).toISOString()} to ${new Date(certificate.notAfter).toISOString()}, ${life}`],
    ['SHA-256', pinText('sha256', certificate.digest('sha256'))],
    ['SPKI', pinText('spki', certificate.digest('spki'))],
    ['SHA-1', `${pinText('sha1', certificate.digest('sha1'))} (legacy)`],
  ] as const
  for (const [name, value] of rows) if (value !== '') terminal.line(`${name.padEnd(9)}${value}`)
}
