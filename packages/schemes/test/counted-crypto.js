// Counts what node:crypto does. Whoever counts imports it before the packages: they take Node's functions when they are loaded.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** How often each was called since the process began. */
export const calls = { hash: 0, createHmac: 0, pbkdf2Sync: 0 }

for (const name of Object.keys(calls)) {
  const original = crypto[name]
  crypto[name] = (...args) => {
    calls[name] += 1
    return original(...args)
  }
}
syncBuiltinESMExports()
