import type { HmacCredential, Match } from '@countersign/core'
import {
  type Authenticator,
  type AuthRequest,
  absent,
  granted,
  headerValues,
  noteUse,
  principal,
  type Refused,
  type Secret,
  type Verdict,
} from '@countersign/core/base'
import {
  checkSignature,
  judged,
  keyIdsOf,
  type OfferedSecrets,
  type Reading,
  type RequestView,
  readBody,
  readHead,
  type Unverified,
  type Verified,
} from '@countersign/schemes/verifier'
import { refuse } from './errors.js'
import { watched } from './explainer.js'
import { answerHandshake, type HandshakeSettings, isSignedForAnybody } from './handshake.js'
import { type HmacVerifyOptions, readOptions } from './options.js'
import { replaySteps, type Sent } from './replay.js'
import type { HmacSettings } from './settings.js'

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
  return Object.freeze<Authenticator>({
    name: 'hmac-verify',
    challenges: Object.freeze([`Signature realm=${settings.realm}`]),
    ...(settings.clients !== undefined && { registry: settings.clients.registry }),
    fields: Object.freeze([...settings.scheme.signature.home.headers]),
    authenticate: (request) => (settings.explainer === undefined ? authenticate(settings, request) : explained(settings, request)),
  })
}

/** The same verdict; a refusal is explained in the log. */
function explained(settings: HmacSettings, request: AuthRequest): Later<Verdict> {
  const watch = watched(settings, request)
  return after(authenticate(watch.settings, watch.request), (verdict) => {
    settings.explainer?.take({ settings, view: viewOf(settings, request), ...watch.seen() }, verdict)
    return verdict
  })
}

function authenticate(settings: HmacSettings, request: AuthRequest): Later<Verdict> {
  const { handshake } = settings
  if (handshake === undefined) return verify(settings, request)
  if (handshake.handshake.definition.signed === true) {
    return after(verify(settings, request), (verdict) =>
      verdict.kind === 'granted' ? shaken(settings, request, handshake, () => verdict) : verdict,
    )
  }
  return shaken(settings, request, handshake, () => verify(settings, request))
}

/** The answer to a handshake, or what is decided about a request that is none. The body is read only where the handshake is of its method. */
function shaken(
  settings: HmacSettings,
  request: AuthRequest,
  handshake: HandshakeSettings,
  otherwise: () => Later<Verdict>,
): Later<Verdict> {
  const { definition, inBody, oracle } = handshake.handshake
  const needsBody = oracle || (inBody && request.method === definition.method)
  return after(needsBody ? request.body(settings.body) : NO_BODY, (body) => {
    if (isSignedForAnybody(handshake, body)) return refuse('ERR_HMAC_SIGNED_FOR_ANYBODY')
    return answerHandshake(handshake, viewOf(settings, request), body, () => settings.secrets.active(undefined)) ?? otherwise()
  })
}

const NO_BODY = new Uint8Array(0)

function verify(settings: HmacSettings, request: AuthRequest): Later<Verdict> {
  const { scheme } = settings
  const reading = judged(() => readHead(scheme, viewOf(settings, request), settings.now()))
  if (isUnverified(reading)) return unverified(reading)
  // A key that nobody knows is refused before its body is read, except where the key id sits in the body.
  if (scheme.facts.bodyFirst) {
    return after(bodied(settings, request, reading), (problem) =>
      problem === undefined
        ? after(offersOf(settings, reading), (offers) => conclude(settings, request, reading, offers))
        : unverified(problem),
    )
  }
  return after(offersOf(settings, reading), (offers) => {
    if (offers.every(({ secrets }) => secrets.length === 0)) return refuse('ERR_HMAC_UNKNOWN_KEY')
    return after(bodied(settings, request, reading), (problem) =>
      problem === undefined ? conclude(settings, request, reading, offers) : unverified(problem),
    )
  })
}

function isUnverified(reading: Reading | Unverified): reading is Unverified {
  return Object.hasOwn(reading, 'ok')
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
  return after(request.body(settings.body), (body) =>
    judged(() => {
      readBody(settings.scheme, reading, body, settings.now())
      return isReadOtherwise(settings, request, reading) ? CODED : undefined
    }),
  )
}

