// What bearer adds to the types of axios, and what its options take.
import { type BearerOptions, bearer, type TokenError } from '@countersign/axios-auth'
import { bearer as ofSubpath } from '@countersign/axios-auth/bearer'
import { memoryTokenStore, secretFromEnv, type TokenStore, tokenSealer } from '@countersign/core'
import axios from 'axios'

const api = axios.create({ baseURL: 'https://api.example' })
const store: TokenStore = memoryTokenStore({ maxTokens: 10 })
const options: BearerOptions = {
  clientId: 'billing',
  clientSecret: secretFromEnv('BILLING_SECRET'),
  tokenUrl: 'https://login.example/token',
  scopes: ['read', 'write'],
  extraFields: { tenant: 'acme', list: ['a', 'b'], flag: true, n: 1 },
  clientAuthentication: 'basic',
  store,
}
api.interceptors.request.use(bearer(options))
api.interceptors.request.use(ofSubpath({ token: async ({ refused }) => (refused === undefined ? 'a' : 'b') }))
api.interceptors.request.use(bearer({ token: secretFromEnv('TOKEN'), header: 'X-Auth-Token', prefix: '' }))

export const scoped = api.get('/users', { authScopes: 'read:users write:users' })
export const listed = api.request({ url: '/users', authScopes: ['read:users'] })
// @ts-expect-error: scopes are text
export const wrong = api.get('/users', { authScopes: 5 })
// @ts-expect-error: an unknown way of client authentication
export const unknown: BearerOptions = { ...options, clientAuthentication: 'Basic' }
// @ts-expect-error: a token service has a URL
bearer({ clientId: 'billing', clientSecret: 'secret' })

export function shown(error: TokenError): string {
  const { oauthError = 'none', tokenStatus = 0, retryAfterSeconds = 0 } = error
  return `${error.code} ${oauthError} ${tokenStatus} ${retryAfterSeconds}`
}

export const sealed: string = tokenSealer([new Uint8Array(32), 'key']).seal('token', 'context')
