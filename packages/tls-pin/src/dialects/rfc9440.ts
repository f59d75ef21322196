import { absent, OptionReader } from '@countersign/core/base'
import { certificateParts, strictBase64 } from '../encodings.js'
import { refuse } from '../errors.js'
import { CERTIFICATE_KEYS, CERTIFICATE_KINDS, type CertificateSource } from '../source.js'
import { CertificateReader, UNSTATED, VERIFIED } from './header-certificate.js'
import {
  type CertificateHeaderOptions,
  HEADER_OPTION_NAMES,
  readCa,
  readHeaderSetup,
  type VerifyingProxyOptions,
} from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `rfc9440`. */
export interface Rfc9440Options extends CertificateHeaderOptions, VerifyingProxyOptions {}

const CERTIFICATE = 'client-cert'
const CHAIN = 'client-cert-chain'

/**
 * Certificates from a proxy that sends the fields of RFC 9440.
 *
 * Shape: `Client-Cert: :<base64 of the DER>:`, and with `ca` also `Client-Cert-Chain: :<base64>:, :<base64>:`, which may stand on
 * several lines; at most 32 certificates in all. Structured field parameters are refused: none is defined.
 *
 * Verified: with `proxyVerifies: true`, where the proxy lets no unverified certificate through; or with `ca`.
 *
 * Not checked: that the proxy removes both fields from what clients send (RFC 9440 section 2.4), such as HAProxy with
 * ```
 * http-request del-header Client-Cert -m beg
 * http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used }
 * ```
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see RFC 9440 section 2
 */
export function rfc9440(options: Rfc9440Options): CertificateSource {
  const reader = new OptionReader('rfc9440', options, [...HEADER_OPTION_NAMES, 'ca', 'proxyVerifies'])
  const isVerified = reader.boolean('proxyVerifies', false)
  const statement = isVerified ? VERIFIED : UNSTATED
  const ca = readCa(reader)
  const certificates = new CertificateReader(byteSequences, ca)
  return headerSource(readHeaderSetup(reader), {
    name: 'rfc9440',
    families: [CERTIFICATE],
    repeatable: CHAIN,
    kinds: CERTIFICATE_KINDS,
    keys: CERTIFICATE_KEYS,
    verifies: isVerified || ca !== undefined,
    serialBase: 16,
    decode(fields) {
      const leaf = fields.get(CERTIFICATE)
      const chain = fields.get(CHAIN)
      // RFC 9440 section 2.3: the chain must not stand without the certificate.
      if (leaf === undefined && chain !== undefined)
        return refuse('ERR_TLS_HEADER_MISSING', 'Client-Cert-Chain was sent without Client-Cert')
      if (leaf === undefined) return absent
      if (leaf.includes(',')) return refuse('ERR_TLS_HEADER_MALFORMED', 'Client-Cert has several elements')
      const value = ca === undefined || chain === undefined || leaf === '' ? leaf : `${leaf},${chain}`
      return certificates.read(CERTIFICATE, value, statement, fields, new Map())
    },
  })
}

/** Byte sequences of RFC 8941 section 3.3.5, separated by commas with blanks around them. */
function byteSequences(value: string): Buffer[] | undefined {
  const items = certificateParts(value)?.map((item) => {
    const text = item.trim()
    return text.startsWith(':') && text.endsWith(':') ? strictBase64(text.slice(1, -1)) : undefined
  })
  return items === undefined || items.includes(undefined) ? undefined : (items as Buffer[])
}
