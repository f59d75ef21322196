/**
 * The TypeError of a middleware that the other framework has called: an import ends in the wrong word.
 *
 * @param factory - the public name of the factory that made the middleware
 * @param made - the framework that it is for
 * @param called - the framework that has called it
 */
export function wrongFramework(factory: string, made: 'Express' | 'Koa', called: 'Express' | 'Koa'): TypeError {
  const ends = (framework: string) => `"/${framework.toLowerCase()}"`
  return new TypeError(`${factory}: this middleware is for ${made}; for ${called}, import it from ${ends(called)} instead of ${ends(made)}`)
}
