import { absent, invalidValue, OptionReader } from '@countersign/core/base'
import { type AlternativeName, fingerprintHex } from '@countersign/core/certificates'
import { escapedPemCertificate, escapedPemCertificates } from '../encodings.js'
import { refuse } from '../errors.js'
import { CERTIFICATE_KEYS, CERTIFICATE_KINDS, type CertificateSource } from '../source.js'
import { CertificateReader, HeaderPresented, SoleDigest, type Statement, UNSTATED, VERIFIED } from './header-certificate.js'
import {
  type CertificateHeaderOptions,
  HEADER_OPTION_NAMES,
  readCa,
  readHeaderSetup,
  type VerifyingProxyOptions,
} from './header-options.js'
import { headerSource, type Reading } from './header-source.js'
import { parseXfcc, unescapedValue, type XfccElement } from './xfcc.js'

/** Options of `envoy`. */
export interface EnvoyOptions extends CertificateHeaderOptions, VerifyingProxyOptions {
  /**
   * How many elements the header must have: one for each proxy on the way. Default: any number. Without `by` no element before the one
   * that counts may have an unquoted URI or DNS, whatever their number.
   */
  readonly elements?: number
  /** Which element counts, from the right: 1 is what the nearest proxy added. Default 1. */
  readonly fromRight?: number
  /**
   * The name in `By` of the proxy that adds the element that counts, such as `spiffe://td/ns/b/sa/gateway`. With it, and `elements`,
   * unquoted URIs and DNS names may stand before that element: Envoy writes By first, so that a client who forges a further element
   * has this name before it, and is refused. Default: none.
   */
  readonly by?: string
}

const HEADER = 'x-forwarded-client-cert'
/** `Subject` answers the condition SUBJECT. */
const NAMES = new Map([['SUBJECT', 'subject']])

/**
 * Certificates from Envoy, and from meshes that are built on it.
 *
 * Shape: X-Forwarded-Client-Cert, of which the element that the trusted hop added is read. `Hash` is the SHA-256; with `Cert` all else
 * is read from the certificate, and both must agree. Without `Cert`, `Subject`, and a sole `URI` or `DNS`, answer SUBJECT, CN, O, OU
 * and SAN.
 *
 * Envoy quotes neither URI nor DNS (envoyproxy/envoy issue 32945), so that a name such as `spiffe://x,Hash=...` looks like a further
 * element. Hence no unquoted one may stand before the element that counts, unless `by` says who added it, and nothing but URI and DNS
 * may follow one. The number of elements alone tells nothing: whoever reaches the nearest proxy directly can forge what is missing. For
 * the same reason `URI=;DNS=api` (Envoy writes an empty URI where there is none) answers no condition on SAN; send `cert`, or DNS
 * without `uri`. A proxy whose own name in By holds a comma or a semicolon is refused.
 *
 * Verified: with `proxyVerifies: true`, where the listener has `require_client_certificate` and a `trusted_ca`; or with `ca` (Envoy
 * sends `Cert` and `Chain` then).
 *
 * Not checked: that Envoy is configured like this:
 * ```
 * forward_client_cert_details: SANITIZE_SET
 * set_current_client_cert_details: { cert: true, chain: true, subject: true }
 * ```
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
export function envoy(options: EnvoyOptions): CertificateSource {
  const reader = new OptionReader('envoy', options, [...HEADER_OPTION_NAMES, 'ca', 'proxyVerifies', 'elements', 'fromRight', 'by'])
  const isVerified = reader.boolean('proxyVerifies', false)
  const count = reader.has('elements') ? reader.integer('elements', 1, 'elements') : undefined
  const fromRight = reader.integer('fromRight', 1, 'elements')
  if (count !== undefined && fromRight > count) throw invalidValue('envoy', 'fromRight', `must be at most elements (${count})`)
  const by = reader.text('by')
  if (by !== undefined && count === undefined) throw invalidValue('envoy', 'by', 'needs elements: the number of proxies on the way')
  const ca = readCa(reader)
  const certificates = new CertificateReader(certAndChain, ca)
  const statement = isVerified ? VERIFIED : UNSTATED
  return headerSource(readHeaderSetup(reader), {
    name: 'envoy',
    families: [HEADER],
    kinds: CERTIFICATE_KINDS,
    keys: CERTIFICATE_KEYS,
    verifies: isVerified || ca !== undefined,
    serialBase: 16,
    decode(fields) {
      const value = fields.get(HEADER)
      if (value === undefined) return absent
      if (value === '') return refuse('ERR_TLS_HEADER_EMPTY')
      const elements = parseXfcc(value)
      if (elements === undefined) return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${HEADER} is not what Envoy writes`)
      const at = elements.length - fromRight
      const element = count === undefined || count === elements.length ? elements[at] : undefined
      if (element === undefined)
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${HEADER} has ${elements.length} elements; see the elements option`)
      const isSure = by === undefined ? !elements.slice(0, at).some(hasLoose) : elements.findIndex((one) => isBy(one, by)) === at
      if (!isSure) return refuse('ERR_TLS_HEADER_MALFORMED', AMBIGUOUS)
      return readElement(element, certificates, statement, ca !== undefined)
    },
  })
}

const AMBIGUOUS = 'a name in a certificate may have forged the last element; see the by option'

function hasLoose(element: XfccElement): boolean {
  return element.some(isLoose)
}

function isBy(element: XfccElement, name: string): boolean {
  return element.some((pair) => pair.key === 'by' && unescapedValue(pair) === name)
}

/** Whether a client can have chosen what follows a value: it wrote the names in its certificate, and Envoy does not quote them. */
function isLoose({ key, isQuoted }: XfccElement[number]): boolean {
  return (key === 'uri' || key === 'dns') && !isQuoted
}

