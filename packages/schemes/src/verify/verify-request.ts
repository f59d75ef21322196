import { OptionReader } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { originOption, type RequestInput, requestView } from '../request/request-view.js'
import type { Scheme } from '../scheme.js'
import { LastOptions } from '../set-up/recent.js'
import { clockOf, type SecretsOf, type SetUpOptions, SHARED_NAMES, setUp } from '../set-up/set-up.js'
import type { Unverified, Verified } from './verification.js'
import { checkSignature, judged, keyIdsOf, readBody, readHead } from './verify.js'

/** What `verify` takes. */
export interface VerifySchemeOptions extends SetUpOptions {
  /** Accepts requests of which the scheme signs nothing: an empty body, and neither method, path, time nor nonce. Default false. */
  readonly allowEmptyBody?: boolean
}

const NAMES = [...SHARED_NAMES, 'allowEmptyBody']

/**
 * Verifies one request of which everything is at hand.
 *
 * Not checked: whether it was seen before. `hmacVerify` does that, and reads the body itself.
 * The keys of the last 32 secrets of a scheme are kept for later calls with the same options.
 *
 * @throws TypeError when the scheme or an option is wrong; never because of the request
 */
export function verify(scheme: Scheme, request: RequestInput, options: VerifySchemeOptions): Verified | Unverified {
  const now = clockOf('verify', options)()
  const { compiled, secrets, origin, allowEmptyBody } = settingsOf(scheme, options, now)
  const { view, body } = requestView('verify', request, origin)
  return judged(() => {
    const reading = readHead(compiled, view, now)
    readBody(compiled, reading, body, now)
    const offers = keyIdsOf(compiled, reading).map((keyId) => ({ keyId, secrets: secrets(keyId) }))
    return checkSignature(compiled, reading, offers, { now, allowEmptyBody })
  })
}

interface Settings {
  readonly compiled: CompiledScheme
  readonly secrets: SecretsOf
  readonly origin: string | undefined
  readonly allowEmptyBody: boolean
}

const lastOfScheme = new WeakMap<Scheme, LastOptions<Settings>>()

function settingsOf(scheme: Scheme, options: VerifySchemeOptions, now: number): Settings {
  const last = lastOfScheme.get(scheme)
  if (last?.isOf(options) === true) return last.value
  const reader = new OptionReader('verify', options, NAMES)
  const { lasting, ...made } = setUp('verify', scheme, reader, now)
  const settings = { ...made, origin: originOption(reader), allowEmptyBody: reader.boolean('allowEmptyBody', false) }
  const kept = lasting ? LastOptions.of(options, settings) : undefined
  if (kept !== undefined) lastOfScheme.set(scheme, kept)
  return settings
}
