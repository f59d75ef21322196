const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/**
 * Decodes base64 in its one canonical form (RFC 4648 section 4): padded, without blanks, no bits beyond the last octet.
 *
 * @returns undefined for anything else, and for the empty text
 */
export function strictBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64')
  return text !== '' && octets.toString('base64') === text ? octets : undefined
}

/** Undoes percent-encoding. A plus sign stays one: this is no form data, and base64 is full of them. Undefined when it is malformed. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * The certificates of PEM text, in their order.
 *
 * @returns undefined when there is none, or anything else than certificates
 */
export function pemCertificates(text: string): Buffer[] | undefined {
  const certificates: Buffer[] = []
  let at = 0
  while (at < text.length) {
    const end = text.indexOf(END, at)
    if (end === -1 || !text.startsWith(BEGIN, at)) return undefined
    const octets = strictBase64(text.slice(at + BEGIN.length, end).replaceAll(/\r?\n/g, ''))
    if (octets === undefined) return undefined
    certificates.push(octets)
    at = end + END.length
    if (text.startsWith('\r\n', at)) at += 2
    else if (text.startsWith('\n', at)) at += 1
  }
  return certificates.length > 0 ? certificates : undefined
}

/** More certificates than any chain has; each costs time before it is found to be none. */
const MOST_CERTIFICATES = 32

/** The parts of a list with commas; undefined when they are more than 32. */
export function certificateParts(value: string): string[] | undefined {
  const parts = value.split(',', MOST_CERTIFICATES + 1)
  return parts.length > MOST_CERTIFICATES ? undefined : parts
}

/** The one certificate of a header value in base64 of its DER. */
export function base64Certificate(value: string): Buffer[] | undefined {
  const octets = strictBase64(value)
  return octets === undefined ? undefined : [octets]
}

/** The certificates of a header value in URL-encoded PEM. */
export function escapedPemCertificates(value: string): Buffer[] | undefined {
  const pem = percentDecoded(value)
  return pem === undefined ? undefined : pemCertificates(pem)
}

/** The one certificate of a header value in URL-encoded PEM; undefined when there are several. */
export function escapedPemCertificate(value: string): Buffer[] | undefined {
  const certificates = escapedPemCertificates(value)
  return certificates?.length === 1 ? certificates : undefined
}
