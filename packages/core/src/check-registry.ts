import { invalidType } from './options.js'

/**
 * Checks that the option `clients` is a registry that has one kind of look-up.
 *
 * @param factory - the public name of the factory, for messages
 * @param lookUp - the name of the look-up
 * @throws TypeError that says what to write instead
 */
export function checkRegistry<R extends object>(factory: string, given: unknown, lookUp: string & keyof R): R {
  if (given instanceof Promise) throw invalidType(factory, 'clients', 'a registry; await the promise that fileClients returns', given)
  if (typeof given !== 'object' || given === null || typeof (given as R)[lookUp] !== 'function') {
    throw invalidType(factory, 'clients', 'a registry, such as memoryClients(...) returns', given)
  }
  return given as R
}
