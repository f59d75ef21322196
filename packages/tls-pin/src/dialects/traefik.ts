import { absent, OptionReader } from '@countersign/core/base'
import { certificateParts, percentDecoded, strictBase64 } from '../encodings.js'
import type { CertificateSource } from '../source.js'
import { UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type CertificateHeaderOptions, HEADER_OPTION_NAMES, readHeaderSetup, type VerifyingProxyOptions } from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `traefik`. */
export interface TraefikOptions extends CertificateHeaderOptions, VerifyingProxyOptions {}

const HEADER = 'x-forwarded-tls-client-cert'

/**
 * Certificates from Traefik's middleware PassTLSClientCert with `pem: true`.
 *
 * Shape: the certificates that the client sent, its own first, at most 32, each the base64 of its DER, joined with commas; old versions
 * percent-encode the base64. X-Forwarded-Tls-Client-Cert-Info is not read: its names are not escaped. Its serial numbers
 * are decimal: write them as `decimal:4097` in a condition.
 *
 * Verified: with `proxyVerifies: true`, for `clientAuthType: RequireAndVerifyClientCert` or `VerifyClientCertIfGiven`; or with `ca`.
 *
 * Not checked: that Traefik is configured like this. Without a certificate the middleware leaves a forged header in place; the entry
 * point removes it, unless its `forwardedHeaders.insecure` is on or the peer is among `forwardedHeaders.trustedIPs`.
 * ```
 * tls: { options: { default: { clientAuth: { caFiles: [ca.pem], clientAuthType: RequireAndVerifyClientCert } } } }
 * http: { middlewares: { pin: { passTLSClientCert: { pem: true } } } }
 * ```
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/passtlsclientcert/
 */
export function traefik(options: TraefikOptions): CertificateSource {
  const reader = new OptionReader('traefik', options, [...HEADER_OPTION_NAMES, 'ca', 'proxyVerifies'])
  const isVerified = reader.boolean('proxyVerifies', false)
  const statement = isVerified ? VERIFIED : UNSTATED
  const proof = evidence(reader, { header: HEADER, holds: certificates, fieldNames: new Map() })
  return headerSource(readHeaderSetup(reader), {
    name: 'traefik',
    families: [HEADER],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: isVerified || reader.asksFor('ca'),
    serialBase: 16,
    decode: (fields) => (fields.has(HEADER) ? proof.read(fields, statement) : absent),
  })
}

function certificates(value: string): Buffer[] | undefined {
  const decoded = certificateParts(value)?.map((part) => {
    const base64 = part.includes('%') ? percentDecoded(part) : part
    return base64 === undefined ? undefined : strictBase64(base64)
  })
  return decoded === undefined || decoded.includes(undefined) ? undefined : (decoded as Buffer[])
}
