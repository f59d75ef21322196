import { absent, OptionReader } from '@countersign/core/base'
import { escapedPemCertificate } from '../encodings.js'
import { refuse } from '../errors.js'
import type { CertificateSource, Verification } from '../source.js'
import { type Statement, UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type FieldsInput, missingStatement, readFieldNames } from './header-fields.js'
import { type CertificateHeaderOptions, HEADER_OPTION_NAMES, readHeaderNames, readHeaderSetup } from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `nginx`. */
export interface NginxOptions extends CertificateHeaderOptions {
  /**
   * What the proxy sends of the certificate: `pem` all of it ($ssl_client_escaped_cert), or `sha1` its legacy fingerprint
   * ($ssl_client_fingerprint; nginx has no SHA-256). Only the header that is named here is believed. Default `pem`.
   */
  readonly certificate?: 'pem' | 'sha1'
  /**
   * Headers under other names than X-SSL-Client-Escaped-Cert (-Fingerprint) and X-SSL-Client-Verify, such as those of ingress-nginx,
   * `{ certificate: 'ssl-client-cert', verify: 'ssl-client-verify' }`. `verify: false`: nginx does not send that header, so that no
   * certificate counts as verified, and revoked ones are not told from others.
   */
  readonly headers?: { readonly certificate?: string; readonly verify?: string | false }
  /**
   * Headers for conditions: with a fingerprint SUBJECT, ISSUER, SERIAL, NOTBEFORE, NOTAFTER under their usual names, or any key under
   * a name given here. The proxy must set each of them on every request. Default: none.
   */
  readonly fields?: FieldsInput
  /**
   * What an unknown issuer means, which nginx says where `ssl_verify_client optional_no_ca` lets such certificates through. `pin`: a pin stands in
   * for the issuer. Revocation does not hold then: a client who leaves out its intermediate makes "revoked" an unknown issuer, so that a
   * revoked certificate passes until its pin is taken out. `refuse`: such certificates are refused, pinned or not. Default `pin`.
   */
  readonly unknownIssuer?: 'pin' | 'refuse'
}

const CERTIFICATE_HEADERS = { pem: 'x-ssl-client-escaped-cert', sha1: 'x-ssl-client-fingerprint' }
const USUAL_FIELDS = {
  SUBJECT: 'X-SSL-Client-S-DN',
  ISSUER: 'X-SSL-Client-I-DN',
  SERIAL: 'X-SSL-Client-Serial',
  NOTBEFORE: 'X-SSL-Client-V-Start',
  NOTAFTER: 'X-SSL-Client-V-End',
}

/** What OpenSSL 1 and 3 say of certificates against which only their issuer speaks; what `ssl_verify_client optional_no_ca` lets pass. */
const UNKNOWN_ISSUER: ReadonlySet<string> = new Set([
  'unable to get issuer certificate',
  'self signed certificate',
  'self-signed certificate',
  'self signed certificate in certificate chain',
  'self-signed certificate in certificate chain',
  'unable to get local issuer certificate',
  'unable to verify the first certificate',
  'certificate not trusted',
])

/**
 * Certificates from nginx.
 *
 * Verified: X-SSL-Client-Verify is SUCCESS. NONE means that there is no certificate: `absent`. FAILED:reason refuses, unless the
 * reason is that the issuer is unknown and a pin names the certificate. A certificate without it is a refusal (a client can name headers
 * in Connection, which a proxy in between then removes); so is a missing date of `fields`.
 *
 * Not checked: that nginx is configured like this. In the server, with `ssl_session_tickets off` or a cache of its own for each
 * server, so that no session moves to another one (CVE-2025-23419):
 * ```
 * ssl_client_certificate ca.pem;
 * ssl_verify_client on;
 * location / {
 *   proxy_set_header X-SSL-Client-Verify       $ssl_client_verify;
 *   proxy_set_header X-SSL-Client-Escaped-Cert $ssl_client_escaped_cert;
 *   proxy_set_header X-SSL-Client-Fingerprint  "";
 *   proxy_pass http://127.0.0.1:8080;
 * }
 * ```
 * `proxy_set_header` replaces what clients send under these names, and an empty value removes the header. For `certificate: 'sha1'`
 * set X-SSL-Client-Fingerprint to $ssl_client_fingerprint and empty the other one.
 *
 * Apache httpd says the same with mod_ssl (`SSLOptions +StdEnvVars +ExportCertData`) and mod_headers:
 * ```
 * RequestHeader set X-SSL-Client-Verify       "%{SSL_CLIENT_VERIFY}s"
 * RequestHeader set X-SSL-Client-Escaped-Cert "expr=%{escape:%{SSL_CLIENT_CERT}}"
 * RequestHeader unset X-SSL-Client-Fingerprint
 * ```
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see https://nginx.org/en/docs/http/ngx_http_ssl_module.html#variables
 */
export function nginx(options: NginxOptions): CertificateSource {
  const reader = new OptionReader('nginx', options, [...HEADER_OPTION_NAMES, 'ca', 'certificate', 'headers', 'fields', 'unknownIssuer'])
  const form = reader.oneOf('certificate', ['pem', 'sha1'], 'pem')
  const defaults = { certificate: CERTIFICATE_HEADERS[form], verify: 'x-ssl-client-verify' }
  const { certificate, verify } = readHeaderNames(reader, defaults, ['verify'])
  const statements = verify === undefined ? [] : [verify]
  const unknown = reader.oneOf('unknownIssuer', ['pin', 'refuse'], 'pin') === 'pin' ? 'unknown-issuer' : 'failed'
  const fieldNames = readFieldNames(reader, USUAL_FIELDS, form === 'pem')
  const proof = evidence(reader, { header: certificate, holds: form === 'pem' ? escapedPemCertificate : form, fieldNames })
  return headerSource(readHeaderSetup(reader), {
    name: 'nginx',
    families: ['x-ssl-client-', certificate, ...statements, ...fieldNames.values()],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: verify !== undefined || reader.asksFor('ca'),
    serialBase: 16,
    decode(fields) {
      const said = verify === undefined ? undefined : fields.get(verify)
      const value = fields.get(certificate)
      if (said === 'NONE' && (value === undefined || value === '')) return absent
      if (said === undefined && value === undefined) return absent
      const missing = missingStatement(fields, statements)
      if (missing !== undefined) return missing
      const statement = statementOf(said, unknown)
      if (statement === undefined)
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${verify} is not what nginx writes, or contradicts the certificate`)
      return proof.read(fields, statement)
    },
  })
}

function statementOf(verify: string | undefined, unknown: Verification): Statement | undefined {
  if (verify === undefined) return UNSTATED
  if (verify === 'SUCCESS') return VERIFIED
  if (verify !== 'FAILED' && !verify.startsWith('FAILED:')) return undefined
  const reason = verify.slice('FAILED:'.length)
  return { verification: UNKNOWN_ISSUER.has(reason) ? unknown : 'failed', said: `nginx says FAILED:${reason.slice(0, 80)}` }
}
