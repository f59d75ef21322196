import { type Authenticator, type AuthRequest, absent, granted, principal, type Secret, type Verdict } from '@countersign/core'
import {
  checkSignature,
  judged,
  keyIdsOf,
  type Reading,
  type RequestView,
  readBody,
  readHead,
  type Unverified,
  type Verified,
} from '@countersign/schemes'
import { refuse } from './errors.js'
import { type HmacSettings, type HmacVerifyOptions, readOptions } from './options.js'
import { replaySteps } from './replay.js'

type Later<T> = T | Promise<T>

/**
 * Decides whether a request carries a signature of a scheme and whether it holds: form, time, key, digests, then the MAC over the
 * octets as they came. A request that was accepted before is refused when it is committed.
 *
 * Not decided: what the client may do. Not trusted: forwarded headers, parsed bodies.
 *
 * Refuses with the codes of `hmacCodes` (401); throws, as core's codes say, when the body cannot be read or a look-up or store fails.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @example
 * const signed = hmacAuthenticator({ scheme: github, secret: secretFromEnv('GITHUB_SECRET') })
 */
export function hmacAuthenticator(options: HmacVerifyOptions, factory = 'hmacAuthenticator'): Authenticator {
  const settings = readOptions(factory, options)
  return {
    name: 'hmac-verify',
    challenges: Object.freeze([`Signature realm="${settings.realm}"`]),
    authenticate: (request) => authenticate(settings, request),
  }
}

function authenticate(settings: HmacSettings, request: AuthRequest): Later<Verdict> {
  const { scheme } = settings
  const reading = judged(() => readHead(scheme, viewOf(settings, request), settings.now()))
  if ('ok' in reading) return unverified(reading)
  // A key that nobody knows is refused before its body is read, except where the key id sits in the body.
  if (scheme.facts.bodyFirst) {
    return after(bodied(settings, request, reading), (problem) =>
      problem === undefined
        ? after(secretsOf(settings, reading), (secrets) => conclude(settings, request, reading, secrets))
        : unverified(problem),
    )
  }
  return after(secretsOf(settings, reading), (secrets) => {
    if (secrets.length === 0) return refuse('ERR_HMAC_UNKNOWN_KEY')
    return after(bodied(settings, request, reading), (problem) =>
      problem === undefined ? conclude(settings, request, reading, secrets) : unverified(problem),
    )
  })
}

function viewOf(settings: HmacSettings, request: AuthRequest): RequestView {
  return {
    method: request.method,
    target: request.target,
    rawHeaders: request.rawHeaders,
    secure: (request.socket as { encrypted?: boolean }).encrypted === true,
    origin: settings.publicOrigin,
    namedOrigin: undefined,
  }
}

function bodied(settings: HmacSettings, request: AuthRequest, reading: Reading): Later<Unverified | undefined> {
  return after(request.body(settings.body), (body) => judged(() => readBody(settings.scheme, reading, body, settings.now()) as undefined))
}

function secretsOf(settings: HmacSettings, reading: Reading): Later<readonly Secret[]> {
  const [first, ...others] = keyIdsOf(settings.scheme, reading)
  const active = after(settings.secrets.active(first), (secrets) => checked(settings, secrets))
  if (others.length === 0) return active
  const all = [active, ...others.map((keyId) => after(settings.secrets.active(keyId), (secrets) => checked(settings, secrets)))]
  if (!all.some((one) => one instanceof Promise)) return [...new Set((all as (readonly Secret[])[]).flat())]
  return Promise.all(all).then((lists) => [...new Set(lists.flat())])
}

/** What a look-up answers is checked when it is first seen. */
function checked(settings: HmacSettings, secrets: readonly Secret[]): readonly Secret[] {
  for (const secret of secrets) settings.checkSecret(secret)
  return secrets
}

function conclude(settings: HmacSettings, request: AuthRequest, reading: Reading, secrets: readonly Secret[]): Verdict {
  const { scheme, allowEmptyBody, now } = settings
  const result = judged(() => checkSignature(scheme, reading, secrets, { now: now(), allowEmptyBody }))
  if (!result.ok) return unverified(result)
  const clientId = clientOf(settings, result)
  const { id } = result.secret
  const who = principal({ clientId, scheme: 'hmac', groups: [], ...(id !== undefined && { credentialId: id }) })
  return granted(who, replaySteps(settings, request.method, clientId, result) ?? {})
}

/** The key id counts where a secret answers to it alone; otherwise it is the sender's word. */
function clientOf(settings: HmacSettings, { secret, keyId }: Verified): string {
  return secret.id ?? (settings.secrets.lookup ? keyId : undefined) ?? settings.clientId
}

function unverified({ absent: nothingThere, code, reason }: Unverified): Verdict {
  return nothingThere ? absent : refuse(code, reason)
}

/** Goes on at once with what is there, and later with what is promised, so that a synchronous answer stays synchronous. */
function after<A, B>(value: Later<A>, next: (value: A) => Later<B>): Later<B> {
  return value instanceof Promise ? value.then(next) : next(value)
}
