import { absent, invalidValue, OptionReader } from '@countersign/core/base'
import { escapedPemCertificate } from '../encodings.js'
import { refuse } from '../errors.js'
import type { CertificateSource } from '../source.js'
import { UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type FieldsInput, readFieldNames } from './header-fields.js'
import {
  type CertificateHeaderOptions,
  HEADER_OPTION_NAMES,
  type ProxySecret,
  readHeaderSetup,
  type VerifyingProxyOptions,
} from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `cloudfront`. */
export interface CloudfrontOptions extends CertificateHeaderOptions, VerifyingProxyOptions {
  /**
   * A secret that the distribution adds as a custom origin header. Required: CloudFront's addresses are those of all its customers,
   * and any of them can point a distribution at this origin.
   */
  readonly secret: ProxySecret
  /**
   * What is believed: `pem` the certificate (CloudFront-Viewer-Cert-Pem), or `sha256` its fingerprint (CloudFront-Viewer-Cert-Sha256).
   * Default `pem`.
   */
  readonly certificate?: 'pem' | 'sha256'
  /**
   * Headers for conditions: with a fingerprint SUBJECT, ISSUER, SERIAL under their usual names, or any key under a name given here.
   * The origin request policy must hold each of them. Default: none.
   */
  readonly fields?: FieldsInput
}

const CERTIFICATE_HEADERS = { pem: 'cloudfront-viewer-cert-pem', sha256: 'cloudfront-viewer-cert-sha256' }
const PRESENT = 'cloudfront-viewer-cert-present'
const USUAL_FIELDS = {
  SUBJECT: 'CloudFront-Viewer-Cert-Subject',
  ISSUER: 'CloudFront-Viewer-Cert-Issuer',
  SERIAL: 'CloudFront-Viewer-Cert-Serial-Number',
}

/**
 * Certificates from Amazon CloudFront with viewer mTLS.
 *
 * Verified: with `proxyVerifies: true`, for the modes required and optional; or with `ca`. CloudFront-Viewer-Cert-Present 0 means
 * that there is no certificate: `absent`. In the mode passthrough CloudFront verifies nothing and sends these headers all the same;
 * take `rfc9440({ ca, secret, ... })` for it, since its Client-Cert-Chain brings the intermediates.
 *
 * Not checked: which mode the distribution has, and that its origin request policy forwards these headers: the one of `certificate`,
 * CloudFront-Viewer-Cert-Present, and those of `fields`. CloudFront does not let viewers set them.
 *
 * @throws TypeError when trustedProxies or secret is missing, or an option is unknown or wrong
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewer-mtls-headers.html
 */
export function cloudfront(options: CloudfrontOptions): CertificateSource {
  const reader = new OptionReader('cloudfront', options, [...HEADER_OPTION_NAMES, 'ca', 'proxyVerifies', 'certificate', 'fields'])
  if (!reader.asksFor('secret')) {
    throw invalidValue(
      'cloudfront',
      'secret',
      "is required: everybody's distributions use CloudFront's addresses; add a custom origin header",
    )
  }
  const form = reader.oneOf('certificate', ['pem', 'sha256'], 'pem')
  const isVerified = reader.boolean('proxyVerifies', false)
  const statement = isVerified ? VERIFIED : UNSTATED
  const fieldNames = readFieldNames(reader, USUAL_FIELDS, form === 'pem')
  const header = CERTIFICATE_HEADERS[form]
  const proof = evidence(reader, { header, holds: form === 'pem' ? escapedPemCertificate : form, fieldNames })
  return headerSource(readHeaderSetup(reader), {
    name: 'cloudfront',
    families: ['cloudfront-viewer-cert-', ...fieldNames.values()],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: isVerified || reader.asksFor('ca'),
    serialBase: 16,
    decode(fields) {
      const present = fields.get(PRESENT)
      const value = fields.get(header)
      if (present === '0') return value === undefined || value === '' ? absent : refuse('ERR_TLS_HEADER_MALFORMED')
      if (present === undefined && value === undefined) return absent
      if (present !== undefined && present !== '1') return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${PRESENT} is neither 0 nor 1`)
      return proof.read(fields, statement)
    },
  })
}
