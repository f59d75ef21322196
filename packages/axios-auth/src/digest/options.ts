import { randomBytes } from 'node:crypto'
import { type Clock, invalidType, invalidValue, type OptionReader, type SecretList } from '@countersign/core/base'
import type { CarrierOptions } from '../carrier/carrier-options.js'
import { passwordOf } from '../secret-text.js'
import { ALGORITHMS, type DigestAlgorithm } from './algorithms.js'
import type { DigestQop } from './challenge.js'
import type { DigestUser } from './session.js'

/** What `digest` takes. */
export interface DigestOptions extends CarrierOptions {
  /** Sent as UTF-8. No control characters. */
  readonly username: string
  /** Text, a source of it such as `secretFromEnv`, or a list of records with dates, of which the first active one counts. Sent as UTF-8, never itself. */
  readonly password: SecretList
  /** The algorithms that may be used. Default all of SHA-2, and with `allowMd5` those of MD5. The strongest that is offered is used. */
  readonly algorithms?: readonly DigestAlgorithm[]
  /** Accepts MD5 and MD5-sess, and with them challenges without qop, from a server that has never offered better. Default false. */
  readonly allowMd5?: boolean
  /** `auth-int` protects the body too, and fails where it is not offered. Default `auth`, and auth-int where that alone is offered. */
  readonly qop?: DigestQop
  /** Accepts no 2xx answer without the proof that the server knows the password (`rspauth` of Authentication-Info). Default false. */
  readonly verifyServer?: boolean
  /** Makes client nonces: printable ASCII, never twice the same. Default 128 random bits as hex. */
  readonly cnonce?: () => string
  /** Milliseconds since the epoch, for passwords with dates. Default `Date.now`. */
  readonly now?: Clock
}

/** The names of the options above. */
export const DIGEST_OPTIONS = [
  'username',
  'password',
  'algorithms',
  'allowMd5',
  'qop',
  'verifyServer',
  'cnonce',
  'now',
] as const satisfies readonly (keyof DigestOptions)[]

/** The options, checked and with their defaults. */
export interface DigestSettings {
  /** @throws AxiosAuthError `ERR_AXIOS_NO_SECRET` when no password counts now */
  readonly user: () => DigestUser
  readonly algorithms: ReadonlySet<DigestAlgorithm>
  readonly allowMd5: boolean
  readonly qop: DigestQop
  readonly verifyServer: boolean
  readonly cnonce: () => string
}

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function digestSettings(reader: OptionReader): DigestSettings {
  const allowMd5 = reader.boolean('allowMd5', false)
  return {
    user: userOf(reader),
    algorithms: algorithmsOf(reader, allowMd5),
    allowMd5,
    qop: reader.oneOf('qop', ['auth', 'auth-int'] as const, 'auth'),
    verifyServer: reader.asksFor('verifyServer') && reader.boolean('verifyServer', false),
    cnonce: reader.callback<() => string>('cnonce') ?? (() => randomBytes(16).toString('hex')),
  }
}

function userOf(reader: OptionReader): () => DigestUser {
  const { factory } = reader
  const username = reader.text('username')
  if (username === undefined) throw invalidType(factory, 'username', 'a string', username)
  if (/[\p{Cc}\p{Surrogate}]/u.test(username)) throw invalidValue(factory, 'username', 'must not contain control characters')
  const password = passwordOf(reader, reader.callback<Clock>('now') ?? Date.now)
  return () => ({ username, password: password() })
}

function algorithmsOf(reader: OptionReader, allowMd5: boolean): ReadonlySet<DigestAlgorithm> {
  const { factory } = reader
  const all = [...ALGORITHMS.values()]
  const given = reader.raw('algorithms')
  if (given === undefined) return new Set(all.filter(({ strength }) => strength > 1 || allowMd5).map(({ name }) => name))
  if (!Array.isArray(given)) throw invalidType(factory, 'algorithms', "a list such as ['SHA-256']", given)
  if (given.length === 0) throw invalidValue(factory, 'algorithms', 'must name at least one algorithm')
  const chosen = Array.from(given, (name: unknown) => all.find((facts) => facts.name === name))
  for (const facts of chosen) {
    if (facts === undefined) throw invalidValue(factory, 'algorithms', `may only contain ${all.map(({ name }) => `'${name}'`).join(', ')}`)
    if (facts.strength === 1 && !allowMd5) throw invalidValue(factory, 'algorithms', `contains '${facts.name}', which needs allowMd5: true`)
  }
  return new Set(chosen.flatMap((facts) => facts?.name ?? []))
}
