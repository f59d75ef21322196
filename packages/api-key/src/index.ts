export { apiKeyAuthenticator } from './authenticator.js'
export { type ApiKeyCode, apiKeyCodes } from './errors.js'
export type { ApiKeyInput, ApiKeyOptions, ApiKeyRecord, ApiKeysInput } from './options.js'
