import { equalOctets } from '@countersign/core'

/**
 * Whether what came is the text that is expected, in a time that tells nothing of how much of it is right.
 *
 * @param {unknown} given
 * @param {string} expected
 */
export function sameText(given, expected) {
  return typeof given === 'string' && equalOctets(Buffer.from(given), Buffer.from(expected))
}
