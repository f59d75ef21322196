import type { ApiKeyCredential, ClientLookup, Maybe } from '@countersign/core'
import { type Authenticator, type AuthRequest, noteUse, type Verdict, within } from '@countersign/core/base'
import { type ApiKeyDigest, digestApiKey, digestOctets, issuedKeyForm, LEAST_KEY_OCTETS, type Match } from '@countersign/core/keys'
import { carriedKey } from './carrier.js'
import { refuse } from './errors.js'
import { type ApiKeyOptions, type ApiKeySettings, readOptions } from './options.js'

/**
 * Decides whether a request carries an API key and whose it is. The key is found by its SHA-256 digest, in a time that does not grow
 * with the number of keys; no key is kept or compared as it is.
 *
 * Not decided: what the client may do. Not protected from: whoever reads the request, since a key is sent as it is. Use TLS.
 *
 * Shape: `X-API-Key: <key>`, or with `header` and `prefix` such as `Authorization: ApiKey <key>`, or with `query` `?api_key=<key>`. A key
 * beyond ASCII may come in UTF-8 or in ISO 8859-1, which is how Node's client sends it.
 *
 * Refuses with the codes of `apiKeyCodes` (401); throws, as core's codes say, when the registry fails or does not answer.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @see RFC 9110 section 11 for the challenge, RFC 6750 section 2.3 for the dangers of keys in queries
 * @example
 * const known = apiKeyAuthenticator({ keys: { acme: process.env.ACME_KEY } })
 */
export function apiKeyAuthenticator(options: ApiKeyOptions, factory = 'apiKeyAuthenticator'): Authenticator {
  const settings = readOptions(factory, options)
  const { clients } = settings
  const fields = {
    name: 'api-key',
    challenges: Object.freeze([settings.challenge]),
    authenticate: (request: AuthRequest) => authenticate(settings, request),
  }
  return Object.freeze(clients === undefined ? fields : { ...fields, registry: clients })
}

function authenticate(settings: ApiKeySettings, request: AuthRequest): Verdict | Promise<Verdict> {
  const key = carriedKey(settings.carrier, request.rawHeaders, request.target)
  if (typeof key !== 'string') return key
  if (key.length < LEAST_KEY_OCTETS && !settings.allowWeakKey) return refuse('ERR_API_KEY_WEAK')
  const found = find(settings, digestApiKey(key))
  if (found !== undefined && !(found instanceof Promise)) return judge(settings, key, found)
  if (!BEYOND_ASCII.test(key))
    return found instanceof Promise ? found.then((late) => judge(settings, key, late)) : judge(settings, key, found)
  return beyondAscii(settings, key, found)
}

function find({ keys, clients, timeoutMs }: ApiKeySettings, digest: ApiKeyDigest): Maybe<Match<ApiKeyCredential>> {
  return keys === undefined ? within(timeoutMs, () => clients?.findApiKey(digest)) : keys.find(digest)
}

const BEYOND_ASCII = /[^\x00-\x7f]/

/** Node's own client writes field values in ISO 8859-1, others in UTF-8. The digest above was that of the former reading. */
async function beyondAscii(settings: ApiKeySettings, key: string, found: Maybe<Match<ApiKeyCredential>>): Promise<Verdict> {
  return judge(settings, key, (await found) ?? (await find(settings, digestOctets(Buffer.from(key, 'latin1')))))
}

function judge(settings: ApiKeySettings, key: string, match: Match<ApiKeyCredential> | undefined): Verdict {
  if (match === undefined) return refuse(issuedKeyForm(key) === 'mistyped' ? 'ERR_API_KEY_MISTYPED' : 'ERR_API_KEY_UNKNOWN')
  const nowMs = settings.now()
  switch (match.state(nowMs)) {
    case 'active':
      return grant(settings.clients, match, nowMs)
    case 'early':
      return refuse('ERR_API_KEY_EARLY')
    case 'expired':
      return refuse('ERR_API_KEY_EXPIRED')
    default:
      // Whatever else a registry of somebody's own answers, it is not that the key holds.
      return refuse('ERR_API_KEY_DISABLED')
  }
}

function grant(clients: ClientLookup | undefined, match: Match<ApiKeyCredential>, nowMs: number): Verdict {
  const { principal } = match
  if (clients === undefined) return { kind: 'granted', principal }
  const commit = () => {
    noteUse(clients, match, nowMs)
    return undefined
  }
  return { kind: 'granted', principal, commit }
}
