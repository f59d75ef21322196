import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
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
   * clients for certificates of different authorities, so that no session moves from one name to another. Node's word on a resumed
   * session counts for nothing then, since in TLS 1.3 it may have been given under another name: a pin or `ca` has to do. A resumed
   * TLS 1.2 session is refused, since Node knows no name of it. Default: any.
   */
  readonly serverNames?: readonly string[]
  /**
   * The authorities that the certificate must lead to, checked here besides Node: PEM text or DER octets. Default: Node's word.
   * A resumed session comes without intermediates: name them here as well, or in the server's `ca`, or its clients are refused then.
   */
  readonly ca?: AuthoritiesInput
}

/** What a handshake brought. */
interface Handshake {
  readonly certificate: Certificate
  /** The certificates that came with it, in DER. */
  readonly sent: readonly Uint8Array[]
}

/** A certificate is read once per connection, whatever the number of routes and requests. */
const handshakes = new WeakMap<TLSSocket, Handshake>()

const TICKETS_OFF = 'turn off session tickets (secureOptions: constants.SSL_OP_NO_TICKET)'
const MOVED =
  'the TLS session is resumed, and may have been verified under another server name; give ca to socket(), pin the certificate, or ' +
  TICKETS_OFF
const SENT_ONCE = 'a resumed TLS session carries no intermediates: add them to ca as well'
const NAMELESS = `Node knows no server name of a resumed TLS 1.2 session; ${TICKETS_OFF}`

/**
 * Certificates from the socket of node:https (or HTTP/2) itself, with `requestCert: true` and `ca` given to the server.
 *
 * Verified: the socket has a certificate, is `authorized`, and has no `authorizationError`. All three: a session that was opened without
 * a certificate and then resumed is reported as authorized (Node 20.20.2), and after a renegotiation `authorized` stays true.
 * Without a certificate, or without TLS: `absent`.
 *
 * Not checked: revocation; give the server a `crl`. Nor, without `serverNames` or `ca`, under which server name a resumed TLS 1.3 session
 * was verified: Node takes it under each name of the server (addContext, SNICallback), whatever authorities that name asks for.
 * Servers with the same `ticketKeys` take each other's sessions as well, and sessions from before a new `crl`.
 *
 * With `ca`, let nothing call getPeerX509Certificate() of the socket before: Node then forgets the intermediates.
 *
 * @throws TypeError when an option is unknown or wrong
 */
export function socket(options?: SocketOptions): CertificateSource {
  const reader = new OptionReader('socket', options, ['serverNames', 'ca'])
  const serverNames = readServerNames(reader)
  const chain = reader.asksFor('ca') ? new ChainCheck(readAuthorities('socket', 'ca', reader.raw('ca'))) : undefined
  const presentations = new WeakMap<Handshake, Presented>()
  const judge = (tls: TLSSocket, { certificate, sent }: Handshake): Judgement => {
    if (chain !== undefined) return ownJudgement(chain, certificate, sent, isResumed(tls))
    return serverNames !== undefined && isResumed(tls) ? { verification: 'unstated', said: MOVED } : { verification: 'verified' }
  }
  return Object.freeze({
    name: 'socket',
    kinds: CERTIFICATE_KINDS,
    keys: CERTIFICATE_KEYS,
    verifies: true,
    serialBase: 16,
    read(request: AuthRequest): Reading {
      const tls = request.socket as TLSSocket
      if (tls.encrypted !== true || typeof tls.getPeerX509Certificate !== 'function') return absent
      const handshake = handshakes.get(tls) ?? remember(tls)
      if (handshake === undefined) return absent
      if (handshake === null) return refuse('ERR_TLS_HEADER_MALFORMED', 'the certificate of the connection is malformed')
      const error: unknown = tls.authorizationError
      if (tls.authorized !== true || (error !== null && error !== undefined)) {
        return refuse('ERR_TLS_NOT_VERIFIED', `the server did not accept the certificate: ${String(error ?? 'not authorized')}`)
      }
      if (serverNames !== undefined && !serverNames.has(nameOf(tls))) {
        return refuse('ERR_TLS_SERVER_NAME', nameOf(tls) === '' && isResumed(tls) ? NAMELESS : undefined)
      }
      let presented = presentations.get(handshake)
      if (presented === undefined) {
        presented = new SocketPresented(handshake.certificate, judge(tls, handshake))
        presentations.set(handshake, presented)
      }
      return presented
    },
  })
}

