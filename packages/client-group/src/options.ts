import type { ApiKeyOptions } from '@countersign/api-key'
import { type Authenticator, checkAuthenticator, invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import { BASIC_NAMES, type BasicOptions, readClients, type WatchedClients } from './basic-options.js'

/** What `clientGroup` and `clientGroupAuthenticator` take. One of `group`, `groups` and `anyGroup` is needed. */
export interface ClientGroupOptions extends BasicOptions, Pick<ApiKeyOptions, 'header' | 'prefix' | 'query' | 'allowWeakKey'> {
  /** The group whose members may call. */
  readonly group?: string
  /** The groups of which a caller must be in one. */
  readonly groups?: readonly string[]
  /** Lets every client of the registry in, whatever its groups. Default false. */
  readonly anyGroup?: boolean
  /**
   * What members may prove themselves with: `basic`, `api-key`, and any other authenticator over the same registry. Default
   * `['basic', 'api-key']`.
   */
  readonly accept?: readonly ('basic' | 'api-key' | Authenticator)[]
}

const API_KEY_NAMES = ['header', 'prefix', 'query', 'allowWeakKey'] as const
const NAMES = [...BASIC_NAMES, ...API_KEY_NAMES, 'group', 'groups', 'anyGroup', 'accept'] as const
const BASIC_ONLY = ['allowEmptyPassword', 'cacheSeconds', 'maxCached'] as const
const COMMON = ['clients', 'realm', 'timeoutMs', 'now'] as const
const KNOWN_KINDS = ['basic', 'api-key']

/** The options, checked and divided among the members. */
export interface ClientGroupSettings {
  readonly clients: WatchedClients
  /** Undefined: any. */
  readonly groups: readonly string[] | undefined
  readonly accept: readonly ('basic' | 'api-key' | Authenticator)[]
  readonly basic: BasicOptions
  readonly apiKey: ApiKeyOptions
  readonly timeoutMs: number
}

/**
 * Checks the options. Those of Basic and API keys are judged where they are used.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function readOptions(factory: string, options: ClientGroupOptions): ClientGroupSettings {
  const reader = new OptionReader(factory, options, NAMES)
  const clients = readClients(reader)
  const accept = readAccept(reader, clients)
  if (!accept.includes('basic')) refuseUseless(reader, BASIC_ONLY, 'basic')
  if (!accept.includes('api-key')) refuseUseless(reader, API_KEY_NAMES, 'api-key')
  return {
    clients,
    groups: readGroups(reader),
    accept,
    basic: picked(reader, [...COMMON, ...BASIC_ONLY]) as BasicOptions,
    apiKey: picked(reader, [...COMMON, ...API_KEY_NAMES]) as ApiKeyOptions,
    timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
  }
}

/** Everybody is never the default: a group that was left out, or is undefined by mistake, must not open the route. */
function readGroups(reader: OptionReader): readonly string[] | undefined {
  const { factory } = reader
  const isAny = reader.boolean('anyGroup', false)
  const given = ['group', 'groups'].filter((name) => reader.has(name))
  if (given.length + (isAny ? 1 : 0) !== 1) {
    throw invalidValue(factory, 'group', 'or "groups" is required, one of the two; anyGroup: true admits every client in the registry')
  }
  if (isAny) return undefined
  if (reader.has('group')) return Object.freeze([reader.text('group') as string])
  const groups = reader.raw('groups')
  if (!Array.isArray(groups)) throw invalidType(factory, 'groups', 'a list of group names', groups)
  if (groups.length === 0)
    throw invalidValue(factory, 'groups', 'must contain at least one group: without any, every request would be refused')
  for (const group of groups) {
    if (typeof group !== 'string') throw invalidType(factory, 'groups', 'a list of group names', group)
    if (group.trim() === '') throw invalidValue(factory, 'groups', 'must not contain a blank name')
  }
  return Object.freeze([...groups])
}

function readAccept(reader: OptionReader, clients: WatchedClients): ClientGroupSettings['accept'] {
  const { factory } = reader
  const accept: unknown = reader.has('accept') ? reader.raw('accept') : KNOWN_KINDS
  if (!Array.isArray(accept)) throw invalidType(factory, 'accept', "a list of 'basic', 'api-key' and authenticators", accept)
  if (accept.length === 0) throw invalidValue(factory, 'accept', 'must contain at least one kind of credentials')
  if (new Set(accept).size !== accept.length) throw invalidValue(factory, 'accept', 'contains something twice')
  for (const [i, member] of accept.entries()) {
    if (typeof member !== 'string') checkMember(factory, `accept[${i}]`, member, clients)
    else if (!KNOWN_KINDS.includes(member)) throw invalidValue(factory, `accept[${i}]`, "must be 'basic', 'api-key' or an authenticator")
  }
  return Object.freeze([...accept])
}

/** A client id means the same to both only when both have it from one registry. */
function checkMember(factory: string, where: string, member: unknown, clients: WatchedClients): void {
  checkAuthenticator(factory, member, where)
  const { name, registry } = member as Authenticator
  if (registry !== clients)
    throw invalidValue(
      factory,
      where,
      `(${name}) must use the same registry as the group: give it the option clients; put one without a registry, such as a Passport strategy, next to the group in anyOf`,
    )
}

function refuseUseless(reader: OptionReader, names: readonly string[], kind: string): void {
  for (const name of names) if (reader.has(name)) throw invalidValue(reader.factory, name, `has no effect without '${kind}' in "accept"`)
}

function picked(reader: OptionReader, names: readonly string[]): object {
  return Object.fromEntries(names.filter((name) => reader.has(name)).map((name) => [name, reader.raw(name)]))
}
