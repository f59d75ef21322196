import { validateHeaderName } from 'node:http'
import { invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import { type PassportActions, type PassportFields, runVerify, soleField, type Verified } from '@countersign/core/passport'
import { HeaderAPIKeyStrategy as Published } from 'passport-headerapikey'

/** Where `HeaderAPIKeyStrategy` finds the key; passport-headerapikey's, and a deadline. */
export interface HeaderApiKeyOptions {
  /** The field. Default `X-Api-Key`. */
  readonly header?: string
  /** What stands before the key, to the letter and with its case, spaces too. Default nothing. */
  readonly prefix?: string
  /** How long verify may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
}

/**
 * Whose key it is: calls `verified(error)`, `verified(null, user, info)` or `verified(null, false)`. May be async. The request comes
 * last, and only with passReqToCallback.
 */
export type HeaderApiKeyVerify<R = never> = (apiKey: string, verified: Verified, req: R) => unknown

/** What the published class makes of itself. */
interface PublishedStrategy {
  name: string
  apiKeyHeader: { header: string; prefix: string }
  verify: (...args: unknown[]) => unknown
  passReqToCallback: boolean
}

const Parent = Published as unknown as new (header: object, passReqToCallback: boolean, verify: unknown) => PublishedStrategy

const CHALLENGE = 'ApiKey realm="api"'

/**
 * passport-headerapikey's HeaderAPIKeyStrategy with the same constructor and the same arguments to verify, so that it takes its place.
 * Only the published constructor runs; reading the request, calling verify and the challenge are this package's.
 *
 * Taken: a field sent once, which begins with the prefix as it is written; what follows is the key, not blank. All else is 401 with
 * `ApiKey realm="api"`, before verify is called. What verify says of a key (`info`) goes on only with a user, never into an answer.
 * An exception or a rejection of verify, or its silence, is error(CountersignError) with status 503. Never a session: give
 * `{ session: false }` to passport.authenticate.
 *
 * Not decided: whether the key holds; that is verify's.
 *
 * @throws TypeError when an argument is of a wrong type or in a wrong place, or an option is unknown or wrong
 * @example
 * passport.use(new HeaderAPIKeyStrategy({ header: 'X-API-Key' }, false, (key, verified) => verified(null, owners.get(key) ?? false)))
 */
export class HeaderAPIKeyStrategy extends Parent {
  /** As `timeoutMs` of the options. */
  readonly timeoutMs: number

  constructor(header: HeaderApiKeyOptions | null | undefined, passReqToCallback: boolean | undefined, verify: HeaderApiKeyVerify) {
    const reader = new OptionReader('HeaderAPIKeyStrategy', header ?? undefined, ['header', 'prefix', 'timeoutMs'])
    if (passReqToCallback !== undefined && typeof passReqToCallback !== 'boolean') {
      throw invalidType('HeaderAPIKeyStrategy', 'passReqToCallback', 'true or false, followed by verify', passReqToCallback)
    }
    if (typeof verify !== 'function') throw invalidType('HeaderAPIKeyStrategy', 'verify', 'a function', verify)
    super({ header: fieldName(reader), prefix: prefixOf(reader) }, passReqToCallback ?? false, verify)
    this.timeoutMs = reader.integer('timeoutMs', 5000, 'milliseconds')
  }

  /** Called by Passport. */
  authenticate(req: PassportFields): void {
    const actions = this as unknown as PassportActions
    const key = this._key(req)
    if (key === undefined) return actions.fail(CHALLENGE, 401)
    const trailing = this.passReqToCallback ? [req] : []
    runVerify({
      actions,
      challenge: CHALLENGE,
      timeoutMs: this.timeoutMs,
      call: (verified) => this.verify(key, verified, ...trailing),
    })
  }

  /** The key that a request carries once, without its prefix. */
  _key(req: PassportFields): string | undefined {
    const { header, prefix } = this.apiKeyHeader
    const value = soleField(req, header)
    if (value === undefined || value === null || !value.startsWith(prefix)) return undefined
    const key = value.slice(prefix.length)
    return key.trim() === '' ? undefined : key
  }
}

function fieldName(reader: OptionReader): string {
  const name = reader.raw('header') === '' ? 'X-Api-Key' : reader.text('header', 'X-Api-Key')
  try {
    validateHeaderName(name)
  } catch {
    throw invalidValue(reader.factory, 'header', 'must be the name of a header field')
  }
  return name
}

function prefixOf(reader: OptionReader): string {
  const prefix = reader.raw('prefix') ?? ''
  if (typeof prefix !== 'string') throw invalidType(reader.factory, 'prefix', 'a string', prefix)
  return prefix
}
