/**
 * Resolves what the test files import: `node:test` to the harness, `fast-check` to one that tries few examples. Packages that bring tests of
 * their own are left alone, and so are the two themselves.
 */
let instead

export function initialize(data) {
  instead = new Map(Object.entries(data))
}

export function resolve(specifier, context, next) {
  const url = instead.get(specifier)
  if (url === undefined || context.parentURL?.startsWith(url)) return next(specifier, context)
  return { url, format: 'module', shortCircuit: true }
}
