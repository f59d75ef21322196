import { encodeRfc3986 } from '../text/percent.js'

/** Characters beyond ASCII stand for the octets of the wire. */
export function decoded(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return Buffer.from(decodeURIComponent(text)).toString('latin1')
  } catch {
    return undefined
  }
}

/** Percent-encoded by RFC 3986. */
export function encoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : encodeRfc3986(Buffer.from(text, 'latin1').toString())
}

/** As encodeURIComponent writes it. */
export function uri(text: string | undefined): string | undefined {
  return text === undefined ? undefined : encodeURIComponent(Buffer.from(text, 'latin1').toString())
}

/** A path whose slashes stay. */
export function encodedPath(path: string): string | undefined {
  return encoded(decoded(path))?.replaceAll('%2F', '/')
}

/** `%2f` as `%2F`. */
export function capitals(text: string): string {
  return text.replace(/%[0-9a-fA-F]{2}/g, (octet) => octet.toUpperCase())
}

/** `%2F` as `%2f`. */
export function smalls(text: string): string {
  return text.replace(/%[0-9a-fA-F]{2}/g, (octet) => octet.toLowerCase())
}
