import { SchemeRefusal } from '../refusal.js'

const LONGEST_KEY_ID = 256

/**
 * Asks a key id, which goes into look-ups, to be printable ASCII of bounded length.
 *
 * @throws SchemeRefusal `ERR_HMAC_MALFORMED`
 */
export function checkKeyId(value: string): void {
  if (value.length <= LONGEST_KEY_ID && /^[\x21-\x7e]+$/.test(value)) return
  throw new SchemeRefusal(
    'ERR_HMAC_MALFORMED',
    `the key id is longer than ${LONGEST_KEY_ID} characters or holds others than printable ASCII`,
  )
}
