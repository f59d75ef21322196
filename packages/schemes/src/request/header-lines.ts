import { headerValues } from '@countersign/core/base'
import { SchemeRefusal } from '../refusal.js'
import { trimBlanks } from '../text/blanks.js'

/**
 * Fields that stand once in a request (RFC 9110 section 5.3). Their value may hold commas, and a reader that finds two lines takes one
 * of them, so that a line cut in two would say something else and be signed alike.
 */
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'origin',
  'proxy-authorization',
  'referer',
  'user-agent',
])

/**
 * The values of a field, line by line, without blanks around them (RFC 9421 section 2.1); empty when it is absent. A folded line does not
 * get here: Node refuses it.
 *
 * @throws SchemeRefusal when a field that stands once is there twice
 */
export function headerLines(rawHeaders: readonly string[], name: string): readonly string[] {
  const lines = headerValues(rawHeaders, name)
  if (lines.length > 1 && SINGLE.has(name)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${name} stands more than once`)
  return lines.map(trimBlanks)
}

/** A field's lines as one value; undefined when it is absent. */
export function combinedHeader(rawHeaders: readonly string[], name: string, between: string): string | undefined {
  const lines = headerLines(rawHeaders, name)
  return lines.length < 2 ? lines[0] : lines.join(between)
}
