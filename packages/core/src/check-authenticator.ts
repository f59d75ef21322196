import { validateHeaderValue } from 'node:http'
import type { Authenticator } from './authenticator.js'
import { invalidType, invalidValue } from './options.js'

/**
 * Checks that a value is an authenticator whose challenges can be sent.
 *
 * @param factory - the public name of the factory, for messages
 * @returns its challenges, copied and frozen
 * @throws TypeError naming what is missing
 */
export function checkAuthenticator(factory: string, given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null || typeof (given as Authenticator).authenticate !== 'function') {
    throw invalidType(factory, 'authenticator', 'an authenticator, such as hmacAuthenticator(...) returns', given)
  }
  const { name, challenges } = given as { name: unknown; challenges: unknown }
  if (typeof name !== 'string' || name === '') throw invalidType(factory, 'authenticator.name', 'a string that is not empty', name)
  if (!Array.isArray(challenges)) throw invalidType(factory, 'authenticator.challenges', 'an array of strings', challenges)
  for (const challenge of challenges) checkChallenge(factory, challenge)
  return Object.freeze([...challenges])
}

function checkChallenge(factory: string, challenge: unknown): void {
  if (typeof challenge !== 'string') throw invalidType(factory, 'authenticator.challenges', 'an array of strings', challenge)
  try {
    validateHeaderValue('WWW-Authenticate', challenge)
  } catch {
    throw invalidValue(factory, 'authenticator.challenges', 'must hold values that a header field can carry')
  }
}
