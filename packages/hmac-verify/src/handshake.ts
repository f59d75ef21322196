import {
  type Answered,
  equalOctets,
  invalidType,
  invalidValue,
  isRecord,
  LEAST_SECRET_OCTETS,
  type OptionReader,
  type Refused,
  type Secret,
  within,
} from '@countersign/core/base'
import {
  type CompiledHandshake,
  type CompiledScheme,
  compileHandshake,
  looksLikeChallenge,
  type RequestView,
} from '@countersign/schemes/verifier'
import { refuse } from './errors.js'

/** What a route has to say for its vendor's handshake to be answered. */
export interface HandshakeOptions {
  /** The token that the vendor was given with the address (Meta). Needed where the handshake has one. */
  readonly verifyToken?: string
  /** Whether the route waits for a secret now, and none is there yet (Asana, Notion). Needed where the handshake brings the secret. */
  readonly pending?: () => boolean | Promise<boolean>
  /** Keeps the secret that the handshake brings, so that the look-up of `secret` finds it from then on. */
  readonly learn?: (secret: string) => void | Promise<void>
}

/** A route's handshake, checked. */
export interface HandshakeSettings {
  readonly handshake: CompiledHandshake
  readonly verifyToken: string | undefined
  readonly pending: (() => boolean | Promise<boolean>) | undefined
  readonly learn: ((secret: string) => void | Promise<void>) | undefined
  readonly timeoutMs: number
  readonly leastSecret: number
}

/**
 * Reads the option `handshake`: true, or what the vendor's handshake needs.
 *
 * @throws TypeError when the scheme has none, or when something is missing, unknown or useless
 */
export function readHandshake(
  reader: OptionReader,
  scheme: CompiledScheme,
  timeoutMs: number,
  allowWeak: boolean,
): HandshakeSettings | undefined {
  const { factory } = reader
  const given = reader.raw('handshake')
  if (given === undefined || given === false) return undefined
  if (given !== true && !isRecord(given)) throw invalidType(factory, 'handshake', 'true or an object', given)
  const handshake = compileHandshake(scheme)
  if (handshake === undefined)
    throw invalidValue(factory, 'handshake', `cannot be answered: scheme '${scheme.definition.name}' has none; remove it`)
  const { token, learns } = handshake.definition
  const options: HandshakeOptions = Object.assign(Object.create(null), given === true ? undefined : given)
  const known = [...(token === undefined ? [] : ['verifyToken']), ...(learns === undefined ? [] : ['pending', 'learn'])]
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw invalidValue(
        factory,
        `handshake.${name}`,
        known.length === 0 ? 'is unknown; write handshake: true' : `is unknown; known are ${known.join(', ')}`,
      )
  }
  const { verifyToken, pending, learn } = options
  if (token !== undefined && (typeof verifyToken !== 'string' || verifyToken.trim() === '')) {
    throw invalidValue(factory, 'handshake.verifyToken', 'is required: the token that you gave the vendor, not blank')
  }
  if (learns !== undefined && (typeof pending !== 'function' || typeof learn !== 'function')) {
    throw invalidValue(
      factory,
      'handshake.pending',
      'and handshake.learn are required, both functions: the handshake delivers the secret, and may do so only while you wait for it',
    )
  }
  return { handshake, verifyToken, pending, learn, timeoutMs, leastSecret: allowWeak ? 1 : LEAST_SECRET_OCTETS }
}

/** Whether the body could be a challenge that this route has signed for anybody: then it proves nothing. */
export function isSignedForAnybody({ handshake }: HandshakeSettings, body: Uint8Array): boolean {
  return handshake.oracle && looksLikeChallenge(body)
}

/**
 * Answers a request that is the vendor's handshake.
 *
 * @param secrets - the active secrets; of a handshake that brings one, none may be there yet
 * @returns undefined when it is no handshake
 */
export function answerHandshake(
  settings: HandshakeSettings,
  request: RequestView,
  body: Uint8Array,
  secrets: () => readonly Secret[] | Promise<readonly Secret[]>,
): undefined | Refused | Answered | Promise<Refused | Answered> {
  const { handshake, verifyToken } = settings
  const reading = handshake.read(request, body)
  if (reading === undefined) return undefined
  const token = handshake.token(reading)
  if (token !== undefined && !sameText(token, verifyToken as string))
    return refuse('ERR_HMAC_HANDSHAKE', 'the verify token is a different one')
  const challenge = handshake.challenge(reading)
  if (challenge === undefined)
    return refuse(
      'ERR_HMAC_HANDSHAKE',
      'the challenge is longer than 512 octets, or contains characters other than A-Z a-z 0-9 . _ ~ + / = -',
    )
  if (handshake.definition.learns !== undefined) return learned(settings, reading, challenge, secrets)
  const answered = (active: readonly Secret[]): Refused | Answered => {
    if (active.length === 0) return refuse('ERR_HMAC_UNKNOWN_KEY')
    return { kind: 'answered', ...handshake.answer(reading, challenge, active[0]) }
  }
  const active = secrets()
  return active instanceof Promise ? active.then(answered) : answered(active)
}

/** Routes that are taking a secret: another one that comes meanwhile is a later one. */
const learning = new WeakSet<HandshakeSettings>()

/** The first secret is taken while the route waits for one. A later one is refused, whoever sends it. */
async function learned(
  settings: HandshakeSettings,
  reading: NonNullable<ReturnType<CompiledHandshake['read']>>,
  secret: string,
  secrets: () => readonly Secret[] | Promise<readonly Secret[]>,
): Promise<Refused | Answered> {
  if (learning.has(settings)) return refuse('ERR_HMAC_HANDSHAKE', 'it delivers a secret while another one is being accepted')
  learning.add(settings)
  try {
    return await learn(settings, reading, secret, secrets)
  } finally {
    learning.delete(settings)
  }
}

async function learn(
  settings: HandshakeSettings,
  reading: NonNullable<ReturnType<CompiledHandshake['read']>>,
  secret: string,
  secrets: () => readonly Secret[] | Promise<readonly Secret[]>,
): Promise<Refused | Answered> {
  const { handshake, pending, timeoutMs, leastSecret } = settings
  const refused = refuse('ERR_HMAC_HANDSHAKE', 'it delivers a secret, and the route is not waiting for one')
  if ((await within(timeoutMs, () => pending?.())) !== true || (await secrets()).length > 0) return refused
  if (secret.length < leastSecret) return refuse('ERR_HMAC_HANDSHAKE', `it delivers a secret of fewer than ${leastSecret} octets`)
  await within(timeoutMs, () => settings.learn?.(secret))
  return { kind: 'answered', ...handshake.answer(reading, secret, undefined) }
}

function sameText(given: string, wanted: string): boolean {
  return equalOctets(Buffer.from(given), Buffer.from(wanted))
}
