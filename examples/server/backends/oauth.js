// An OAuth 2.0 authorization server, run by oidc-provider: /token, /token/introspection (RFC 7662), /token/revocation (RFC 7009). Beside it,
// for the lines to try and open to everybody: POST /revoke-all.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { listening } from './listening.js'

/** Whoever calls for the reports. */
export const reportsClient = { id: 'reports-job', secret: 'example-client-secret-of-reports-job' }
/** The API that has the reports: it asks about the tokens that it gets. */
export const reportsApi = { id: 'reports-api', secret: 'example-client-secret-of-reports-api' }
export const SCOPE = 'read:reports'

const registered = ({ id, secret, ...more }, method) => ({
  client_id: id,
  client_secret: secret,
  token_endpoint_auth_method: method,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: 'ES256',
  ...more,
})

/** @param {Map<string, object>} tokens - where they are kept; a real server has a database in its place */
const settings = (tokens) => ({
  clients: [
    registered({ ...reportsClient, scope: `${SCOPE} write:reports` }, 'client_secret_post'),
    registered(reportsApi, 'client_secret_basic'),
  ],
  scopes: [SCOPE, 'write:reports'],
  ttl: { ClientCredentials: 3600 },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientId === reportsApi.id },
    revocation: { enabled: true },
    devInteractions: { enabled: false },
  },
  adapter: () => ({
    upsert: async (id, token) => void tokens.set(id, token),
    find: async (id) => tokens.get(id),
    destroy: async (id) => void tokens.delete(id),
  }),
  jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
  cookies: { keys: [randomUUID()] },
})

/** What can be done with the authorization server from within this process. */
export async function startOauth() {
  /** @type {Map<string, object>} */
  const tokens = new Map()
  let issued = 0
  const load = async (issuer) => {
    const { Provider } = await import('oidc-provider')
    const provider = new Provider(issuer, settings(tokens))
    provider.on('grant.success', () => {
      issued += 1
    })
    return provider.callback()
  }
  let loaded
  const server = await listening((issuer) => async (req, res) => {
    try {
      if (req.method === 'POST' && req.url === '/revoke-all') {
        tokens.clear()
        return res.writeHead(204).end()
      }
      // Only now, since it takes a while and most who start the server look at something else.
      loaded ??= load(issuer)
      const handle = await loaded
      handle(req, res)
    } catch (error) {
      console.error(error)
      res.writeHead(500).end()
    }
  })
  return { ...server, tokenUrl: `${server.origin}/token`, revokeAll: async () => tokens.clear(), issued: () => issued }
}
