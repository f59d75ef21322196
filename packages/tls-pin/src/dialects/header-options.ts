import { createHash, timingSafeEqual } from 'node:crypto'
import { validateHeaderName } from 'node:http'
import { invalidType, invalidValue, isRecord, LEAST_SECRET_OCTETS, OptionReader, soleHeader } from '@countersign/core/base'
import type { Certificate } from '@countersign/core/certificates'
import { type AuthoritiesInput, readAuthorities } from '../chain.js'
import { type PeerCheck, trustedPeers } from '../trusted-proxies.js'

/** A header by which the proxy proves to be the proxy. The proxy must set it, over whatever a client sends. */
export interface ProxySecret {
  /** The name of the header. */
  readonly header: string
  /** The secret, at least 16 octets of visible ASCII; while it is being changed, both. */
  readonly value: string | readonly string[]
}

/** What every source that reads headers takes. */
export interface HeaderOptions {
  /**
   * Who may send certificate headers: addresses or networks of the peer of the socket, such as `['127.0.0.1/32', 'fd00::/8']`, or
   * `'unix'` for a server on a unix socket. Required. X-Forwarded-For is never read.
   */
  readonly trustedProxies: readonly string[]
  /** A secret that the proxy adds to each request, besides its address. Default: none. */
  readonly secret?: ProxySecret
  /** The longest header that is read, octets. Default 16384. */
  readonly maxHeaderBytes?: number
}

/** What sources take that have the whole certificate. */
export interface CertificateHeaderOptions extends HeaderOptions {
  /**
   * The authorities that the certificate must lead to, checked here whatever the proxy checked: PEM text or DER octets, also
   * intermediates. Default: none; the proxy's word, or a pin, has to do.
   */
  readonly ca?: AuthoritiesInput
}

/** States what no header says. */
export interface VerifyingProxyOptions {
  /**
   * The proxy lets no request through whose certificate it has not verified. With it, conditions without a pin can hold. Default
   * false: then only a full pin counts, or the authorities of `ca`.
   */
  readonly proxyVerifies?: boolean
}

/** What is left of the options once they are read. */
export interface HeaderSetup {
  readonly isTrusted: PeerCheck
  readonly hasSecret: ((rawHeaders: readonly string[]) => boolean) | undefined
  readonly maxHeaderBytes: number
}

/** The names of HeaderOptions. */
export const HEADER_OPTION_NAMES = ['trustedProxies', 'secret', 'maxHeaderBytes'] as const

/** @throws TypeError when trustedProxies is missing, or an option is wrong */
export function readHeaderSetup(reader: OptionReader): HeaderSetup {
  const hasSecret = reader.asksFor('secret') ? secretCheck(reader.factory, reader.raw('secret')) : undefined
  return {
    isTrusted: trustedPeers(reader.factory, 'trustedProxies', reader.raw('trustedProxies'), hasSecret !== undefined),
    hasSecret,
    maxHeaderBytes: reader.integer('maxHeaderBytes', 16_384, 'octets'),
  }
}

/** The authorities of the option `ca`, when it is given. */
export function readCa(reader: OptionReader): readonly Certificate[] | undefined {
  return reader.asksFor('ca') ? readAuthorities(reader.factory, 'ca', reader.raw('ca')) : undefined
}

/**
 * The header names of the option `headers`, by role, in lower case; what is left out keeps its default.
 *
 * @param dispensable - the roles that may be `false`: the proxy does not send that header
 */
export function readHeaderNames<Role extends string, Dispensable extends Role = never>(
  reader: OptionReader,
  defaults: Readonly<Record<Role, string>>,
  dispensable: readonly Dispensable[] = [],
): Record<Exclude<Role, Dispensable>, string> & Record<Dispensable, string | undefined> {
  const names: Record<string, string | undefined> = { ...defaults }
  const given = reader.raw('headers')
  if (given !== undefined && !isRecord(given)) {
    throw invalidType(reader.factory, 'headers', `an object from ${Object.keys(defaults).join(', ')} to the name of a header`, given)
  }
  for (const [role, name] of Object.entries(given ?? {})) {
    if (!Object.hasOwn(defaults, role)) {
      throw invalidValue(reader.factory, `headers.${role.slice(0, 40)}`, `is unknown; known are ${Object.keys(defaults).join(', ')}`)
    }
    const isUnsent = name === false && (dispensable as readonly string[]).includes(role)
    names[role] = isUnsent ? undefined : headerName(reader.factory, `headers.${role}`, name)
  }
  return names as Record<Exclude<Role, Dispensable>, string> & Record<Dispensable, string | undefined>
}

/** A header name in lower case. One with an underscore is refused: it could not be told from a look-alike. */
export function headerName(factory: string, option: string, name: unknown): string {
  if (typeof name !== 'string') throw invalidType(factory, option, 'the name of a header', name)
  try {
    validateHeaderName(name)
  } catch {
    throw invalidValue(factory, option, 'must be the name of a header, such as X-SSL-Client-SHA256')
  }
  if (!/^[a-z]/i.test(name)) throw invalidValue(factory, option, 'must start with a letter')
  if (name.includes('_'))
    throw invalidValue(factory, option, 'must not have an underscore: write "-", which proxies and Node keep apart from "_"')
  return name.toLowerCase()
}

function secretCheck(factory: string, input: unknown): (rawHeaders: readonly string[]) => boolean {
  if (!isRecord(input)) throw invalidType(factory, 'secret', '{ header, value }', input)
  const reader = new OptionReader(`${factory}: option "secret"`, input, ['header', 'value'])
  const name = headerName(factory, 'secret.header', reader.raw('header'))
  const given = reader.raw('value')
  const values: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (values.length === 0) throw invalidValue(factory, 'secret.value', 'must contain at least one secret')
  const digests = values.map((secret) => sha256(checkedSecret(factory, secret)))
  return (rawHeaders) => {
    const sent = soleHeader(rawHeaders, name)
    if (sent === undefined || sent === null) return false
    const digest = sha256(sent)
    // All of them, so that the time does not tell which one it was.
    return digests.map((known) => timingSafeEqual(known, digest)).includes(true)
  }
}

function checkedSecret(factory: string, secret: unknown): string {
  if (typeof secret !== 'string') throw invalidType(factory, 'secret.value', 'a string, or a list of strings', secret)
  if (secret.length < LEAST_SECRET_OCTETS || !/^[\x21-\x7e]+$/.test(secret)) {
    throw invalidValue(
      factory,
      'secret.value',
      `must be at least ${LEAST_SECRET_OCTETS} characters of visible ASCII, such as "openssl rand -hex 32" prints`,
    )
  }
  return secret
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest()
}
