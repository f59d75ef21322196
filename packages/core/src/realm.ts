import { invalidValue, type OptionReader } from './options.js'

/**
 * The option `realm` as a quoted-string (RFC 9110 section 5.6.4), ready for a challenge: `"api"`.
 *
 * @throws TypeError when it is blank or holds more than printable ASCII
 */
export function quotedRealm(reader: OptionReader): string {
  const realm = reader.text('realm', 'api')
  if (!/^[\x20-\x7e]+$/.test(realm)) throw invalidValue(reader.factory, 'realm', 'must be printable ASCII')
  return `"${realm.replace(/["\\]/g, (char) => `\\${char}`)}"`
}
