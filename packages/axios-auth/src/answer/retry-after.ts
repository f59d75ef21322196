/** The longest that a server is left alone because of what it says. */
export const LONGEST_RETRY_AFTER_MS = 300_000

/**
 * How long a server wants to be left alone, milliseconds: at most five minutes; 0 when it does not say (RFC 9110 section 10.2.3).
 *
 * @param field - the value of Retry-After: seconds, or a date
 */
export function retryAfterMs(field: string | undefined, now: number): number {
  if (field === undefined || field.length > 40) return 0
  // Date.parse takes much for a date that is none.
  const ms = /^\d+$/.test(field) ? Number(field) * 1000 : Date.parse(/^[A-Z][a-z]{2}, /.test(field) ? field : '') - now
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : 0
}
