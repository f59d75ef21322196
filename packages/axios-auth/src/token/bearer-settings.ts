import { type Clock, invalidType, invalidValue, LONGEST_TIMER_MS, OptionReader, type SecretInput } from '@countersign/core/base'
import { statusTest } from '../answer/status-test.js'
import { checksServer } from '../carrier/agent-check.js'
import { type CarrierSettings, carrierOptionNames, carrierSettings } from '../carrier/carrier-options.js'
import { isHeaderName, isHeaderValue } from '../carrier/outgoing.js'
import type { GivenTokenOptions, RequestedTokenOptions } from './bearer-options.js'
import { authScopesOf, type Carriage, type TokenChoice, type TokenHolder } from './bearer-step.js'
import { clientOptionNames } from './client-authentication.js'
import { askedToken, configuredToken, type TokenFunction } from './given.js'
import { tokenSource } from './settings.js'

/** What `bearer` is made of. */
export interface BearerParts {
  readonly settings: CarrierSettings
  readonly carriage: Carriage
  readonly choose: TokenChoice
}

const FACTORY = 'bearer'
const COMMON = ['name', 'header', 'prefix', 'expiredStatus', 'timeoutMs', 'now', ...carrierOptionNames] as const
const GIVEN: readonly string[] = [...COMMON, 'token'] satisfies readonly (keyof GivenTokenOptions)[]
const REQUESTED: readonly string[] = [
  ...COMMON,
  ...clientOptionNames,
  'tokenUrl',
  'scopes',
  'audience',
  'resource',
  'grantType',
  'extraFields',
  'dataFormat',
  'tokenField',
  'tokenHeader',
  'expiresField',
  'expiresUnit',
  'defaultLifetimeSeconds',
  'maxLifetimeSeconds',
  'refreshAt',
  'skewSeconds',
  'refreshCooldownSeconds',
  'maxResponseBytes',
  'httpAgent',
  'httpsAgent',
  'proxy',
  'store',
  'storeTimeoutMs',
] satisfies readonly (keyof RequestedTokenOptions)[]

/**
 * Reads the options of a token that is there already, or that a function gives.
 *
 * @throws TypeError that names the option
 */
export function givenTokens(options: object): BearerParts {
  for (const name of Object.keys(options)) {
    if (REQUESTED.includes(name) && !GIVEN.includes(name))
      throw invalidValue(FACTORY, name, 'has no effect with "token": nothing is requested')
  }
  const reader = new OptionReader(FACTORY, options, GIVEN)
  reader.text('name')
  const timeoutMs = readTimeout(reader)
  const token = reader.raw('token')
  const parts = { settings: carrierSettings(reader), carriage: readCarriage(reader) }
  if (typeof token === 'function') return { ...parts, choose: eachAsked(token as TokenFunction, timeoutMs) }
  const holder = configuredToken(FACTORY, 'token', token as SecretInput, readClock(reader))
  return { ...parts, choose: () => holder }
}

/** One holder for each request, which keeps between two attempts what the function answered. */
function eachAsked(ask: TokenFunction, timeoutMs: number): TokenChoice {
  const holders = new WeakMap<object, TokenHolder>()
  return (config) => {
    const known = holders.get(config)
    if (known !== undefined) return known
    const holder = askedToken(ask, timeoutMs, authScopesOf(config))
    holders.set(config, holder)
    return holder
  }
}

/**
 * Reads the options of a token that a service gives.
 *
 * @throws TypeError that names the option
 */
export function requestedTokens(options: unknown): BearerParts {
  const reader = new OptionReader(FACTORY, options, REQUESTED)
  const settings = carrierSettings(reader)
  const carriage = readCarriage(reader)
  const isBearer = carriage.prefix.toLowerCase() === 'bearer '
  const source = tokenSource(reader, {
    name: reader.text('name', FACTORY),
    now: readClock(reader),
    timeoutMs: readTimeout(reader),
    isBearer,
  })
  const choose: TokenChoice = (config) => source.slot(authScopesOf(config))
  return { settings, carriage, choose: reader.has('httpsAgent') ? choose : pinnedAlike(String(reader.raw('tokenUrl')), choose) }
}

/** Refuses to ask a server for a token, without a look at its certificate, that the agent of the requests looks at. */
function pinnedAlike(tokenUrl: string, choose: TokenChoice): TokenChoice {
  const { origin: issuer, protocol } = new URL(tokenUrl)
  if (protocol !== 'https:') return choose
  return (config, origin) => {
    const agent = Object.hasOwn(config, 'httpsAgent') ? config.httpsAgent : undefined
    if (agent && origin === issuer && checksServer(agent)) {
      throw invalidValue(
        FACTORY,
        'httpsAgent',
        'is required where that of the requests checks the server, which issues the token; write the same agent',
      )
    }
    return choose(config, origin)
  }
}

function readClock(reader: OptionReader): Clock {
  return reader.callback<Clock>('now') ?? Date.now
}

function readTimeout(reader: OptionReader): number {
  return Math.min(reader.integer('timeoutMs', 10_000, 'milliseconds'), LONGEST_TIMER_MS)
}

function readCarriage(reader: OptionReader): Carriage {
  const header = reader.text('header', 'Authorization')
  if (!isHeaderName(header)) {
    throw invalidValue(FACTORY, 'header', "must be the name of a header field, such as 'X-Auth-Token'")
  }
  const prefix = reader.has('prefix') ? reader.raw('prefix') : 'Bearer'
  if (typeof prefix !== 'string') throw invalidType(FACTORY, 'prefix', "a string, or '' for none", prefix)
  if (prefix !== '' && !isHeaderValue(prefix)) {
    throw invalidValue(FACTORY, 'prefix', "must be what a header field can carry, without a space at either end; '' for nothing")
  }
  const isExpired = statusTest(reader, 'expiredStatus', (status) => status === 401)
  return { header, prefix: prefix === '' ? '' : `${prefix} `, isExpired }
}
