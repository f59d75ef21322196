import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { outOfReach } from './exit-codes.js'
import { reasonOf } from './input/octets.js'

/** Which server, and how long it may take. */
export interface TlsPlace {
  readonly host: string
  readonly port: number
  /** What is asked for by name (SNI), unless it is an address (RFC 6066 section 3). */
  readonly servername: string
  readonly timeoutMs: number
}

/** What a server presented. */
export interface Presented {
  /** DER, the server's own first. */
  readonly chain: readonly Uint8Array[]
  readonly trusted: boolean
  readonly reason: string | null
}

/** More than any chain has. */
const MOST_CERTIFICATES = 20

/**
 * Asks a server for its certificates. They are only looked at: nothing is sent, and one that nobody vouches for is shown as well.
 *
 * @throws CommandError (out of reach) when the server does not answer with one in time
 */
export function presented({ host, port, servername, timeoutMs }: TlsPlace): Promise<Presented> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(servername) === 0 && { servername }) })
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(late)
      socket.destroy()
      reject(outOfReach(`${host}:${port} presented no certificate: ${reason}`, { cause }))
    }
    const late = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs)
    socket.once('error', (error) => fail(reasonOf(error), error))
    socket.once('secureConnect', () => {
      clearTimeout(late)
      const chain = chainOf(socket)
      const reason = socket.authorized ? null : String(socket.authorizationError)
      socket.destroy()
      if (chain.length === 0) fail('it has none')
      else resolve({ chain, trusted: reason === null, reason })
    })
  })
}

function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = []
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (at?.raw !== undefined && chain.length < MOST_CERTIFICATES) {
    chain.push(at.raw)
    // A self-signed certificate names itself as its issuer.
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate
  }
  return chain
}
