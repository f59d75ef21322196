import { absent, OptionReader } from '@countersign/core/base'
import { base64Certificate } from '../encodings.js'
import type { CertificateSource } from '../source.js'
import { UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type FieldsInput, readFieldNames } from './header-fields.js'
import {
  type CertificateHeaderOptions,
  HEADER_OPTION_NAMES,
  readHeaderNames,
  readHeaderSetup,
  type VerifyingProxyOptions,
} from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `caddy`. */
export interface CaddyOptions extends CertificateHeaderOptions, VerifyingProxyOptions {
  /**
   * What the proxy sends of the certificate: `der` all of it, or `sha256` its fingerprint. Only the header that is named here is
   * believed. Default `der`.
   */
  readonly certificate?: 'der' | 'sha256'
  /** The header under another name than X-Client-Cert (X-Client-Cert-Fingerprint). */
  readonly headers?: { readonly certificate?: string }
  /**
   * Headers for conditions: with a fingerprint SUBJECT, ISSUER, SERIAL (decimal, as Caddy writes it) under their usual names, or any
   * key under a name given here. The proxy must set each of them on every request. Default: none.
   */
  readonly fields?: FieldsInput
}

const CERTIFICATE_HEADERS = { der: 'x-client-cert', sha256: 'x-client-cert-fingerprint' }
const USUAL_FIELDS = { SUBJECT: 'X-Client-Cert-Subject', ISSUER: 'X-Client-Cert-Issuer', SERIAL: 'X-Client-Cert-Serial' }

/** Without a certificate Caddy sends the placeholder itself (caddyserver/caddy issue 7530). */
const PLACEHOLDER = '{http.request.tls.client.'

/**
 * Certificates from Caddy.
 *
 * Verified: with `proxyVerifies: true`, for `mode require_and_verify` or `verify_if_given`; or with `ca`. The placeholder of Caddy,
 * unreplaced, means that there is no certificate: `absent`.
 *
 * Not checked: that Caddy is configured like this. `header_up` replaces what clients send; do not delete the field there as well (`-X-Client-Cert`),
 * since Caddy deletes after it has set:
 * ```
 * tls { client_auth { mode require_and_verify
 *                     trust_pool file ca.pem } }
 * reverse_proxy 127.0.0.1:8080 {
 *   header_up X-Client-Cert {http.request.tls.client.certificate_der_base64}
 * }
 * ```
 * For `certificate: 'sha256'` `header_up X-Client-Cert-Fingerprint {http.request.tls.client.fingerprint}`. The PEM placeholder holds
 * line feeds, which no header can carry.
 *
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see https://caddyserver.com/docs/json/apps/http/#docs
 */
export function caddy(options: CaddyOptions): CertificateSource {
  const reader = new OptionReader('caddy', options, [...HEADER_OPTION_NAMES, 'ca', 'proxyVerifies', 'certificate', 'headers', 'fields'])
  const form = reader.oneOf('certificate', ['der', 'sha256'], 'der')
  const isVerified = reader.boolean('proxyVerifies', false)
  const statement = isVerified ? VERIFIED : UNSTATED
  const names = readHeaderNames(reader, { certificate: CERTIFICATE_HEADERS[form] })
  const fieldNames = readFieldNames(reader, USUAL_FIELDS, form === 'der')
  const proof = evidence(reader, { header: names.certificate, holds: form === 'der' ? base64Certificate : form, fieldNames })
  return headerSource(readHeaderSetup(reader), {
    name: 'caddy',
    families: ['x-client-cert', names.certificate, ...fieldNames.values()],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: isVerified || reader.asksFor('ca'),
    serialBase: 10,
    decode(fields) {
      const value = fields.get(names.certificate)
      if (value === undefined || value.startsWith(PLACEHOLDER)) return absent
      return proof.read(fields, statement)
    },
  })
}
