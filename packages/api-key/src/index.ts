export { apiKeyAuthenticator } from './authenticator.js'
export { type ApiKeyCode, apiKeyCodes } from './errors.js'
export type { ApiKeyOptions, ApiKeyRecord, ApiKeysInput } from './options.js'
