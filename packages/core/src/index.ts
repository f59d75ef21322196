export * from './base.js'
export {
  type AlternativeName,
  type Certificate,
  type CertificateExtension,
  type DistinguishedName,
  type NameAttribute,
  type PinKind,
  readCertificate,
} from './certificate.js'
export * from './clients/index.js'
export * from './compose.js'
export { asn1Time } from './der.js'
export * from './memory-token-store.js'
export * from './pins.js'
export * from './sealing.js'
export * from './secret-files.js'
export type { TokenLock, TokenStore } from './token-store.js'
