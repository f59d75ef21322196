import { absent, OptionReader } from '@countersign/core/base'
import { base64Certificate } from '../encodings.js'
import { refuse } from '../errors.js'
import type { CertificateSource, Verification } from '../source.js'
import { type Statement, UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type FieldsInput, missingStatement, readFieldNames } from './header-fields.js'
import { type CertificateHeaderOptions, HEADER_OPTION_NAMES, readHeaderNames, readHeaderSetup } from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `haproxy`. */
export interface HaproxyOptions extends CertificateHeaderOptions {
  /**
   * What the proxy sends of the certificate: `der` all of it, `sha256` or `sha1` its fingerprint. Only the header that is named here
   * is believed. With `der` the digests, names and dates are read from the certificate itself. Default `der`.
   */
  readonly certificate?: 'der' | 'sha256' | 'sha1'
  /**
   * Headers under other names than X-SSL-Client-DER (-SHA256, -SHA1), X-SSL-Client-Verify and X-SSL-Client-Used. `verify: false` or
   * `used: false`: HAProxy does not send that header, so that no certificate counts as verified, and without `verify` revoked ones are
   * not told from others.
   */
  readonly headers?: { readonly certificate?: string; readonly verify?: string | false; readonly used?: string | false }
  /**
   * Headers for conditions: with a fingerprint SUBJECT, CN, O, OU, ISSUER, SERIAL, NOTBEFORE, NOTAFTER under their usual names, or any
   * key under a name given here. The proxy must set each of them on every request. Default: none.
   */
  readonly fields?: FieldsInput
  /**
   * What an unknown issuer means, which HAProxy says where `crt-ignore-err` and `ca-ignore-err` lets such certificates through. `pin`: a pin stands in
   * for the issuer. Revocation does not hold then: a client who leaves out its intermediate makes "revoked" an unknown issuer, so that a
   * revoked certificate passes until its pin is taken out. `refuse`: such certificates are refused, pinned or not. Default `pin`.
   */
  readonly unknownIssuer?: 'pin' | 'refuse'
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
 * ssl_c_used, for ssl_fc_has_crt is 0 on resumed sessions. Used 0 means that there is no certificate: `absent`. One of the two missing
 * is a refusal (a client can name headers in Connection, which a proxy in between then removes); so is a date of `fields`.
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
  const reader = new OptionReader('haproxy', options, [...HEADER_OPTION_NAMES, 'ca', 'certificate', 'headers', 'fields', 'unknownIssuer'])
  const form = reader.oneOf('certificate', ['der', 'sha256', 'sha1'], 'der')
  const { certificate, verify, used } = readHeaderNames(
    reader,
    { certificate: CERTIFICATE_HEADERS[form], verify: 'x-ssl-client-verify', used: 'x-ssl-client-used' },
    ['verify', 'used'],
  )
  const statements = [verify, used].filter((name) => name !== undefined)
  const unknown = reader.oneOf('unknownIssuer', ['pin', 'refuse'], 'pin') === 'pin' ? 'unknown-issuer' : 'failed'
  const fieldNames = readFieldNames(reader, USUAL_FIELDS, form === 'der')
  const proof = evidence(reader, { header: certificate, holds: form === 'der' ? base64Certificate : form, fieldNames })
  return headerSource(readHeaderSetup(reader), {
    name: 'haproxy',
    families: ['x-ssl-client-', 'x-ssl-issuer-', certificate, ...statements, ...fieldNames.values()],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: statements.length === 2 || reader.asksFor('ca'),
    serialBase: 16,
    decode(fields) {
      const value = fields.get(certificate)
      const saidVerify = verify === undefined ? undefined : fields.get(verify)
      const saidUsed = used === undefined ? undefined : fields.get(used)
      if (saidUsed === '0') return value === undefined || value === '' ? absent : refuse('ERR_TLS_HEADER_MALFORMED', CONTRADICTION)
      if (value === undefined && saidVerify === undefined && saidUsed === undefined) return absent
      if ((saidUsed !== undefined && saidUsed !== '1') || (saidVerify !== undefined && !/^\d{1,3}$/.test(saidVerify))) {
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${statements.join(' or ')} is not what HAProxy writes`)
      }
      return missingStatement(fields, statements) ?? proof.read(fields, statementOf(saidVerify, saidUsed, unknown))
    },
  })
}

const CONTRADICTION = 'the proxy says that there is no certificate, but sends one'

function statementOf(verify: string | undefined, used: string | undefined, unknown: Verification): Statement {
  if (verify === undefined || (verify === '0' && used === undefined)) return UNSTATED
  if (verify === '0') return VERIFIED
  return { verification: UNKNOWN_ISSUER.has(verify) ? unknown : 'failed', said: `HAProxy says ssl_c_verify ${verify}` }
}
