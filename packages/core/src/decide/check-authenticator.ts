import type { Authenticator } from '../authenticator.js'
import { nodeHttp } from '../builtins.js'
import { invalidType, invalidValue } from '../options.js'

/**
 * Checks that a value is an authenticator whose challenges can be sent.
 *
 * @param factory - the public name of the factory, for messages
 * @param option - what the value is called, for messages
 * @returns its challenges, copied and frozen
 * @throws TypeError naming what is missing
 */
export function checkAuthenticator(factory: string, given: unknown, option = 'authenticator'): readonly string[] {
  if (typeof given !== 'object' || given === null || typeof (given as Authenticator).authenticate !== 'function') {
    throw invalidType(factory, option, `an authenticator, such as hmacAuthenticator(...) returns${hintFor(given)}`, given)
  }
  const { name, challenges } = given as { name: unknown; challenges: unknown }
  if (typeof name !== 'string' || name === '') throw invalidType(factory, `${option}.name`, 'a non-empty string', name)
  return checkChallenges(factory, `${option}.challenges`, challenges)
}

function hintFor(given: unknown): string {
  if (typeof given === 'function') return '; a middleware, such as hmacVerify(...) returns, is not one'
  return Array.isArray(given) ? '; pass several as separate arguments, not as a list' : ''
}

/**
 * Checks that a value is a list of challenges that can be sent.
 *
 * @param option - what the list is called, for messages
 * @returns a frozen copy
 * @throws TypeError naming the option
 */
export function checkChallenges(factory: string, option: string, given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw invalidType(factory, option, 'an array of strings', given)
  for (const challenge of given) {
    if (typeof challenge !== 'string') throw invalidType(factory, option, 'an array of strings', challenge)
    if (!isSendable(challenge)) throw invalidValue(factory, option, 'must contain only values that a header field can carry')
  }
  return Object.freeze([...given])
}

/** Whether a value is a list of challenges that can be sent. */
export function areChallenges(given: unknown): given is readonly string[] {
  return Array.isArray(given) && given.every((challenge) => typeof challenge === 'string' && isSendable(challenge))
}

function isSendable(challenge: string): boolean {
  try {
    nodeHttp().validateHeaderValue('WWW-Authenticate', challenge)
    return challenge !== ''
  } catch {
    return false
  }
}