/** What is known of who issued the certificate. */
type Judgement = Pick<Presented, 'verification' | 'said' | 'windows'>

function ownJudgement(chain: ChainCheck, certificate: Certificate, sent: readonly Uint8Array[], isAgain: boolean): Judgement {
  const others = sent.map((octets) => readCertificate(octets)).filter((other) => other !== undefined)
  const { windows, reason } = chain.judge(certificate, others)
  if (windows.length > 0) return { verification: 'verified', windows }
  return { verification: 'failed', said: isAgain ? `${reason}; ${SENT_ONCE}` : reason, windows }
}

class SocketPresented implements Presented {
  readonly kind = 'presented'
  readonly certificate: Certificate
  readonly verification: Presented['verification']
  readonly said: string | undefined
  readonly windows: readonly ValidityWindow[] | undefined
  readonly alternativeNames = undefined

  constructor(certificate: Certificate, { verification, said, windows }: Judgement) {
    this.certificate = certificate
    this.verification = verification
    this.said = said
    this.windows = windows
  }

  digest(kind: PinKind): string {
    return this.certificate.digest(kind)
  }

  field(): undefined {
    return undefined
  }
}

/** Null when the certificate cannot be read. That there is none is not remembered: a renegotiation can bring one. */
function remember(tls: TLSSocket): Handshake | null | undefined {
  // This first, whoever asks for it later: getPeerX509Certificate takes what came along off the connection (Node 20, 22 and 24).
  const sent = sentAlong(tls)
  const raw = tls.getPeerX509Certificate()?.raw
  if (raw === undefined) return undefined
  const certificate = readCertificate(raw)
  if (certificate === undefined) return null
  const handshake = { certificate, sent }
  handshakes.set(tls, handshake)
  // TLS 1.2 can renegotiate, with another certificate on the same connection.
  tls.once('secure', () => handshakes.delete(tls))
  return handshake
}

/** The certificates that came with it. Node's list ends in a certificate that is its own issuer; without a certificate it is empty. */
function sentAlong(tls: TLSSocket): Uint8Array[] {
  const sent: Uint8Array[] = []
  let last: Partial<DetailedPeerCertificate> | null = tls.getPeerCertificate(true)
  for (let i = 0; i < 8; i += 1) {
    const next: Partial<DetailedPeerCertificate> | undefined = last?.issuerCertificate
    if (next === undefined || next === last || next.raw === undefined) break
    sent.push(next.raw)
    last = next
  }
  return sent
}

function readServerNames(reader: OptionReader): ReadonlySet<string> | undefined {
  if (!reader.asksFor('serverNames')) return undefined
  const given = reader.raw('serverNames')
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string')) {
    throw invalidType('socket', 'serverNames', 'a list of server names', given)
  }
  if (given.length === 0) throw invalidValue('socket', 'serverNames', 'must contain at least one name; remove the option to allow any')
  const names = (given as string[]).map((name) => name.toLowerCase())
  const wrong = names.findIndex((name) => name.length > 253 || !name.split('.').every((label) => LABEL.test(label)))
  if (wrong >= 0) {
    throw invalidValue(
      'socket',
      `serverNames[${wrong}]`,
      'is not a name that clients send (SNI); write each in full and in ASCII, such as "api.example": no "*", no port, no final dot',
    )
  }
  return new Set(names)
}

/** Underscores are none of DNS, and sent nevertheless. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Null, of a connection that is gone, counts as resumed. */
function isResumed(tls: TLSSocket): boolean {
  return (tls.isSessionReused() as boolean | null) !== false
}

/** Without SNI Node says false, and of each resumed TLS 1.2 session (Node 20.20.2). */
function nameOf(tls: TLSSocket): string {
  const { servername } = tls as { servername?: unknown }
  return typeof servername === 'string' ? servername.toLowerCase() : ''
}
