import type { TLSSocket } from 'node:tls'
import { type AuthRequest, absent, invalidType, invalidValue, OptionReader, type ValidityWindow } from '@countersign/core/base'
import { type Certificate, type PinKind, readCertificate } from '@countersign/core/certificates'
import { type AuthoritiesInput, ChainCheck, readAuthorities } from '../chain.js'
import { refuse } from '../errors.js'
import { CERTIFICATE_KEYS, CERTIFICATE_KINDS, type CertificateSource, type Presented } from '../source.js'
import type { Reading } from './header-source.js'

/** Options of `socket`. */
export interface SocketOptions {
  /**
   * The server names (SNI) under which a connection may have been opened; letters of either case. For servers that ask different
   * clients for certificates of different authorities, so that no session moves from one name to another. Default: any.
   */
  readonly serverNames?: readonly string[]
  /** The authorities that the certificate must lead to, checked here besides Node: PEM text or DER octets. Default: Node's word. */
  readonly ca?: AuthoritiesInput
}

/** A certificate is read once per connection, whatever the number of routes and requests. */
const certificates = new WeakMap<TLSSocket, Certificate>()

/**
 * Certificates from the socket of node:https (or HTTP/2) itself, with `requestCert: true` and `ca` given to the server.
 *
 * Verified: the socket has a certificate, is `authorized`, and has no `authorizationError`. All three: a session that was opened without
 * a certificate and then resumed is reported as authorized (Node 20.20.2), and after a renegotiation `authorized` stays true.
 * Without a certificate, or without TLS: `absent`.
 *
 * Not checked: revocation; give the server a `crl`.
 *
 * @throws TypeError when an option is unknown or wrong
 */
export function socket(options?: SocketOptions): CertificateSource {
  const reader = new OptionReader('socket', options, ['serverNames', 'ca'])
  const serverNames = readServerNames(reader)
  const chain = reader.has('ca') ? new ChainCheck(readAuthorities('socket', 'ca', reader.raw('ca'))) : undefined
  const presentations = new WeakMap<Certificate, Presented>()
  return Object.freeze({
    name: 'socket',
    kinds: CERTIFICATE_KINDS,
    keys: CERTIFICATE_KEYS,
    verifies: true,
    serialBase: 16,
    read(request: AuthRequest): Reading {
      const tls = request.socket as TLSSocket
      if (tls.encrypted !== true || typeof tls.getPeerX509Certificate !== 'function') return absent
      const certificate = certificates.get(tls) ?? remember(tls)
      if (certificate === undefined) return absent
      if (certificate === null) return refuse('ERR_TLS_HEADER_MALFORMED', 'the certificate of the connection is malformed')
      const error: unknown = tls.authorizationError
      if (tls.authorized !== true || (error !== null && error !== undefined)) {
        return refuse('ERR_TLS_NOT_VERIFIED', `the server did not accept the certificate: ${String(error ?? 'not authorized')}`)
      }
      if (serverNames !== undefined && !serverNames.has(nameOf(tls))) return refuse('ERR_TLS_SERVER_NAME')
      let presented = presentations.get(certificate)
      if (presented === undefined) {
        presented = new SocketPresented(certificate, chain?.judge(certificate, sentAlong(tls)))
        presentations.set(certificate, presented)
      }
      return presented
    },
  })
}

class SocketPresented implements Presented {
  readonly kind = 'presented'
  readonly certificate: Certificate
  readonly verification: 'verified' | 'failed'
  readonly said: string | undefined
  readonly windows: readonly ValidityWindow[] | undefined
  readonly alternativeNames = undefined

  constructor(certificate: Certificate, verdict: { windows: readonly ValidityWindow[]; reason: string } | undefined) {
    this.certificate = certificate
    this.windows = verdict?.windows
    this.verification = verdict?.windows.length === 0 ? 'failed' : 'verified'
    this.said = this.verification === 'failed' ? verdict?.reason : undefined
  }

  digest(kind: PinKind): string {
    return this.certificate.digest(kind)
  }

  field(): undefined {
    return undefined
  }
}

/** Null when the certificate cannot be read. That there is none is not remembered: a renegotiation can bring one. */
function remember(tls: TLSSocket): Certificate | null | undefined {
  const raw = tls.getPeerX509Certificate()?.raw
  if (raw === undefined) return undefined
  const certificate = readCertificate(raw)
  if (certificate === undefined) return null
  certificates.set(tls, certificate)
  // TLS 1.2 can renegotiate, with another certificate on the same connection.
  tls.once('secure', () => certificates.delete(tls))
  return certificate
}

/** The certificates that came with it. Node's list ends in a certificate that is its own issuer. */
function sentAlong(tls: TLSSocket): Certificate[] {
  const sent: Certificate[] = []
  let last = tls.getPeerCertificate(true)
  for (let i = 0; i < 8; i += 1) {
    const next = last.issuerCertificate
    if (next === undefined || next === last || next.raw === undefined) break
    const certificate = readCertificate(next.raw)
    if (certificate !== undefined) sent.push(certificate)
    last = next
  }
  return sent
}

function readServerNames(reader: OptionReader): ReadonlySet<string> | undefined {
  const given = reader.raw('serverNames')
  if (given === undefined) return undefined
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string')) {
    throw invalidType('socket', 'serverNames', 'a list of server names', given)
  }
  if (given.length === 0) throw invalidValue('socket', 'serverNames', 'must hold at least one name; leave it out to allow any')
  return new Set((given as string[]).map((name) => name.toLowerCase()))
}

/** Without SNI Node says false. */
function nameOf(tls: TLSSocket): string {
  const { servername } = tls as { servername?: unknown }
  return typeof servername === 'string' ? servername.toLowerCase() : ''
}
