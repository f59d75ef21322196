/**
 * A regular expression with the flag u, made when it is first asked for. One that names properties of Unicode is not written as a
 * literal: V8 reads the tables of Unicode for each literal of a file that is loaded, and once more when it is used.
 */
export function latePattern(source: string): () => RegExp {
  let pattern: RegExp | undefined
  return () => {
    pattern ??= new RegExp(source, 'u')
    return pattern
  }
}
