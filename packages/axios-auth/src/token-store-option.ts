import { invalidType, type TokenStore } from '@countersign/core/base'

const METHODS = ['get', 'set', 'delete', 'lock'] as const

/** Checks that the option `store` is a token store. @throws TypeError that says what to write instead */
export function checkTokenStore(factory: string, given: unknown): TokenStore {
  if (METHODS.every((method) => typeof (given as Partial<TokenStore> | null)?.[method] === 'function')) return given as TokenStore
  throw invalidType(factory, 'store', 'a token store, such as memoryTokenStore() returns', given)
}