function readElement(element: XfccElement, certificates: CertificateReader, statement: Statement, hasCa: boolean): Reading {
  const afterLoose = element.slice(element.findIndex(isLoose))
  if (element.some(isLoose) && afterLoose.some(({ key }) => key !== 'uri' && key !== 'dns')) {
    return refuse(
      'ERR_TLS_HEADER_MALFORMED',
      'an unquoted URI or DNS is followed by another key; a name in the certificate may have forged it',
    )
  }
  const pairs = new Map(element.map(({ key, value }) => [key, value]))
  const hash = readHash(pairs.get('hash'))
  if (hash === undefined) return refuse('ERR_TLS_HEADER_MALFORMED', 'Hash is no SHA-256')
  const cert = pairs.get('cert')
  if (cert === undefined || cert === '')
    return hash === '' || hasCa ? refuse('ERR_TLS_HEADER_MISSING', 'the element has no Cert') : hashOnly(hash)
  const chain = hasCa ? pairs.get('chain') : undefined
  const reading = certificates.read(HEADER, chain === undefined ? cert : `${cert}\n${chain}`, statement, pairs, NAMES)
  if (reading.kind === 'presented' && hash !== '' && reading.digest('sha256') !== hash) {
    return refuse('ERR_TLS_HEADER_MALFORMED', 'Hash and Cert are not of the same certificate')
  }
  return reading

  function hashOnly(sha256: string): Reading {
    const further = { windows: undefined, alternativeNames: alternativeNames(element) }
    return new HeaderPresented(undefined, new SoleDigest('sha256', sha256), statement, pairs, NAMES, further)
  }
}

/** The hash in lower-case hex; empty when there is none; undefined when it is no SHA-256. */
function readHash(value: string | undefined): string | undefined {
  if (value === undefined) return ''
  const hex = fingerprintHex(value)
  return hex?.length === 64 ? hex : undefined
}

/** With two unquoted names, the first may have forged the second; then none counts. */
function alternativeNames(element: XfccElement): readonly AlternativeName[] {
  if (element.filter(isLoose).length > 1) return []
  return element
    .filter(({ key }) => key === 'uri' || key === 'dns')
    .map((pair) => ({ type: pair.key as 'uri' | 'dns', value: unescapedValue(pair) }))
}

function certAndChain(value: string): Buffer[] | undefined {
  const [cert, chain] = value.split('\n') as [string, string?]
  const leaf = escapedPemCertificate(cert)
  const sent = chain === undefined || chain === '' ? [] : escapedPemCertificates(chain)
  return leaf === undefined || sent === undefined ? undefined : [...leaf, ...sent]
}
