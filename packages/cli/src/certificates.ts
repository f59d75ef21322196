import { X509Certificate } from 'node:crypto'
import { type Certificate, readCertificate } from '@countersign/core'
import { usageError } from './exit-codes.js'

/** A certificate and its names as text. */
export interface Named {
  readonly certificate: Certificate
  /** RFC 4514 order turned round, as openssl prints it: the country first. */
  readonly subject: string
  readonly issuer: string
  /** The subject alternative names. */
  readonly names: string
}

const PEM = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END/g

/** A certificate's DER with its names. */
export function namedCertificate(der: Uint8Array): Named {
  const certificate = readCertificate(der)
  if (certificate === undefined) throw usageError('this is not a certificate')
  try {
    const { subject, issuer, subjectAltName } = new X509Certificate(der)
    return { certificate, subject: oneLine(subject), issuer: oneLine(issuer), names: subjectAltName ?? '' }
  } catch (cause) {
    throw usageError('this is a certificate that openssl cannot read', { cause })
  }
}

/**
 * The certificates of a file: PEM, one or several, or the DER of one.
 *
 * @throws CommandError (usage) when it holds none
 */
export function namedCertificates(octets: Buffer): readonly Named[] {
  const blocks = [...octets.toString('latin1').matchAll(PEM)]
  if (blocks.length > 0) return blocks.map(([, base64 = '']) => namedCertificate(Buffer.from(base64, 'base64')))
  if (octets[0] === 0x30) return [namedCertificate(octets)]
  const isKey = octets.includes('PRIVATE KEY-----')
  throw usageError(isKey ? 'the file contains a private key and no certificate' : 'the file contains no certificate, neither PEM nor DER')
}

/** Node writes an attribute a line. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
