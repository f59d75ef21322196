import { syncBuiltinESMExports } from 'node:module'

/** What was there before anything was put in its place: module to name to function. */
const originals = new Map()

/**
 * Puts a function in the place of one of a built-in module (its default export, such as `import fs from 'node:fs'`), also where it was
 * imported by its name already, until the test ends. Not to be used while mocked timers are on: it would keep them for everybody.
 *
 * @param owner - whatever has `after(fn)`, such as a test's context
 * @param fn - called with the function that was there and the arguments
 * @returns undoes it before
 */
export function replaced(owner, module, name, fn) {
  const known = originals.get(module) ?? new Map()
  originals.set(module, known)
  const before = module[name]
  if (!known.has(name)) known.set(name, before)
  const put = (value) => {
    module[name] = value
    syncBuiltinESMExports()
  }
  put((...args) => fn(before, ...args))
  // Hooks run in the order in which they were set, so each of them brings back the very first.
  owner.after(() => put(known.get(name)))
  return () => put(before)
}
