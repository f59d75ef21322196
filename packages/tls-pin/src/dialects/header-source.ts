import { type Absent, type AuthRequest, absent, type Refused } from '@countersign/core/base'
import { refuse } from '../errors.js'
import type { CertificateSource, Presented } from '../source.js'
import type { HeaderSetup } from './header-options.js'

/** The certificate headers of a request: name in lower case to value. Each stands once. */
export type HeaderFields = ReadonlyMap<string, string>

/** What a request presents, or why it presents nothing. */
export type Reading = Presented | Absent | Refused

/** What a proxy sends, and how it is read. */
export interface HeaderDialect extends Omit<CertificateSource, 'read'> {
  /** Beginnings of header names, in lower case: each header that starts with one of them is a certificate header. */
  readonly families: readonly string[]
  /** The one header that may stand several times; its values are joined with commas. */
  readonly repeatable?: string
  decode(fields: HeaderFields): Reading
}

/**
 * A source that reads certificate headers. Before the dialect sees a value: the peer must be a trusted proxy, the secret must be
 * there, and no header may stand twice, under a look-alike name, or be too long.
 */
export function headerSource(setup: HeaderSetup, dialect: HeaderDialect): CertificateSource {
  const { name, kinds, keys, verifies, serialBase } = dialect
  // A beginning of a beginning says it all.
  const starts = dialect.families.filter((one, i, all) => !all.some((other, j) => one.startsWith(other) && (other !== one || j < i)))
  const families = starts.map(familyOf)
  return Object.freeze({ name, kinds, keys, verifies, serialBase, read: (request: AuthRequest) => read(setup, dialect, families, request) })
}

/** A beginning of header names, and one letter or digit of it by which nearly all other names are told at once. */
interface Family {
  readonly start: string
  readonly probe: number
  readonly code: number
}

function familyOf(start: string): Family {
  const probe = Math.max(start.search(/[a-z0-9][^a-z0-9]*$/), 0)
  return { start, probe, code: start.charCodeAt(probe) | LOWER }
}

function read(setup: HeaderSetup, dialect: HeaderDialect, families: readonly Family[], request: AuthRequest): Reading {
  const { rawHeaders, socket } = request
  const fields = new Map<string, string>()
  let problem: Refused | undefined
  let isAny = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (!isOfFamily(name, families)) continue
    isAny = true
    problem ??= keep(fields, name.toLowerCase(), rawHeaders[i + 1] as string, setup, dialect)
  }
  if (!isAny) return absent
  if (!setup.isTrusted(socket)) return refuse('ERR_TLS_UNTRUSTED_PEER', untrustedReason(socket.remoteAddress))
  if (setup.hasSecret !== undefined && !setup.hasSecret(rawHeaders)) return refuse('ERR_TLS_PROXY_SECRET')
  return problem ?? dialect.decode(fields)
}

function keep(fields: Map<string, string>, name: string, value: string, setup: HeaderSetup, dialect: HeaderDialect): Refused | undefined {
  // Proxies and CGI take _ for -, Node does not: a client can send both, and each hop may believe another one.
  if (name.includes('_')) return refuse('ERR_TLS_HEADER_LOOKALIKE', `the header ${name.slice(0, 60)} looks like a certificate header`)
  const known = fields.get(name)
  if (known !== undefined && name !== dialect.repeatable)
    return refuse('ERR_TLS_HEADER_DUPLICATE', `the header ${name} was sent more than once`)
  const joined = known === undefined ? value : `${known},${value}`
  if (joined.length > setup.maxHeaderBytes)
    return refuse('ERR_TLS_HEADER_TOO_LONG', `the header ${name} is longer than ${setup.maxHeaderBytes} octets`)
  fields.set(name, joined)
  return undefined
}

function untrustedReason(address: string | undefined): string {
  return `certificate headers came from ${address ?? 'a socket without an address'}, which is not among trustedProxies`
}

function isOfFamily(name: string, families: readonly Family[]): boolean {
  for (const { start, probe, code } of families) {
    if ((name.charCodeAt(probe) | LOWER) === code && startsLike(name, start)) return true
  }
  return false
}

/** Whether a name starts with this one, whatever its case, and with `_` for any `-`. No string is made: it runs for each header. */
function startsLike(name: string, start: string): boolean {
  for (let i = 0; i < start.length; i += 1) {
    const code = name.charCodeAt(i)
    const wanted = start.charCodeAt(i)
    if (code === wanted || (code === UNDERSCORE && wanted === HYPHEN)) continue
    // A capital stands 32 before its small letter. Of what else a name can hold, ^ and ~ alone do so too.
    if (code + 32 !== wanted) return false
  }
  return true
}

const HYPHEN = 0x2d
const UNDERSCORE = 0x5f
/** The bit that makes a capital a small letter, and leaves digits as they are. */
const LOWER = 0x20
