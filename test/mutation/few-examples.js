/** What `fast-check` is to a test file while mutants are judged: a property is tried with few examples, since each mutant that survives costs all of them. */
import fc from 'fast-check'

export * from 'fast-check'

const EXAMPLES = 60

export function assert(property, parameters = {}) {
  return fc.assert(property, { ...parameters, numRuns: Math.min(parameters.numRuns ?? EXAMPLES, EXAMPLES) })
}

export default { ...fc, assert }
