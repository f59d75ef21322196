import { CountersignError } from '@countersign/core/base'

const WORD = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/**
 * Name and code of what a function of the caller's threw, such as ` (TypeError)` or ` (Error ENOENT)`, to stand behind a sentence; empty
 * where it has neither. The rest may hold a secret, or what it is got with, and is not shown.
 *
 * @param error - as `within` throws it, or as it was thrown
 */
export function nameAndCode(error: unknown): string {
  const thrown = error instanceof CountersignError && error.cause !== undefined ? error.cause : error
  const { name, code } = (thrown ?? {}) as { name?: unknown; code?: unknown }
  const words = [name, code].filter((word) => typeof word === 'string' && WORD.test(word))
  return words.length > 0 ? ` (${words.join(' ')})` : ''
}
