export * from './authenticator.js'
export * from './body.js'
export {
  type AlternativeName,
  type Certificate,
  type CertificateExtension,
  type DistinguishedName,
  type NameAttribute,
  type PinKind,
  readCertificate,
} from './certificate.js'
export { checkAuthenticator } from './check-authenticator.js'
export * from './clients/index.js'
export * from './clock.js'
export * from './compare.js'
export * from './compose.js'
export * from './deadline.js'
export { commitOnce, decide, settleOnce } from './decide.js'
export { asn1Time } from './der.js'
export * from './errors.js'
export { type AuthEvent, type AuthEventKind, isSignedObserved, publishSigned, type SignedEvent, warnOnce } from './events.js'
export { type ProtectOptions, protectOptionNames, splitProtectOptions } from './guard.js'
export * from './headers.js'
export * from './memory-replay.js'
export * from './memory-token-store.js'
export * from './options.js'
export * from './pins.js'
export * from './principal.js'
export * from './realm.js'
export * from './replay.js'
export * from './request.js'
export * from './sealing.js'
export type { Secret } from './secret.js'
export type { SecretRecord } from './secret-entries.js'
export * from './secret-files.js'
export type { SecretMaterial } from './secret-material.js'
export { LEAST_SECRET_OCTETS, secretLength } from './secret-material.js'
export { type SecretSource, secretFromEnv } from './secret-source.js'
export * from './secrets.js'
export type { TokenLock, TokenStore } from './token-store.js'
export * from './validity.js'
export * from './verdict.js'
