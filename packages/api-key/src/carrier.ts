import { type Absent, absent, headerValues, type Refused, soleHeader } from '@countersign/core/base'
import { refuse } from './errors.js'
import { queryValues } from './query.js'

/** Where a key is looked for. */
export interface Carrier {
  /** The field name in lower case; undefined: no field. */
  readonly header: string | undefined
  /** What stands before the key in the field, in lower case; undefined: nothing. */
  readonly prefix: string | undefined
  /** The name of a query parameter; undefined: none. */
  readonly query: string | undefined
}

/**
 * The key that a request carries, once, or what is wrong with how it is carried. What the key is, is not judged.
 *
 * @returns the key's octets as a string, one character each (latin1, as Node hands out field values)
 */
export function carriedKey(carrier: Carrier, rawHeaders: readonly string[], target: string): string | Absent | Refused {
  const { header, query } = carrier
  if (query === undefined) return keyInHeader(carrier, rawHeaders)
  const inHeader = header === undefined ? absent : keyInHeader(carrier, rawHeaders)
  const inQuery = keyInQuery(query, target)
  if (typeof inHeader === 'object' && inHeader.kind === 'absent') return inQuery
  if (typeof inQuery === 'object' && inQuery.kind === 'absent') return inHeader
  return refuse('ERR_API_KEY_DUPLICATE')
}

function keyInHeader({ header, prefix }: Carrier, rawHeaders: readonly string[]): string | Absent | Refused {
  const value = soleHeader(rawHeaders, header as string)
  if (value === undefined) return absent
  if (value === null) return severalHeaders(header as string, prefix, rawHeaders)
  if (prefix !== undefined) return withoutPrefix(value, header as string, prefix)
  return value === '' ? refuse('ERR_API_KEY_EMPTY') : value
}

/** Authorization fields of which none is ours are another scheme's matter (RFC 9110 section 11.6.2). */
function severalHeaders(header: string, prefix: string | undefined, rawHeaders: readonly string[]): Absent | Refused {
  const isForeign =
    header === 'authorization' && prefix !== undefined && headerValues(rawHeaders, header).every((value) => !startsWith(value, prefix))
  return isForeign ? absent : refuse('ERR_API_KEY_DUPLICATE')
}

function withoutPrefix(value: string, header: string, prefix: string): string | Absent | Refused {
  if (!startsWith(value, prefix)) return header === 'authorization' ? absent : refuse('ERR_API_KEY_MALFORMED')
  let start = prefix.length
  while (value.charCodeAt(start) === 0x20) start += 1
  return start === value.length ? refuse('ERR_API_KEY_EMPTY') : value.slice(start)
}

/** The prefix, whatever its case, and behind it a space or the end (RFC 9110 section 11.4: auth-scheme 1*SP). */
function startsWith(value: string, prefix: string): boolean {
  const isAlone = value.length === prefix.length || value.charCodeAt(prefix.length) === 0x20
  return isAlone && value.slice(0, prefix.length).toLowerCase() === prefix
}

function keyInQuery(name: string, target: string): string | Absent | Refused {
  const values = queryValues(target, name)
  if (values.length > 1) return refuse('ERR_API_KEY_DUPLICATE')
  const [value] = values
  if (value === undefined) return absent
  if (value === null) return refuse('ERR_API_KEY_MALFORMED')
  return value.trim() === '' ? refuse('ERR_API_KEY_EMPTY') : Buffer.from(value).toString('latin1')
}
