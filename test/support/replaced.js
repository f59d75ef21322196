import { syncBuiltinESMExports } from 'node:module'

/**
 * Puts a function in the place of one of a built-in module (its default export, such as `import fs from 'node:fs'`), also where it was
 * imported by its name already, until the test ends. Not to be used while mocked timers are on: it would keep them for everybody.
 *
 * @param owner - whatever has `after(fn)`, such as a test's context
 * @param fn - called with the original function and the arguments
 * @returns undoes it before
 */
export function replaced(owner, module, name, fn) {
  const original = module[name]
  module[name] = (...args) => fn(original, ...args)
  syncBuiltinESMExports()
  const undo = () => {
    module[name] = original
    syncBuiltinESMExports()
  }
  owner.after(undo)
  return undo
}
