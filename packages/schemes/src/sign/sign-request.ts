import { invalidType, isRecord, OptionReader } from '@countersign/core/base'
import { originOption, type RequestInput, requestView } from '../request/request-view.js'
import type { Scheme } from '../scheme.js'
import { clockOf, type SetUpOptions, SHARED_NAMES, setUp } from '../set-up/set-up.js'
import { signRequest } from './sign.js'
import type { Signed } from './signed.js'

/** What `sign` takes. */
export interface SignSchemeOptions extends SetUpOptions {
  readonly keyId?: string
  /** Default random. False leaves it out where the scheme lets it. */
  readonly nonce?: string | false
  /** The timestamp's text; default the clock's. */
  readonly timestamp?: string
  /** The wire's name of the algorithm, where the scheme carries one. False leaves it out where the scheme lets it. */
  readonly algorithm?: string | false
  /** Names to put on the list of what is signed, beside the scheme's. */
  readonly sign?: readonly string[]
  /** Values for fields of the scheme. */
  readonly fields?: Readonly<Record<string, string>>
}

const NAMES = [...SHARED_NAMES, 'keyId', 'nonce', 'timestamp', 'algorithm', 'sign', 'fields']

/**
 * Signs one request of which everything is at hand. The keys of the last 32 secrets of a scheme are kept for later calls.
 *
 * @returns the fields to add, and what to send where the scheme writes into the query or the body
 * @throws TypeError when the scheme, an option or the request cannot be signed with
 */
export function sign(scheme: Scheme, request: RequestInput, options: SignSchemeOptions): Signed {
  const reader = new OptionReader('sign', options, NAMES)
  const now = clockOf('sign', options)()
  const { compiled, secrets } = setUp('sign', scheme, reader, now)
  const { view, body } = requestView('sign', request, originOption(reader))
  const keyId = reader.text('keyId')
  return signRequest(compiled, view, body, secrets(keyId), {
    now,
    keyId,
    nonce: reader.raw('nonce') === false ? false : reader.text('nonce'),
    timestamp: reader.text('timestamp'),
    algorithm: reader.raw('algorithm') === false ? false : reader.text('algorithm'),
    sign: namesOption(reader),
    fields: fieldsOption(reader),
  })
}

function namesOption(reader: OptionReader): readonly string[] | undefined {
  const names = reader.raw('sign')
  if (names !== undefined && !(Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '')))
    throw invalidType(reader.factory, 'sign', 'a list of names', names)
  return names as readonly string[] | undefined
}

function fieldsOption(reader: OptionReader): Readonly<Record<string, string>> | undefined {
  const fields = reader.raw('fields')
  if (fields === undefined) return undefined
  if (!isRecord(fields)) throw invalidType(reader.factory, 'fields', 'an object', fields)
  for (const [name, value] of Object.entries(fields))
    if (typeof value !== 'string') throw invalidType(reader.factory, `fields.${name}`, 'a string', value)
  return Object.assign(Object.create(null), fields) as Record<string, string>
}
