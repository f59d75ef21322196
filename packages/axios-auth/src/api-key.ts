import { type Clock, invalidValue, OptionReader, type SecretInput } from '@countersign/core/base'
import { type CarrierOptions, carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import { isHeaderName, isHeaderValue } from './carrier/outgoing.js'
import type { Step } from './carrier/step.js'
import { SecretValue } from './secret-text.js'

/** What `apiKey` takes. */
export interface ApiKeyOptions extends CarrierOptions {
  /** Text, octets, a source such as `secretFromEnv(name)`, records with dates, a list of these, or a function that finds it. */
  readonly key: SecretInput
  /** The header field that carries the key. Default `X-API-Key`. */
  readonly header?: string
  /** What stands before the key with one space between, such as `ApiKey` in `Authorization: ApiKey <key>`. Default: nothing. */
  readonly prefix?: string
  /** Milliseconds since the epoch, for keys with dates. Default `Date.now`. */
  readonly now?: Clock
}

const NAMES = ['key', 'header', 'prefix', 'now'] as const satisfies readonly (keyof ApiKeyOptions)[]
const UNSENDABLE =
  'must be what a header field can carry: no line break, no control character, no space at either end, nothing beyond ISO 8859-1'

/**
 * Sends an API key in a header field, with every request, to the allowed origins alone.
 *
 * Shape: `X-API-Key: <key>`, or `<header>: <prefix> <key>`; octets and text beyond ASCII go as ISO 8859-1 where they fit.
 *
 * @throws TypeError that names the option: a key that is blank or cannot go on the wire, a header that is no field name
 * @see RFC 9110 section 5.5
 * @example
 * api.interceptors.request.use(apiKey({ key: secretFromEnv('ACME_KEY') }))
 */
export function apiKey(options: ApiKeyOptions): RequestInterceptor {
  const reader = new OptionReader('apiKey', options, [...NAMES, ...carrierOptionNames])
  const settings = carrierSettings(reader)
  const header = reader.text('header', 'X-API-Key')
  if (!isHeaderName(header)) throw invalidValue('apiKey', 'header', 'must be the name of a header field')
  const prefix = prefixOf(reader)
  const rules = {
    factory: 'apiKey',
    option: 'key',
    now: reader.callback<Clock>('now') ?? Date.now,
    make: (octets: Buffer) => prefix + octets.toString(),
    problem: (octets: Buffer) => (isHeaderValue(octets.toString()) ? undefined : UNSENDABLE),
  }
  const key = new SecretValue(rules, reader.raw('key') as SecretInput)
  const step: Step = {
    name: 'apiKey',
    stage: 'static',
    apply(request) {
      const value = key.read()
      if (typeof value === 'string') return request.setHeader(header, value)
      return value.then((late) => request.setHeader(header, late))
    },
  }
  return interceptor(Object.freeze(step), settings)
}

function prefixOf(reader: OptionReader): string {
  if (reader.raw('prefix') === '') return ''
  const prefix = reader.text('prefix')
  if (prefix === undefined) return ''
  if (!isHeaderValue(prefix)) throw invalidValue('apiKey', 'prefix', 'must be what a header field can carry, without a space at either end')
  return `${prefix} `
}
