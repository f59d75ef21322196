const LONGEST_TOKEN = 16_384

/**
 * Whether a value is a token that can stand in a header field behind an auth-scheme: 1 to 16384 visible ASCII characters. That is
 * more than RFC 6750 section 2.1 has (b64token), since tokens with `|` and `:` are in use, and less than RFC 6749 appendix A.12: no blank.
 */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(value)
}
