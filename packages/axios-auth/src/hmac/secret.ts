import {
  type Clock,
  coreError,
  invalidValue,
  type Secret,
  type SecretAnswer,
  type SecretMaterial,
  secretSet,
  within,
} from '@countersign/core/base'
import { type CompiledScheme, checkDecoded } from '@countersign/schemes/engine'
import type { InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'

/** A secret with the key id that it goes by. */
export interface KeyedSecret {
  readonly keyId: string
  readonly secret: SecretMaterial
}

/** Finds the secret of a request: of the tenant, user or message that it is made for. A throw, and no secret at all, fail the request. */
export type SecretFromCall = (
  config: Readonly<InternalAxiosRequestConfig>,
) => SecretAnswer | KeyedSecret | PromiseLike<SecretAnswer | KeyedSecret>

/** What secrets are checked with. */
export interface HmacSecretOptions {
  readonly now: Clock
  readonly keyId: string | undefined
  readonly timeoutMs: number
  readonly allowWeak: boolean
}

/**
 * The secrets that sign a request, at least one.
 *
 * @throws AxiosAuthError `ERR_AXIOS_NO_SECRET` when there is none; CountersignError `ERR_LOOKUP_FAILED`, `ERR_LOOKUP_TIMEOUT`,
 *   `ERR_SECRET_UNUSABLE` when a function fails, takes too long, or answers what may not be used
 */
export type HmacSecrets = (config: Readonly<InternalAxiosRequestConfig>) => readonly Secret[] | Promise<readonly Secret[]>

/**
 * Checks the option `secret`, and every secret that a function or a source brings later when it is first seen.
 *
 * @throws TypeError as `secretSet` and `checkDecoded` do
 */
export function hmacSecrets(factory: string, input: unknown, scheme: CompiledScheme, options: HmacSecretOptions): HmacSecrets {
  const good = new WeakSet<Secret>()
  const usable = (found: readonly Secret[]): readonly Secret[] => {
    if (found.length === 0) throw axiosAuthError('ERR_AXIOS_NO_SECRET')
    for (const secret of found) {
      if (good.has(secret)) continue
      judged(() => checkDecoded(factory, scheme, secret, options.allowWeak))
      good.add(secret)
    }
    return found
  }
  if (typeof input === 'function') return fromCall(factory, input as SecretFromCall, options, usable)
  const set = secretSet(factory, 'secret', input, options)
  const active = () => set.active(options.keyId) as readonly Secret[]
  for (const secret of active()) checkDecoded(factory, scheme, secret, options.allowWeak)
  if (options.keyId !== undefined && active().length === 0 && (set.active(undefined) as readonly Secret[]).length > 0)
    throw invalidValue(factory, 'keyId', 'is not the id of any of the secrets')
  // A set without dates and sources answers with the same list every time.
  let last: readonly Secret[] | undefined
  return () => {
    const found = active()
    if (found !== last) last = usable(found)
    return found
  }
}

function fromCall(
  factory: string,
  find: SecretFromCall,
  options: HmacSecretOptions,
  usable: (found: readonly Secret[]) => readonly Secret[],
): HmacSecrets {
  let answer: unknown
  const set = secretSet(factory, 'secret', () => answer as SecretAnswer, options)
  // The set's own look-up is synchronous, so that no other request comes between the answer and its reading.
  const read = (found: unknown) => {
    answer = keyed(found)
    try {
      return usable(set.active(options.keyId) as readonly Secret[])
    } finally {
      answer = undefined
    }
  }
  return (config) => {
    const found = within<unknown>(options.timeoutMs, () => find(config))
    return found instanceof Promise ? found.then(read) : read(found)
  }
}

/** `{ keyId, secret }` in the form that a secret's record has. */
function keyed(found: unknown): unknown {
  if (typeof found !== 'object' || found === null || !Object.hasOwn(found, 'keyId')) return found
  const { keyId, ...record } = found as KeyedSecret
  return { id: keyId, ...record }
}

function judged(check: () => void): void {
  try {
    check()
  } catch (error) {
    throw coreError('ERR_SECRET_UNUSABLE', (error as Error).message, error)
  }
}
