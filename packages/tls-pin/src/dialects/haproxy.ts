import { absent, OptionReader } from '@countersign/core/base'
import { base64Certificate } from '../encodings.js'
import { refuse } from '../errors.js'
import type { CertificateSource } from '../source.js'
import { type Statement, UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type FieldsInput, readFieldNames } from './header-fields.js'
import { type CertificateHeaderOptions, HEADER_OPTION_NAMES, readHeaderNames, readHeaderSetup } from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `haproxy`. */
export interface HaproxyOptions extends CertificateHeaderOptions {
  /**
   * What the proxy sends of the certificate: `der` all of it, `sha256` or `sha1` its fingerprint. Only the header that is named here
   * is believed. With `der` the digests, names and dates are read from the certificate itself. Default `der`.
   */
  readonly certificate?: 'der' | 'sha256' | 'sha1'
  /** Headers under other names than X-SSL-Client-DER (-SHA256, -SHA1), X-SSL-Client-Verify and X-SSL-Client-Used. */
  readonly headers?: { readonly certificate?: string; readonly verify?: string; readonly used?: string }
  /**
   * Headers for conditions: with a fingerprint SUBJECT, CN, O, OU, ISSUER, SERIAL, NOTBEFORE, NOTAFTER under their usual names, or any
   * key under a name given here. The proxy must set each of them on every request. Default: none.
   */
  readonly fields?: FieldsInput
}

const CERTIFICATE_HEADERS = { der: 'x-ssl-client-der', sha256: 'x-ssl-client-sha256', sha1: 'x-ssl-client-sha1' }
const USUAL_FIELDS = {
  SUBJECT: 'X-SSL-Client-DN',
  CN: 'X-SSL-Client-CN',
  O: 'X-SSL-Client-O',
  OU: 'X-SSL-Client-OU',
  ISSUER: 'X-SSL-Issuer-DN',
  SERIAL: 'X-SSL-Client-Serial',
  NOTBEFORE: 'X-SSL-Client-Not-Before',
  NOTAFTER: 'X-SSL-Client-Not-After',
}

/** X509_V_ERR_*: the issuer is unknown or untrusted, and nothing else speaks against the certificate. */
const UNKNOWN_ISSUER: ReadonlySet<string> = new Set(['2', '18', '19', '20', '21', '27'])

/**
 * Certificates from HAProxy.
 *
 * Verified: X-SSL-Client-Verify is 0 and X-SSL-Client-Used is 1. Both are needed, since HAProxy says 0 without a certificate too; use
 * ssl_c_used, for ssl_fc_has_crt is 0 on resumed sessions. Used 0 means that there is no certificate: `absent`.
 *
 * Not checked: that HAProxy is configured like this. In the frontend, deletion first:
 * ```
 * bind :443 ssl crt server.pem verify required ca-file ca.pem
 * http-request del-header X-SSL- -m beg
 * http-request set-header X-SSL-Client-Verify %[ssl_c_verify]
 * http-request set-header X-SSL-Client-Used   %[ssl_c_used]
 * http-request set-header X-SSL-Client-DER    %[ssl_c_der,base64]
 * ```
 * For `certificate: 'sha256'` `X-SSL-Client-SHA256 %[ssl_c_der,sha2(256),hex]`, for `'sha1'` `X-SSL-Client-SHA1 %[ssl_c_sha1,hex]`.
 * Names: `X-SSL-Client-DN %[ssl_c_s_dn(,0,rfc2253)]`; without `rfc2253` HAProxy escapes nothing, and a slash in a value reads like the
 * start of the next attribute.
 *
 * @throws TypeError when trustedProxies is missing, or an option is unknown or wrong
 * @see HAProxy configuration manual, section 7.3.4 (ssl_c_der, ssl_c_used, ssl_c_verify)
 */
export function haproxy(options: HaproxyOptions): CertificateSource {
  const reader = new OptionReader('haproxy', options, [...HEADER_OPTION_NAMES, 'ca', 'certificate', 'headers', 'fields'])
  const form = reader.oneOf('certificate', ['der', 'sha256', 'sha1'], 'der')
  const names = readHeaderNames(reader, {
    certificate: CERTIFICATE_HEADERS[form],
    verify: 'x-ssl-client-verify',
    used: 'x-ssl-client-used',
  })
  const fieldNames = readFieldNames(reader, USUAL_FIELDS, form === 'der')
  const proof = evidence(reader, { header: names.certificate, holds: form === 'der' ? base64Certificate : form, fieldNames })
  return headerSource(readHeaderSetup(reader), {
    name: 'haproxy',
    families: ['x-ssl-client-', 'x-ssl-issuer-', ...Object.values(names), ...fieldNames.values()],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: true,
    serialBase: 16,
    decode(fields) {
      const verify = fields.get(names.verify)
      const used = fields.get(names.used)
      const value = fields.get(names.certificate)
      if (used === '0') return value === undefined || value === '' ? absent : refuse('ERR_TLS_HEADER_MALFORMED', CONTRADICTION)
      if (value === undefined && verify === undefined && used === undefined) return absent
      if ((used !== undefined && used !== '1') || (verify !== undefined && !/^\d{1,3}$/.test(verify))) {
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${names.verify} or ${names.used} is not what HAProxy writes`)
      }
      return proof.read(fields, statementOf(verify, used))
    },
  })
}

const CONTRADICTION = 'the proxy says that there is no certificate, and sends one'

function statementOf(verify: string | undefined, used: string | undefined): Statement {
  if (verify === undefined || (verify === '0' && used === undefined)) return UNSTATED
  if (verify === '0') return VERIFIED
  return { verification: UNKNOWN_ISSUER.has(verify) ? 'unknown-issuer' : 'failed', said: `HAProxy says ssl_c_verify ${verify}` }
}
