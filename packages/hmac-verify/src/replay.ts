import { CountersignError, type Refused, within } from '@countersign/core'
import type { Verified } from '@countersign/schemes'
import { refuse } from './errors.js'
import type { HmacSettings } from './options.js'
import { replayKey } from './replay-key.js'

/** How much longer a claim lives than the signature could: clocks of several processes differ. Seconds. */
const GRACE_SECONDS = 60

/** The steps of a verdict that remember a request: `commit` claims it, `settle` gives it back when the handler failed. */
export interface ReplaySteps {
  readonly commit: () => undefined | Refused | Promise<undefined | Refused>
  readonly settle: (status: number) => void | Promise<void>
}

/**
 * The replay steps of a verified request; undefined when it is not remembered.
 *
 * Not claimed: GET, HEAD and OPTIONS that sign no nonce, since the same one may honestly be sent twice within a second.
 */
export function replaySteps(settings: HmacSettings, method: string, clientId: string, verified: Verified): ReplaySteps | undefined {
  const { replay, scheme } = settings
  if (replay === undefined) return undefined
  if (verified.nonce === undefined && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')) return undefined
  const claims: (readonly [key: string, token: string])[] = []
  const keys = () => verified.messages.map((message) => replayKey(scheme.definition.name, clientId, message))
  return {
    commit: () => claimAll(settings, keys(), ttlOf(settings, verified), claims),
    settle: (status) => {
      if (status < 500 || !settings.releaseOnServerError) return undefined
      return releaseAll(settings, claims)
    },
  }
}

/** Until the signature is too old to be accepted, and a little longer. */
function ttlOf(settings: HmacSettings, verified: Verified): number {
  const { timestamp } = settings.scheme.facts
  if (verified.signedAt === undefined || timestamp === undefined) return settings.replayTtlSeconds as number
  return Math.max(1, Math.ceil(verified.signedAt / 1000 + timestamp.toleranceSeconds - settings.now() / 1000)) + GRACE_SECONDS
}

type Claims = (readonly [key: string, token: string])[]

function claimAll(
  settings: HmacSettings,
  keys: readonly string[],
  ttlSeconds: number,
  claims: Claims,
): undefined | Refused | Promise<undefined | Refused> {
  const [key, ...rest] = keys
  if (key === undefined) return undefined
  const next = (token: string | undefined) => {
    if (token === undefined) return refuse('ERR_HMAC_REPLAYED')
    claims.push([key, token])
    return claimAll(settings, rest, ttlSeconds, claims)
  }
  try {
    const token = claim(settings, key, ttlSeconds)
    return token instanceof Promise ? token.then(next, (error) => storeFailed(settings, error)) : next(token)
  } catch (error) {
    return storeFailed(settings, error)
  }
}

function claim(settings: HmacSettings, key: string, ttlSeconds: number): string | undefined | Promise<string | undefined> {
  return within(settings.timeoutMs, () => settings.replay?.claim(key, ttlSeconds), 'ERR_STORE_DOWN')
}

/** A store that is full answers, so that `onStoreError: 'allow'` does not let anything past it. */
function storeFailed(settings: HmacSettings, error: unknown): undefined {
  if (settings.allowStoreError && !(error instanceof CountersignError && error.code === 'ERR_STORE_FULL')) return undefined
  throw error
}

async function releaseAll(settings: HmacSettings, claims: Claims): Promise<void> {
  for (const [key, token] of claims.splice(0)) {
    await within(settings.timeoutMs, () => settings.replay?.release(key, token), 'ERR_STORE_DOWN')
  }
}
