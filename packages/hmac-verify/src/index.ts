export { hmacAuthenticator } from './authenticator.js'
export { type HmacCode, hmacCodes } from './errors.js'
export type { HandshakeOptions } from './handshake.js'
export type { HmacVerifyOptions } from './options.js'
