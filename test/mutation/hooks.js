/** Resolves `node:test` in the test files to the harness; packages that bring tests of their own are left alone. */
let harness

export function initialize(data) {
  harness = data.harness
}

export function resolve(specifier, context, next) {
  if (specifier !== 'node:test' || context.parentURL?.startsWith(harness)) return next(specifier, context)
  return { url: harness, format: 'module', shortCircuit: true }
}
