// What a guard compiles and checks signatures with. `@countersign/schemes/engine` has it all, and signs: the same objects.
export { compileScheme } from './compile/compile.js'
export type { CompiledScheme } from './compile/compiled-scheme.js'
export type { CompileOptions } from './compile/safety.js'
export type * from './definition/definition.js'
export * from './errors.js'
export type { HashName, MessageParts } from './hash/hmac.js'
export type { SchemeFacts } from './judge/facts.js'
export type { Binding } from './judge/judge.js'
export type { OfferedSecrets } from './key/keyring.js'
export { hexSignature } from './presets/hex-signature.js'
export type { Reading, RequestView } from './request/reading.js'
export { checkedOrigin, type RequestInput } from './request/request-view.js'
export { type Scheme, scheme } from './scheme.js'
export { checkDecoded, compileOptions } from './set-up/scheme-options.js'
export { type CompiledHandshake, compileHandshake, type HandshakeAnswer, looksLikeChallenge } from './verify/handshake.js'
export type { Unverified, Verification, Verified } from './verify/verification.js'
export {
  checkSignature,
  judged,
  keyIdsOf,
  readBody,
  readHead,
} from './verify/verify.js'
