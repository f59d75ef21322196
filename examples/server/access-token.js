// A check of one's own, for what countersign has no package: an OAuth 2.0 access token in Authorization: Bearer (RFC 6750). With
// protect(accessToken({...})) it stands before a route, and in anyOf and allOf, as the others do.
import { basic } from '@countersign/axios-auth'
import { absent, coreError, granted, principal, soleHeader } from '@countersign/core'
import axios from 'axios'

const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const CHALLENGE = 'Bearer realm="api"'

/**
 * Decides by asking the authorization server about each token (RFC 7662), so that one that was revoked is refused at once.
 *
 * @param {{ introspectionUrl: string, api: { id: string, secret: string }, scope: string }} options
 * @returns {import('@countersign/core').Authenticator}
 */
export function accessToken({ introspectionUrl, api, scope }) {
  const { origin } = new URL(introspectionUrl)
  const server = axios.create({ baseURL: origin, timeout: 5000, maxContentLength: 65_536, proxy: false })
  server.interceptors.request.use(basic({ username: api.id, password: api.secret }))

  /** A server that cannot be asked is an outage, 503: never a yes, and no fault of the caller. */
  const ask = async (token) => {
    try {
      return (await server.post(introspectionUrl, new URLSearchParams({ token }))).data
    } catch (cause) {
      throw coreError('ERR_LOOKUP_FAILED', 'the authorization server could not be asked', cause)
    }
  }
  const refused = (code, status, reason, challenge) => ({ kind: /** @type {const} */ ('refused'), code, status, reason, ...challenge })
  const invalid = (reason) => refused('ERR_TOKEN_INVALID', 401, reason, { challenges: [`${CHALLENGE}, error="invalid_token"`] })

  return {
    name: 'access-token',
    challenges: [CHALLENGE],
    async authenticate({ rawHeaders }) {
      const field = soleHeader(rawHeaders, 'authorization')
      if (field === null) return invalid('several Authorization fields')
      if (field === undefined || !/^bearer( |$)/i.test(field)) return absent
      const token = BEARER.exec(field)?.[1]
      if (token === undefined) return invalid('no token that RFC 6750 knows')
      const found = await ask(token)
      if (found?.active !== true) return invalid('the token is unknown, has expired or was revoked')
      const scopes = String(found.scope ?? '').split(' ')
      if (!scopes.includes(scope)) return refused('ERR_TOKEN_SCOPE', 403, `the token lacks the scope ${scope}`)
      return granted(principal({ clientId: String(found.client_id), scheme: 'access-token', groups: [] }))
    },
  }
}
