// What every guard and signer is built of. Nothing here needs a registry of clients, files, certificates or sealing, so that whoever
// decides about requests without them does not load them. All of it is exported by `@countersign/core` as well: the same objects.
export * from './authenticator.js'
export { defaultMaxBodyBytes, readBody } from './body/body.js'
export { checkRegistry } from './check-registry.js'
export * from './clock.js'
export * from './compare.js'
export * from './deadline.js'
export { checkAuthenticator } from './decide/check-authenticator.js'
export { commitOnce, decide, settleOnce } from './decide/decide.js'
export * from './errors.js'
export {
  type AuthEvent,
  type AuthEventKind,
  isSignedObserved,
  publishSigned,
  type RefusalEvent,
  type SignedEvent,
  warnOnce,
} from './events.js'
export { type ProtectOptions, protectOptionNames, splitProtectOptions } from './guard/guard.js'
export * from './guard/http-request.js'
export * from './memory-token-store.js'
export { nearest } from './nearest.js'
export { noteUse } from './note-use.js'
export { invalidType, invalidValue, isRecord, OptionReader } from './options.js'
export * from './principal.js'
export * from './realm.js'
export * from './replay/memory-replay.js'
export * from './replay/replay.js'
export * from './request/headers.js'
export * from './request/request.js'
export type { SecretRecord } from './secret/entries.js'
export type { SecretMaterial } from './secret/material.js'
export { LEAST_SECRET_OCTETS, secretLength } from './secret/material.js'
export type { Secret } from './secret/secret.js'
export * from './secret/secrets.js'
export { type SecretSource, secretFromEnv } from './secret/source.js'
export { checkStoreKey } from './store-key.js'
export type { TokenLock, TokenStore } from './token-store.js'
export * from './validity.js'
export * from './verdict.js'