/**
 * Whether members of the body are signed as they were sent, and Content-Encoding, which nobody signs, tells parsers to take a coding
 * off first: octets can be JSON, or a form, both ways.
 */
function isReadOtherwise({ scheme, body: { digestOver } }: HmacSettings, request: AuthRequest, reading: Reading): boolean {
  if (reading.body.length === 0 || digestOver === 'decoded') return false
  const signsData = (one: Reading) => scheme.facts.branches[scheme.branchOf(one)]?.binding.body === 'data'
  if (!(reading.labels ?? [reading]).some(signsData)) return false
  return headerValues(request.rawHeaders, 'content-encoding').some((coding) => !/^(?:identity)?$/i.test(coding.trim()))
}

const CODED: Unverified = {
  ok: false,
  absent: false,
  code: 'ERR_HMAC_MALFORMED',
  reason: "the scheme signs the parsed body, which has a Content-Encoding; digestOver: 'decoded' decodes it first",
}

/** The secrets of each key id that the request names. */
function offersOf(settings: HmacSettings, reading: Reading): Later<readonly OfferedSecrets[]> {
  const offers = keyIdsOf(settings.scheme, reading).map((keyId) =>
    after(settings.secrets.active(keyId), (secrets) => offer(settings, keyId, secrets)),
  )
  return offers.some((one) => one instanceof Promise) ? Promise.all(offers) : (offers as OfferedSecrets[])
}

/** What a look-up answers is checked when it is first seen. */
function offer(settings: HmacSettings, keyId: string | undefined, secrets: readonly Secret[]): OfferedSecrets {
  for (const secret of secrets) settings.checkSecret(secret)
  return { keyId, secrets, own: settings.secrets.lookup }
}

function conclude(settings: HmacSettings, request: AuthRequest, reading: Reading, offers: readonly OfferedSecrets[]): Verdict {
  const { scheme, allowEmptyBody, now } = settings
  const result = judged(() => checkSignature(scheme, reading, offers, { now: now(), allowEmptyBody }))
  if (!result.ok) return unverified(result)
  const match = settings.clients?.secrets.matchOf(result.secret)
  const sent: Sent = { method: request.method, hasBody: reading.body.length > 0 }
  if (match !== undefined) return grantedTo(settings, sent, match, result)
  const clientId = clientOf(settings, result)
  const { id } = result.secret
  const who = principal({ clientId, scheme: 'hmac', groups: [], ...(id !== undefined && { credentialId: id }) })
  return granted(who, replaySteps(settings, sent, clientId, result) ?? {})
}

/** A client of the registry: its groups come with it, and the use of its key is remembered once the request is committed. */
function grantedTo(settings: HmacSettings, sent: Sent, match: Match<HmacCredential>, result: Verified): Verdict {
  const { principal: who } = match
  const replay = replaySteps(settings, sent, who.clientId, result)
  const used = (refused: undefined | Refused) => {
    if (refused === undefined) noteUse(settings.clients?.registry, match, settings.now())
    return refused
  }
  return granted(who, { ...replay, commit: () => after(replay?.commit(), used) })
}

/** The key id counts where a secret answers to it alone; otherwise it is the sender's word. */
function clientOf(settings: HmacSettings, { secret, keyId }: Verified): string {
  return secret.id ?? (settings.secrets.lookup ? keyId : undefined) ?? settings.clientId
}

function unverified(problem: Unverified): Verdict {
  const { absent: nothingThere, code, reason, elsewhere, headers }: Unverified = Object.assign(Object.create(null), problem)
  if (nothingThere) return absent
  const refused = refuse(code, reason, headers)
  return elsewhere === undefined ? refused : { ...refused, elsewhere }
}

/** Goes on at once with what is there, and later with what is promised, so that a synchronous answer stays synchronous. */
function after<A, B>(value: Later<A>, next: (value: A) => Later<B>): Later<B> {
  return value instanceof Promise ? value.then(next) : next(value)
}
