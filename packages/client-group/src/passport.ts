import { invalidType, OptionReader, quotedRealm } from '@countersign/core/base'
import { type PassportActions, type PassportFields, runVerify, soleField, type Verified } from '@countersign/core/passport'
import { BasicStrategy as Published } from 'passport-http'
import { type Credentials, readCredentials } from './credentials.js'

/** Options of `BasicStrategy`; passport-http's, and a deadline. */
export interface BasicStrategyOptions {
  /** The realm of the challenge. Default `Users`. */
  readonly realm?: string
  /** Whether verify gets the request first. Default false. */
  readonly passReqToCallback?: boolean
  /** How long verify may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
}

/** Whose user name and password they are: calls `verified(error)`, `verified(null, user, info)` or `verified(null, false)`. May be async. */
export type BasicVerify = (user: string, password: string, verified: Verified) => unknown

/** The same with `passReqToCallback: true`. */
export type BasicVerifyWithRequest<R = unknown> = (req: R, user: string, password: string, verified: Verified) => unknown

/** What the published class makes of itself. */
interface PublishedStrategy {
  name: string
  _verify: (...args: unknown[]) => unknown
  _passReqToCallback: boolean | undefined
}

const Parent = Published as unknown as new (options: object, verify: (...args: never[]) => unknown) => PublishedStrategy

/**
 * passport-http's BasicStrategy with the same constructor and the same arguments to verify, so that it takes its place. Only the
 * published constructor runs; reading the request, calling verify and the challenge are this package's.
 *
 * Taken: `Authorization: Basic base64(user ":" password)`, sent once, one space, strict base64 with padding, UTF-8 without control
 * characters, neither part empty. The first colon ends the user name, so a password may hold colons. All else is 401 with
 * `Basic realm="...", charset="UTF-8"`, before verify is called. An exception or a rejection of verify, or its silence, is
 * error(CountersignError) with status 503. Never a session: give `{ session: false }` to passport.authenticate.
 *
 * Not decided: whether the password is right; that is verify's, which must compare it in constant time and keep it hashed.
 *
 * @throws TypeError when verify is no function, or an option is unknown or wrong
 * @see RFC 7617
 * @example
 * passport.use(new BasicStrategy((user, password, verified) => verified(null, find(user, password) ?? false)))
 */
export class BasicStrategy extends Parent {
  /** As `timeoutMs` of the options. */
  readonly timeoutMs: number
  // No private names: Passport runs strategies on Object.create(strategy), which has none.
  readonly _quotedRealm: string

  /** @param options - may be left out: `new BasicStrategy(verify)` */
  constructor(verify: BasicVerify)
  constructor(options: BasicStrategyOptions & { readonly passReqToCallback?: false }, verify: BasicVerify)
  constructor(options: BasicStrategyOptions & { readonly passReqToCallback: true }, verify: BasicVerifyWithRequest<never>)
  constructor(first: unknown, second?: unknown) {
    const [options, verify] = typeof first === 'function' && second === undefined ? [undefined, first] : [first, second]
    const reader = new OptionReader('BasicStrategy', options, ['realm', 'passReqToCallback', 'timeoutMs'])
    if (typeof verify !== 'function') throw invalidType('BasicStrategy', 'verify', 'a function', verify)
    const realm = reader.text('realm', 'Users')
    super({ realm, passReqToCallback: reader.boolean('passReqToCallback', false) }, verify as (...args: never[]) => unknown)
    this._quotedRealm = reader.has('realm') ? quotedRealm(reader) : '"Users"'
    this.timeoutMs = reader.integer('timeoutMs', 5000, 'milliseconds')
  }

  /** Called by Passport. */
  authenticate(req: PassportFields): void {
    const actions = this as unknown as PassportActions
    const challenge = this._challenge()
    const credentials = sentCredentials(req)
    if (credentials === undefined) return actions.fail(challenge, 401)
    const { user, password } = credentials
    const leading = this._passReqToCallback === true ? [req] : []
    runVerify({
      actions,
      challenge,
      timeoutMs: this.timeoutMs,
      call: (verified) => this._verify(...leading, user, password, verified),
    })
  }

  /** The challenge of a 401, as RFC 7617 section 2.1 has it. */
  _challenge(): string {
    return `Basic realm=${this._quotedRealm}, charset="UTF-8"`
  }
}

const SCHEME = 'basic '

/** Exactly one space follows the scheme, as passport-http wants it: a drop-in takes nothing that it refused. */
function sentCredentials(req: PassportFields): Credentials | undefined {
  const value = soleField(req, 'authorization')
  if (value === undefined || value === null || value.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined
  const credentials = readCredentials(value.slice(SCHEME.length), false)
  return 'kind' in credentials ? undefined : credentials
}
