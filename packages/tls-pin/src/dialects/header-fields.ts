import { invalidType, invalidValue, isRecord, type OptionReader, type Refused } from '@countersign/core/base'
import { refuse } from '../errors.js'
import { CERTIFICATE_KEYS } from '../source.js'
import { headerName } from './header-options.js'

/** Which headers answer which condition keys: a list of keys whose header has its usual name, or an object from key to header. */
export type FieldsInput = readonly string[] | Readonly<Record<string, string>>

/** Condition key to header name in lower case. */
export type FieldNames = Pick<ReadonlyMap<string, string>, 'get'>

const KEY = /^[A-Z0-9][A-Z0-9.-]*$/

/**
 * Reads the option `fields`.
 *
 * @param usual - the keys that the dialect has a usual header for
 * @param hasCertificate - whether the certificate answers its own keys
 * @throws TypeError when a key is unknown, or is one that the certificate answers
 */
export function readFieldNames(
  reader: OptionReader,
  usual: Readonly<Record<string, string>>,
  hasCertificate: boolean,
): ReadonlyMap<string, string> {
  const { factory } = reader
  const given = reader.raw('fields')
  if (given === undefined) return new Map()
  if (!Array.isArray(given) && !isRecord(given)) {
    throw invalidType(factory, 'fields', `a list of ${Object.keys(usual).join(', ') || 'keys'}, or an object from key to header`, given)
  }
  const pairs: [unknown, unknown][] = Array.isArray(given)
    ? given.map((key) => [key, Object.hasOwn(usual, key) ? usual[key] : undefined])
    : Object.entries(given)
  return new Map(
    pairs.map(([key, name]): [string, string] => {
      if (typeof key !== 'string' || !KEY.test(key))
        throw invalidValue(factory, 'fields', 'must have keys of capital letters, digits, "-" and "."')
      if (hasCertificate && CERTIFICATE_KEYS.has(key))
        throw invalidValue(factory, 'fields', `must not name ${key}: it is read from the certificate`)
      if (name === undefined) throw invalidValue(factory, 'fields', `has no usual header for ${key}; write { ${key}: '<header>' }`)
      return [key, headerName(factory, `fields.${key}`, name)]
    }),
  )
}

/** The refusal for what the proxy always sends and did not: a client can have a proxy in between remove it (RFC 9110 section 7.6.1). */
export function missingStatement(fields: Pick<ReadonlyMap<string, string>, 'has'>, names: readonly string[]): Refused | undefined {
  const missing = names.find((name) => !fields.has(name))
  return missing === undefined ? undefined : refuse('ERR_TLS_HEADER_MISSING', `the header ${missing} is missing`)
}
