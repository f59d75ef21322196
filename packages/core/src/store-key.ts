import { invalidType, invalidValue } from './options.js'

const LONGEST_KEY = 256

/** Checks a key of a replay or token store: 1 to 256 characters; whoever has longer ones hashes them. @throws TypeError that names the store */
export function checkStoreKey(factory: string, key: unknown): asserts key is string {
  if (typeof key !== 'string') throw invalidType(factory, 'key', 'a string', key)
  if (key === '' || key.length > LONGEST_KEY) throw invalidValue(factory, 'key', `must have 1 to ${LONGEST_KEY} characters`)
}
