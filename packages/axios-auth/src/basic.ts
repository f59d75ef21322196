import { type Clock, invalidValue, OptionReader, type SecretInput } from '@countersign/core/base'
import { type CarrierOptions, carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import type { Step } from './carrier/step.js'
import { SecretValue } from './secret-text.js'

/** What `basic` takes. */
export interface BasicOptions extends CarrierOptions {
  /** Without `:` and control characters. */
  readonly username: string
  /** Text, octets, a source such as `secretFromEnv(name)`, records with dates, a list of these, or a function that finds it. */
  readonly password: SecretInput
  /** Whether the password may be empty, for services that take a key as the user name. Default false. */
  readonly allowEmptyPassword?: boolean
  /** Milliseconds since the epoch, for secrets with dates. Default `Date.now`. */
  readonly now?: Clock
}

const NAMES = ['username', 'password', 'allowEmptyPassword', 'now'] as const satisfies readonly (keyof BasicOptions)[]

/**
 * Signs in with a user name and a password (HTTP Basic).
 *
 * Sent without being asked for, on every request, to the allowed origins alone. Not protected: whoever reads the request reads the
 * password, so that http:// is refused but for this host.
 *
 * Shape: `Authorization: Basic <base64 of username ":" password>`, both in UTF-8.
 *
 * @throws TypeError that names the option: a user name with `:` or control characters, a password that is blank (unless
 *   allowEmptyPassword), or holds control characters
 * @see RFC 7617
 * @example
 * api.interceptors.request.use(basic({ username: 'billing', password: secretFromEnv('BILLING_PASSWORD') }))
 */
export function basic(options: BasicOptions): RequestInterceptor {
  const reader = new OptionReader('basic', options, [...NAMES, ...carrierOptionNames])
  const settings = carrierSettings(reader)
  const read = credentialsOf(reader)
  const step: Step = {
    name: 'basic',
    stage: 'static',
    apply(request) {
      const value = read()
      if (typeof value === 'string') return request.setHeader('Authorization', value)
      return value.then((late) => request.setHeader('Authorization', late))
    },
  }
  return interceptor(Object.freeze(step), settings)
}

function credentialsOf(reader: OptionReader): () => string | Promise<string> {
  const username = checkedUsername(reader)
  const now = reader.callback<Clock>('now') ?? Date.now
  const allowEmpty = reader.boolean('allowEmptyPassword', false)
  const password = reader.raw('password')
  if (allowEmpty && password === '') {
    const value = headerValue(username, Buffer.alloc(0))
    return () => value
  }
  const secret = new SecretValue(
    {
      factory: 'basic',
      option: 'password',
      now,
      make: (octets) => headerValue(username, octets),
      problem: (octets) => (hasControls(octets) ? 'must not contain control characters (RFC 7617 section 2)' : undefined),
    },
    password as SecretInput,
  )
  return () => secret.read()
}

function checkedUsername(reader: OptionReader): string {
  const username = reader.text('username')
  if (username === undefined) throw invalidValue('basic', 'username', 'is required')
  if (username.includes(':')) throw invalidValue('basic', 'username', 'must not contain ":", which ends it (RFC 7617 section 2)')
  if (Buffer.from(username).toString() !== username || hasControls(Buffer.from(username))) {
    throw invalidValue('basic', 'username', 'must be well-formed text without control characters (RFC 7617 section 2)')
  }
  return username
}

function headerValue(username: string, password: Buffer): string {
  return `Basic ${Buffer.concat([Buffer.from(`${username}:`), password]).toString('base64')}`
}

/** RFC 5234: octets 0 to 31, and 127. */
function hasControls(octets: Buffer): boolean {
  return octets.some((octet) => octet < 0x20 || octet === 0x7f)
}
