import { Axios, type InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'

/** Where a request goes: the origin, and path and query as they stand in the request line. */
export interface Destination {
  readonly origin: string
  /** Host and, where it is not the scheme's own, port: the value of the field Host. */
  readonly host: string
  readonly target: string
}

// Without defaults, so that nothing of the process's own axios.defaults gets into a URL.
const plain = new Axios({})

/** The last request without params that was made final: most are like the one before. */
let last: { readonly baseURL: unknown; readonly url: unknown; readonly absolute: unknown; readonly to: Destination } | undefined

/**
 * The URL of a request as it goes on the wire: baseURL, url and params joined as axios joins them, then in the one spelling of the
 * WHATWG URL standard, without the fragment.
 *
 * @throws AxiosAuthError `ERR_AXIOS_URL`, `ERR_AXIOS_OTHER_CREDENTIALS`
 */
export function destinationOf(config: InternalAxiosRequestConfig): Destination {
  const own = (name: keyof InternalAxiosRequestConfig): unknown => (Object.hasOwn(config, name) ? config[name] : undefined)
  const [baseURL, url, absolute] = [own('baseURL'), own('url'), own('allowAbsoluteUrls')]
  // A URL object could have changed since.
  const isText = typeof url !== 'object' && typeof baseURL !== 'object'
  if (!isText || own('params') || own('socketPath')) return joined(own)
  if (last !== undefined && last.baseURL === baseURL && last.url === url && last.absolute === absolute) return last.to
  const to = joined(own)
  last = { baseURL, url, absolute, to }
  return to
}

function joined(own: (name: keyof InternalAxiosRequestConfig) => unknown): Destination {
  const parts: Record<string, unknown> = Object.create(null)
  for (const name of ['baseURL', 'url', 'params', 'paramsSerializer', 'allowAbsoluteUrls'] as const) {
    const value = own(name)
    if (value !== undefined) parts[name] = value
  }
  const text = plain.getUri(parts)
  // A request to a unix socket may name a path alone, as axios's own adapter takes it.
  const base = own('socketPath') ? 'http://localhost' : undefined
  if (!URL.canParse(text, base)) throw axiosAuthError('ERR_AXIOS_URL')
  return destination(new URL(text, base), 'ERR_AXIOS_URL')
}

/**
 * Where a URL points to.
 *
 * @param code - the code for what is no http or https URL
 * @throws AxiosAuthError `code`, `ERR_AXIOS_OTHER_CREDENTIALS`
 */
export function destination(url: URL, code: 'ERR_AXIOS_URL' | 'ERR_AXIOS_REDIRECT'): Destination {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw axiosAuthError(code)
  if (url.username !== '' || url.password !== '') throw axiosAuthError('ERR_AXIOS_OTHER_CREDENTIALS', 'the URL contains a user name')
  return Object.freeze({ origin: url.origin, host: url.host, target: url.pathname + url.search })
}
