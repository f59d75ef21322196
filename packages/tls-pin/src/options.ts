import { type Clock, checkRegistry, invalidType, invalidValue, OptionReader, type Principal } from '@countersign/core/base'
import { type PinSet, type PinsInput, readPins } from '@countersign/core/certificates'
import { type Condition, type ConditionsInput, readConditions } from './conditions.js'
import type { CertificateSource } from './source.js'

/** A client's certificate as a registry finds it. */
export interface CertificateMatch {
  readonly principal: Principal
  /** Whether the credential, and its client, holds at that time (milliseconds since the epoch). */
  state(nowMs: number): 'active' | 'disabled' | 'early' | 'expired'
}

/** What tls-pin asks of a client registry; every ClientRegistry of core fits. */
export interface CertificateClients {
  /**
   * @param pin - `sha256:<64 hex>`, `sha256/<base64>` (SPKI) or `sha1:<40 hex>`
   * @returns undefined when no client has it; a throw is an outage
   */
  findCertificate(pin: string): CertificateMatch | undefined | Promise<CertificateMatch | undefined>
  /** Remembers that the credential was accepted. */
  used?(match: CertificateMatch, nowMs: number): void
}

/** What the operator is warned of. */
export interface PinWarning {
  readonly code: 'ERR_TLS_PINS_RUN_OUT'
  readonly message: string
  /** When the last pin of the route stops to count, milliseconds since the epoch. */
  readonly until: number
}

/** Options of `tlsPin` and `tlsPinAuthenticator`. At least one of pins, conditions and clients; of those given, each must hold. */
export interface TlsPinOptions {
  /** Where the certificate comes from: `socket()`, or the dialect of a proxy such as `haproxy({ trustedProxies: ['127.0.0.1/32'] })`. */
  readonly from: CertificateSource
  /**
   * The certificates that may pass: one pin, a list, or an object from name to pin; each a text or `{ pin, name, notBefore, notAfter }`.
   * A pin is a SHA-256 fingerprint, `sha256/<base64>` of the public key, or a legacy SHA-1 fingerprint.
   */
  readonly pins?: PinsInput
  /**
   * What the certificate, or the proxy, must say: lines `KEY=value`, or an object from key to value. All must hold. Keys: FINGERPRINT,
   * FINGERPRINT256, SPKI, SUBJECT, CN, O, OU, ISSUER, SERIAL, SAN, NOTBEFORE, NOTAFTER, and whatever the proxy sends.
   */
  readonly conditions?: ConditionsInput
  /** The registry whose clients have certificates among their credentials. `req.auth` is that client then. */
  readonly clients?: CertificateClients
  /**
   * Lets conditions on names, dates and serial numbers do without a pin or fingerprint. Another authority can issue the same name,
   * so the certificate must be verified then, and every authority that is accepted must be trusted with every name. Default false.
   */
  readonly allowNameOnly?: boolean
  /** The client id of whoever passes. Default: the SHA-256 of the certificate in lower-case hex; with `clients` the client's id. */
  readonly clientId?: string
  /** How far the clocks may differ when the dates of a certificate are checked, seconds, both ways. Default 60. */
  readonly toleranceSeconds?: number
  /** How many days before the last pin runs out the operator is warned, once. Default 30. */
  readonly warnDays?: number
  /** Told of that; besides `process.emitWarning`. */
  readonly onWarning?: (warning: PinWarning) => void
  /** How long a look-up of `clients` may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** The clock. Default `Date.now`. */
  readonly now?: Clock
}

/** The options, checked and with their defaults. */
export interface TlsPinSettings {
  readonly source: CertificateSource
  readonly pins: PinSet | undefined
  readonly conditions: readonly Condition[]
  readonly clients: CertificateClients | undefined
  readonly clientId: string | undefined
  readonly toleranceMs: number
  readonly warnMs: number
  readonly onWarning: ((warning: PinWarning) => void) | undefined
  readonly timeoutMs: number
  readonly now: Clock
}

const NAMES: readonly (keyof TlsPinOptions)[] = [
  'from',
  'pins',
  'conditions',
  'clients',
  'allowNameOnly',
  'clientId',
  'toleranceSeconds',
  'warnDays',
  'onWarning',
  'timeoutMs',
  'now',
]
const DAY_MS = 86_400_000

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead; also when nothing, or everything, would pass
 */
export function readOptions(factory: string, options: TlsPinOptions): TlsPinSettings {
  const reader = new OptionReader(factory, options, NAMES)
  const source = readSource(factory, reader.raw('from'))
  const pins = reader.asksFor('pins') ? readPins(factory, 'pins', reader.raw('pins')) : undefined
  const conditions = reader.asksFor('conditions') ? readConditions(factory, 'conditions', reader.raw('conditions'), source) : []
  const clients = reader.asksFor('clients')
    ? checkRegistry<CertificateClients>(factory, reader.raw('clients'), 'findCertificate')
    : undefined
  const clientId = reader.text('clientId')
  if (pins === undefined && conditions.length === 0 && clients === undefined) {
    throw invalidValue(factory, 'pins', 'or conditions or clients is required: without any of them every certificate would be accepted')
  }
  if (clientId !== undefined && clients !== undefined)
    throw invalidValue(factory, 'clientId', 'cannot be combined with clients, which have ids of their own')
  checkKinds(factory, source, pins)
  const identifies = pins !== undefined || clients !== undefined || conditions.some((condition) => condition.identifies)
  const allowNameOnly = reader.boolean('allowNameOnly', false)
  if (!identifies) checkNameOnly(factory, source, allowNameOnly)
  return {
    source,
    pins,
    conditions,
    clients,
    clientId,
    toleranceMs: reader.integer('toleranceSeconds', 60, 'seconds', 0) * 1000,
    warnMs: reader.integer('warnDays', 30, 'days', 0) * DAY_MS,
    onWarning: reader.callback<(warning: PinWarning) => void>('onWarning'),
    timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
    now: reader.callback<Clock>('now') ?? Date.now,
  }
}

function readSource(factory: string, input: unknown): CertificateSource {
  const source = input as CertificateSource | null | undefined
  if (typeof source === 'function') throw invalidType(factory, 'from', 'a source: call it, such as socket()', input)
  if (typeof source !== 'object' || source === null || typeof source.read !== 'function' || !Array.isArray(source.kinds)) {
    throw invalidType(factory, 'from', "a source, such as socket() or haproxy({ trustedProxies: ['127.0.0.1/32'] })", input)
  }
  return source
}

function checkKinds(factory: string, source: CertificateSource, pins: PinSet | undefined): void {
  if (pins === undefined || pins.kinds.some((kind) => source.kinds.includes(kind))) return
  throw invalidValue(
    factory,
    'pins',
    `contains only pins of kind ${pins.kinds.join(', ')}, but ${source.name}() provides ${source.kinds.join(', ')}, so every request would be refused`,
  )
}

function checkNameOnly(factory: string, source: CertificateSource, isAllowed: boolean): void {
  if (!isAllowed) {
    throw invalidValue(
      factory,
      'conditions',
      'does not identify a certificate: another authority can issue one with the same name. Add a pin or a FINGERPRINT256, or set allowNameOnly: true',
    )
  }
  if (!source.verifies) {
    throw invalidValue(
      factory,
      'allowNameOnly',
      `needs a source that reports verified certificates, which ${source.name}() as configured never does (proxyVerifies, ca)`,
    )
  }
}
