import { SchemeRefusal } from '../refusal.js'

/** Percent-encodes with the application/x-www-form-urlencoded set of the URL Standard, a space as `%20` (RFC 9421 section 2.2.8). */
export function encodeParam(value: string): string {
  return encodeRfc3986(value).replaceAll('~', '%7E').replaceAll('%2A', '*')
}

/** Percent-encodes all but the unreserved characters of RFC 3986 section 2.3. */
export function encodeRfc3986(value: string): string {
  if (/^[A-Za-z0-9._~-]*$/.test(value)) return value
  return encodeUri(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The same for the segments of a path, its slashes left as they are. */
export function encodePath(value: string): string {
  return /^[A-Za-z0-9._~/-]*$/.test(value) ? value : encodeRfc3986(value).replaceAll('%2F', '/')
}

/** Percent-encodes as ECMAScript's encodeURIComponent does. */
export function encodeUri(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value holds half a surrogate pair and has no UTF-8')
  }
}

/** Percent-decodes UTF-8, strictly. */
export function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is not percent-encoded UTF-8')
  }
}
