let http: typeof import('node:http') | undefined
let zlib: typeof import('node:zlib') | undefined

/** node:http, which whoever serves requests has loaded: who imports a guard before it need not wait for it. */
export function nodeHttp(): typeof import('node:http') {
  http ??= process.getBuiltinModule('node:http')
  return http
}

/** node:zlib, of which compressed bodies and keys of the issued form alone have need. */
export function nodeZlib(): typeof import('node:zlib') {
  zlib ??= process.getBuiltinModule('node:zlib')
  return zlib
}
