let http: typeof import('node:http') | undefined

/** node:http, which whoever serves requests has loaded: who imports a guard before it need not wait for it. */
export function nodeHttp(): typeof import('node:http') {
  http ??= process.getBuiltinModule('node:http')
  return http
}

/** node:zlib, of which only a compressed body has need. */
export function nodeZlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib')
}
