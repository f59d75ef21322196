import { isIPv4 } from 'node:net'
import { invalidType, invalidValue, type OptionReader } from '@countersign/core/base'

/** The origins that the credentials of one interceptor may go to. Never empty once `settle` has passed; nothing widens it afterwards. */
export class AllowedOrigins {
  readonly #factory: string
  readonly #allowInsecure: boolean
  #allowed: ReadonlySet<string> | undefined

  constructor(reader: OptionReader) {
    this.#factory = reader.factory
    this.#allowInsecure = reader.boolean('allowInsecure', false)
    const given = reader.raw('origins')
    if (given !== undefined) this.#allowed = this.#listed(given)
  }

  /**
   * Fixes the origin to that of the first baseURL, where the option was not given.
   *
   * @throws TypeError that names `origins` when there is no absolute baseURL, `allowInsecure` when it is not safe
   */
  settle(baseURL: unknown): void {
    if (this.#allowed !== undefined) return
    const url = typeof baseURL === 'string' && URL.canParse(baseURL) ? new URL(baseURL) : undefined
    if (url === undefined || !isHttp(url)) {
      const problem = "is required, since the instance has no absolute baseURL; write origins: ['https://api.example.com']"
      throw invalidValue(this.#factory, 'origins', problem)
    }
    this.#refuseCleartext('baseURL', url)
    this.#allowed = new Set([url.origin])
  }

  allows(origin: string): boolean {
    return this.#allowed?.has(origin) === true
  }

  #listed(given: unknown): ReadonlySet<string> {
    const list: unknown = typeof given === 'string' ? [given] : given
    if (!Array.isArray(list)) throw invalidType(this.#factory, 'origins', "a list such as ['https://api.example.com']", given)
    if (list.length === 0) throw invalidValue(this.#factory, 'origins', 'must name at least one origin')
    return new Set(Array.from(list, (text: unknown, i) => this.#origin(`origins[${i}]`, text)))
  }

  #origin(option: string, text: unknown): string {
    if (typeof text !== 'string') throw invalidType(this.#factory, option, 'a string', text)
    const url = URL.canParse(text) ? new URL(text) : undefined
    const bare = url !== undefined && isHttp(url) && url.href === `${url.origin}/` && !/[?#]/.test(text)
    if (!bare) throw invalidValue(this.#factory, option, "is not an origin; write only scheme, host and port: 'https://api.example.com'")
    this.#refuseCleartext(option, url)
    return url.origin
  }

  #refuseCleartext(option: string, url: URL): void {
    if (!this.#allowInsecure) refuseCleartext(this.#factory, option, url)
  }
}

/**
 * Checks the URL of a server that secrets are sent to, such as a token endpoint.
 *
 * @throws TypeError when it is no absolute http or https URL, holds a user name or a fragment, or is http:// to another host than this
 *   one without allowInsecure
 */
export function checkedEndpoint(factory: string, option: string, text: unknown, allowInsecure: boolean): URL {
  if (typeof text !== 'string') throw invalidType(factory, option, 'a string', text)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !isHttp(url)) {
    throw invalidValue(factory, option, "must be an absolute URL, such as 'https://login.example.com/token'")
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalidValue(factory, option, 'must contain neither a user name nor a fragment')
  }
  if (!allowInsecure) refuseCleartext(factory, option, url)
  return url
}

function refuseCleartext(factory: string, option: string, url: URL): void {
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return
  throw invalidValue(
    factory,
    option,
    'is http://, so anybody on the way could read the credentials; write https://, or allowInsecure: true',
  )
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

/**
 * Whether a host name of a URL, which is in its one spelling, is this machine: RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291
 * section 2.5.3.
 */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true
  return isIPv4(hostname) && hostname.startsWith('127.')
}
