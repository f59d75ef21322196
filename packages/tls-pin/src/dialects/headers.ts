import { invalidType, invalidValue, isRecord, OptionReader, type Refused } from '@countersign/core/base'
import { type Digests, type ParsedPin, type PinKind, parsePin } from '@countersign/core/certificates'
import { refuse } from '../errors.js'
import { Remembered } from '../remembered.js'
import { CERTIFICATE_KINDS, type CertificateSource } from '../source.js'
import { HeaderPresented, type Statement, UNSTATED, VERIFIED } from './header-certificate.js'
import { missingStatement } from './header-fields.js'
import { HEADER_OPTION_NAMES, type HeaderOptions, headerName, readHeaderSetup, type VerifyingProxyOptions } from './header-options.js'
import { type HeaderFields, headerSource } from './header-source.js'

/** Options of `headers`. */
export interface HeadersOptions extends HeaderOptions, VerifyingProxyOptions {
  /** How the names of the headers start, with a hyphen at the end, such as `X-Zato-TLS-`. */
  readonly prefix: string
  /**
   * The values by which the proxy says that it has verified the certificate, such as `{ VERIFY: '0', USED: '1' }` for HAProxy or
   * `{ VERIFY: 'SUCCESS' }` for nginx: all of them make it verified; another value refuses, and so does a missing one. Default: none.
   */
  readonly verifiedWhen?: Readonly<Record<string, string>>
}

/**
 * Certificates from a proxy that sends one header for each key: the prefix is stripped and the rest is upper-cased, so that
 * `X-Zato-TLS-Fingerprint` answers the condition FINGERPRINT.
 *
 * Shape: FINGERPRINT is a SHA-1 (40 hex digits) or a SHA-256 (64), FINGERPRINT256 a SHA-256, SPKI the SHA-256 of the public key
 * (base64 or hex), each with colons or without; pins are held against these. SERIAL is compared as a number, SUBJECT and ISSUER as
 * names, any other key letter by letter. Dates of the certificate are checked where NOTBEFORE and NOTAFTER are sent; that they are, only
 * conditions on them ask for, and the proxy that verified has looked at them.
 *
 * Verified: by `verifiedWhen`; or with `proxyVerifies: true`, for HAProxy's `verify required` and nginx's `ssl_verify_client on`.
 *
 * Not checked: that the proxy deletes what clients send under the prefix. Setting one header does not delete the others:
 * ```
 * bind :51223 ssl crt server.pem verify required ca-file ca.pem
 * http-request del-header X-Zato-TLS- -m beg
 * http-request set-header X-Zato-TLS-Fingerprint %[ssl_c_sha1,hex]
 * ```
 * @throws TypeError when prefix or trustedProxies is missing, or an option is unknown or wrong
 */
export function headers(options: HeadersOptions): CertificateSource {
  const reader = new OptionReader('headers', options, [...HEADER_OPTION_NAMES, 'proxyVerifies', 'prefix', 'verifiedWhen'])
  const given = reader.text('prefix')
  if (given === undefined) throw invalidValue('headers', 'prefix', "is required; write the start of the names, such as 'X-Zato-TLS-'")
  const prefix = headerName('headers', 'prefix', given)
  if (!prefix.endsWith('-') || prefix.length < 3) throw invalidValue('headers', 'prefix', 'must end with a hyphen, such as X-Zato-TLS-')
  const isVerified = reader.boolean('proxyVerifies', false)
  const marks = readMarks(reader.raw('verifiedWhen'), prefix)
  const markNames = marks.map(([name]) => name)
  const names = { get: (key: string) => prefix + key.toLowerCase() }
  const readers = new DigestReaders(prefix)
  return headerSource(readHeaderSetup(reader), {
    name: 'headers',
    families: [prefix],
    kinds: CERTIFICATE_KINDS,
    keys: undefined,
    verifies: isVerified || marks.length > 0,
    serialBase: 16,
    decode(fields) {
      const digests = readers.read(fields)
      if (!(digests instanceof FieldDigests)) return digests
      const statement = statementOf(fields, marks, isVerified)
      const missing = statement.verification === 'failed' ? undefined : missingStatement(fields, markNames)
      return missing ?? new HeaderPresented(undefined, digests, statement, fields, names)
    },
  })
}

type Mark = readonly [name: string, value: string]

function readMarks(input: unknown, prefix: string): readonly Mark[] {
  if (input === undefined) return []
  if (!isRecord(input)) {
    throw invalidType('headers', 'verifiedWhen', "an object from key to value, such as { VERIFY: 'SUCCESS' }", input)
  }
  const marks = Object.entries(input).map(([key, value]): Mark => {
    const name = headerName('headers', `verifiedWhen.${key}`, prefix + key)
    if (typeof value !== 'string') throw invalidType('headers', `verifiedWhen.${key}`, 'a string', value)
    if (value === '') throw invalidValue('headers', `verifiedWhen.${key}`, 'must not be empty')
    return [name, value]
  })
  if (marks.length === 0) throw invalidValue('headers', 'verifiedWhen', "must name at least one key, such as { VERIFY: 'SUCCESS' }")
  return marks
}

function statementOf(fields: HeaderFields, marks: readonly Mark[], isVerified: boolean): Statement {
  for (const [name, value] of marks) {
    const sent = fields.get(name)
    if (sent !== undefined && sent !== value) return { verification: 'failed', said: `${name} is not ${value}` }
  }
  return isVerified || marks.length > 0 ? VERIFIED : UNSTATED
}

/** The digests of up to three headers. */
class FieldDigests implements Digests {
  readonly #pins: ParsedPin[] = []

  /** Takes a digest in; false when one of its kind is there already and is another one. */
  add(pin: ParsedPin): boolean {
    const known = this.digest(pin.kind)
    if (known === undefined) this.#pins.push(pin)
    return known === undefined || known === pin.digest
  }

  digest(kind: PinKind): string | undefined {
    for (const pin of this.#pins) if (pin.kind === kind) return pin.digest
    return undefined
  }
}

class DigestReaders {
  readonly #readers: readonly (readonly [name: string, pins: Remembered<ParsedPin>])[]

  constructor(prefix: string) {
    const ofKinds = (kinds: readonly PinKind[], textOf = (value: string) => value) =>
      new Remembered((value) => {
        const pin = parsePin(textOf(value))
        return pin !== undefined && kinds.includes(pin.kind) ? pin : undefined
      })
    this.#readers = [
      [`${prefix}fingerprint`, ofKinds(['sha1', 'sha256'])],
      [`${prefix}fingerprint256`, ofKinds(['sha256'])],
      [`${prefix}spki`, ofKinds(['spki'], spkiText)],
    ]
  }

  read(fields: HeaderFields): FieldDigests | Refused {
    const digests = new FieldDigests()
    for (const [name, pins] of this.#readers) {
      const value = fields.get(name)
      if (value === undefined) continue
      if (value === '') return refuse('ERR_TLS_HEADER_EMPTY')
      const pin = pins.of(value)
      if (pin === undefined || !digests.add(pin)) {
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${name} is not a fingerprint, or contradicts another one`)
      }
    }
    return digests
  }
}

/** Proxies that can send it at all write it in hex, or in base64 with the name of the digest or without. */
function spkiText(value: string): string {
  if (value.length === 64) return `sha256/${Buffer.from(value, 'hex').toString('base64')}`
  return value.startsWith('sha256/') ? value : `sha256/${value}`
}
