export { type ApiKeyOptions, apiKey } from './api-key.js'
export { type BasicOptions, basic } from './basic.js'
export {
  type BearerCarriage,
  type BearerOptions,
  bearer,
  type GivenTokenOptions,
  type RequestedTokenOptions,
  type TokenQuestion,
} from './bearer.js'
export { type CarrierOptions, type CarrierSettings, carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
export { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
export type { AllowedOrigins } from './carrier/origins.js'
export type { RequestSummary } from './carrier/redact.js'
export type { Answer, Message, OutgoingRequest, Stage, Step } from './carrier/step.js'
export type { TraceEntry } from './carrier/trace.js'
export { type DigestAlgorithm, type DigestOptions, type DigestQop, digest } from './digest.js'
export { type AxiosAuthCode, AxiosAuthError, type AxiosAuthRow, axiosAuthCodes } from './errors.js'
export { type HmacOptions, hmac, type KeyedSecret, type SecretFromCall } from './hmac.js'
export { type NtlmInterceptor, type NtlmOptions, ntlm } from './ntlm.js'
export { PinnedAgent, type PinnedAgentOptions, pinnedAgent } from './pinned-agent.js'
export {
  type AnyAxiosInstance,
  type LostLogout,
  type SessionCarry,
  type SessionCode,
  type SessionCsrf,
  type SessionData,
  SessionError,
  type SessionErrorFacts,
  type SessionInterceptor,
  type SessionLogin,
  type SessionLogout,
  type SessionOptions,
  type SessionReply,
  type SessionSecret,
  type SessionTokenPlace,
  type SessionValue,
  session,
  sessionCodes,
  type WithSessionOptions,
  withSession,
} from './session.js'
export type { ExpiresUnit } from './token/answer.js'
export type { ClientAuthentication } from './token/client-authentication.js'
export { type TokenCode, TokenError, type TokenErrorFacts } from './token/error.js'
export type { ExtraFields } from './token/fields.js'
