import axios, { type AxiosAdapter, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import type { Answer } from '../carrier/step.js'
import { isOfProxy } from '../carrier/tunnel.js'

/** What a login or logout was answered. */
export interface SessionReply {
  readonly status: number
  /** The value of a header; of one that came several times, its first. */
  header(name: string): string | undefined
  /** Every value of a header. */
  headerValues(name: string): readonly string[]
  /** The body as text. */
  text(): string
  /** The body as JSON; undefined for what is none. */
  json(): unknown
}

/** The same as steps see answers; its `response` knows nothing of the request. */
export interface OwnReply extends SessionReply, Answer {}

/** How requests of our own are sent. */
export interface Transport {
  readonly adapter: AxiosAdapter
  /** The agents that the options name; both where they have an adapter of their own. */
  readonly given: readonly ('httpAgent' | 'httpsAgent')[]
  readonly timeoutMs: number
  readonly httpAgent: unknown
  readonly httpsAgent: unknown
  readonly proxy: false | undefined
}

/** One request of our own. */
export interface OwnRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer | undefined
}

/** No answer came. `why` is safe to show. */
export class NoAnswer extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'NoAnswer'
  }
}

const MOST_OCTETS = 1024 * 1024

/**
 * Sends one request with nothing inherited: no defaults, no interceptors, no redirects, no cookies; in `timeoutMs` from first to last
 * octet, of 1 MiB at most. Every status is an answer.
 *
 * @throws NoAnswer with the code of the failure alone: what axios throws holds the request
 */
export async function sendOwn(transport: Transport, request: OwnRequest): Promise<OwnReply> {
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswer(`no answer within ${transport.timeoutMs} ms`))
      abort.abort()
    }, transport.timeoutMs)
  })
  try {
    const answer = await Promise.race([transport.adapter(configOf(transport, request, abort.signal)), late])
    if (isOfProxy(request.url, answer.request)) throw new NoAnswer(`no answer: the proxy refused the tunnel with status ${answer.status}`)
    return reply(answer.status, answer.headers, answer.data)
  } catch (error) {
    throw error instanceof NoAnswer ? error : new NoAnswer(`no answer: ${codeOf(error)}`)
  } finally {
    clearTimeout(timer)
  }
}

/** The adapter of an option; by default axios's own over node:http. */
export function adapterOf(given: unknown): AxiosAdapter {
  return axios.getAdapter((given as AxiosAdapter | undefined) ?? 'http')
}

/** Every member that the adapter looks at is there, so that nothing on Object.prototype is taken for one. */
function configOf(transport: Transport, request: OwnRequest, signal: AbortSignal): InternalAxiosRequestConfig {
  const headers = new AxiosHeaders()
  for (const [name, value] of request.headers) headers.set(name, value)
  return Object.assign(Object.create(null), {
    url: request.url,
    method: request.method.toLowerCase(),
    headers,
    data: request.body,
    responseType: 'arraybuffer',
    validateStatus: null,
    maxRedirects: 0,
    maxContentLength: MOST_OCTETS,
    maxBodyLength: MOST_OCTETS,
    decompress: true,
    timeout: 0,
    signal,
    httpAgent: transport.httpAgent,
    httpsAgent: transport.httpsAgent,
    proxy: transport.proxy,
    transitional: { silentJSONParsing: false, forcedJSONParsing: false, clarifyTimeoutError: true },
  }) as InternalAxiosRequestConfig
}

function reply(status: number, fields: unknown, data: unknown): OwnReply {
  const headers = AxiosHeaders.from(fields as AxiosHeaders)
  let text: string | undefined
  const values = (name: string): readonly string[] => {
    const value: unknown = headers.get(name)
    if (value === undefined || value === null || value === false) return []
    return Array.isArray(value) ? value.map(String) : [String(value)]
  }
  const read = (): string => {
    text ??= typeof data === 'string' ? data : Buffer.from((data ?? '') as Uint8Array).toString('utf8')
    return text
  }
  return {
    status,
    header: (name) => values(name)[0],
    headerValues: values,
    text: read,
    json: () => parsedJson(read()),
    get response() {
      return { status, statusText: '', headers, data: read(), config: { headers: new AxiosHeaders() } }
    },
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    return undefined
  }
}

/** An error's code and nothing else of it. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}

/**
 * The URL of a request of our own.
 *
 * @param base - the baseURL, for a relative one, which stays below it
 */
export function ownUrl(url: string, base: string): URL {
  return new URL(isAbsolute(url) ? url : `${base.replace(/\/$/, '')}/${url.startsWith('/') ? url.slice(1) : url}`)
}

/** Whether a URL names its scheme. */
export function isAbsolute(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(url)
}
