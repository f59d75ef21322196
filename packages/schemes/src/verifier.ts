// What a guard compiles and checks signatures with. `@countersign/schemes/engine` has it all, and signs: the same objects.
export { compileScheme } from './compile.js'
export type { CompiledScheme } from './compiled-scheme.js'
export type * from './definition.js'
export * from './errors.js'
export type { SchemeFacts } from './facts.js'
export { type CompiledHandshake, compileHandshake, type HandshakeAnswer, looksLikeChallenge } from './handshake.js'
export type { HashName, MessageParts } from './hmac.js'
export type { Binding } from './judge.js'
export type { OfferedSecrets } from './keyring.js'
export { hexSignature } from './presets/hex-signature.js'
export type { Reading, RequestView } from './reading.js'
export { checkedOrigin, type RequestInput } from './request-view.js'
export type { CompileOptions } from './safety.js'
export { type Scheme, scheme } from './scheme.js'
export { checkDecoded, compileOptions } from './scheme-options.js'
export type { Unverified, Verification, Verified } from './verification.js'
export {
  checkSignature,
  judged,
  keyIdsOf,
  readBody,
  readHead,
} from './verify.js'
