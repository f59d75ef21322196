// Node's own modules that the base takes from the process. An `import` of one makes a namespace of all that it exports, and so loads
// what nobody asked for: parseArgs and MIMEType with util, sockets with http.

/** Of node:util: what a value is, whatever realm it is from, and how it is shown. */
export const { inspect, types } = process.getBuiltinModule('node:util')

let http: typeof import('node:http') | undefined

/** node:http, which whoever serves requests has loaded. */
export function nodeHttp(): typeof import('node:http') {
  http ??= process.getBuiltinModule('node:http')
  return http
}

/** node:zlib, of which only a compressed body has need. */
export function nodeZlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib')
}
