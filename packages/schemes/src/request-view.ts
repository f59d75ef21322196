import { invalidType, invalidValue } from '@countersign/core'
import type { RequestView } from './reading.js'

/** A request of which everything is at hand. */
export interface RequestInput {
  readonly method: string
  /** Absolute, or path and query as on the wire. */
  readonly url: string
  /** Names and values; a list as a value is a field that stands several times. Or names and values in turn, as `rawHeaders` has them. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | readonly string[]
  /** The octets of the body. Default none. */
  readonly body?: Uint8Array
}

const NONE = new Uint8Array(0)

/** What the engine sees of a request that a caller describes. */
export function requestView(
  factory: string,
  request: RequestInput,
  publicOrigin: string | undefined,
): { readonly view: RequestView; readonly body: Uint8Array } {
  if (typeof request !== 'object' || request === null) throw invalidType(factory, 'request', 'an object', request)
  const { method, url, body = NONE } = request
  if (typeof method !== 'string') throw invalidType(factory, 'request.method', 'a string', method)
  if (typeof url !== 'string') throw invalidType(factory, 'request.url', 'a string', url)
  if (!(body instanceof Uint8Array)) throw invalidType(factory, 'request.body', 'octets (Buffer.from(text) makes them)', body)
  const absolute = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(.*)$/i.exec(url)
  const rest = absolute === null ? url : (absolute[2] as string).replace(/#.*$/s, '')
  const target = rest.startsWith('/') ? rest : absolute === null ? rest : `/${rest}`
  const view: RequestView = {
    method,
    target,
    rawHeaders: rawHeaders(factory, request.headers ?? {}),
    secure: url.toLowerCase().startsWith('https:'),
    origin: publicOrigin === undefined ? undefined : checkedOrigin(factory, publicOrigin),
    namedOrigin: absolute?.[1],
  }
  return { view, body }
}

/**
 * A public origin as configured: scheme, host and, where it is not the scheme's own, port; lower case, nothing behind it.
 *
 * @throws TypeError when it holds anything else
 */
export function checkedOrigin(factory: string, origin: string): string {
  let url: URL
  try {
    url = new URL(origin)
  } catch {
    throw invalidValue(factory, 'publicOrigin', "is no origin; write it like 'https://api.example.com'")
  }
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!bare || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalidValue(factory, 'publicOrigin', "holds more than scheme, host and port; write it like 'https://api.example.com'")
  }
  return url.origin
}

function rawHeaders(factory: string, headers: NonNullable<RequestInput['headers']>): readonly string[] {
  if (Array.isArray(headers)) return headers as readonly string[]
  if (typeof headers !== 'object') throw invalidType(factory, 'request.headers', 'an object or a list', headers)
  const raw: string[] = []
  for (const [name, value] of Object.entries(headers as Record<string, string | readonly string[] | undefined>)) {
    for (const one of [value].flat()) if (one !== undefined) raw.push(name, String(one))
  }
  return raw
}
