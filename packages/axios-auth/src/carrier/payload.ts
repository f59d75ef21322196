import { isAnyArrayBuffer } from 'node:util/types'
import { axiosAuthError } from '../errors.js'

/** The body of a request, final. */
export interface Payload {
  /** Text is sent as UTF-8; undefined where there is no body. */
  readonly data: string | Buffer | undefined
  /** A body that can be read once only, in the place of data. */
  readonly stream: unknown
  /** The content type that goes with the octets, in the place of the caller's. */
  readonly contentType: string | undefined
}

/** No body. */
export const NOTHING: Payload = payload(undefined)

function payload(data: string | Buffer | undefined, contentType?: string): Payload {
  return { data, stream: undefined, contentType }
}

/** The `form-data` package, and whatever has its shape. */
interface StreamedForm {
  getHeaders(): Record<string, string>
  getBuffer(): Buffer
  getLengthSync(): number
  hasKnownLength(): boolean
}

/**
 * The body as it goes on the wire, of what axios's transformRequest made. A form gets its octets and boundary here, so that a
 * signature covers them and a retry sends the same. Forms and Blobs are held in memory; a stream stays one.
 *
 * @throws AxiosAuthError `ERR_AXIOS_BODY_KIND`
 */
export function payloadOf(data: unknown): Payload | Promise<Payload> {
  if (typeof data === 'string') return data === '' ? NOTHING : payload(data)
  if (!data) return NOTHING
  if (ArrayBuffer.isView(data)) return payload(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  if (isAnyArrayBuffer(data)) return payload(Buffer.from(data))
  if (data instanceof URLSearchParams) return payload(data.toString())
  if (data instanceof Blob) return blobPayload(data)
  if (isForm(data)) return formPayload(data)
  if (isStreamedForm(data)) return streamedFormPayload(data)
  if (isStream(data)) return { data: undefined, stream: data, contentType: undefined }
  throw axiosAuthError('ERR_AXIOS_BODY_KIND')
}

// The type is sent as the http adapter of axios sends it: none for an empty Blob.
async function blobPayload(blob: Blob): Promise<Payload> {
  const data = Buffer.from(await blob.arrayBuffer())
  return payload(data, blob.size > 0 ? blob.type || 'application/octet-stream' : undefined)
}

async function formPayload(form: FormData): Promise<Payload> {
  const encoded = new Response(form instanceof FormData ? form : copied(form))
  const contentType = encoded.headers.get('content-type') ?? undefined
  return payload(Buffer.from(await encoded.arrayBuffer()), contentType)
}

/** A form of another implementation than Node's, which Response would take for text. */
function copied(form: Iterable<[string, unknown]>): FormData {
  const copy = new FormData()
  for (const [name, value] of form) {
    if (value instanceof Blob) copy.append(name, value)
    else if (typeof value === 'string') copy.append(name, value)
    else throw axiosAuthError('ERR_AXIOS_BODY_KIND', 'the form contains something that is neither text nor a Blob of Node')
  }
  return copy
}

function isForm(data: object): data is FormData {
  const form = data as { append?: unknown; [Symbol.toStringTag]?: unknown; [Symbol.iterator]?: unknown }
  return typeof form.append === 'function' && form[Symbol.toStringTag] === 'FormData' && typeof form[Symbol.iterator] === 'function'
}

function streamedFormPayload(form: StreamedForm): Payload {
  const contentType = form.getHeaders()['content-type']
  const data = formOctets(form)
  return { data, stream: data === undefined ? form : undefined, contentType }
}

/** Undefined when a part of the form is a stream: then it has no octets yet. */
function formOctets(form: StreamedForm): Buffer | undefined {
  try {
    if (!form.hasKnownLength()) return undefined
    const octets = form.getBuffer()
    return octets.length === form.getLengthSync() ? octets : undefined
  } catch {
    return undefined
  }
}

function isStreamedForm(data: unknown): data is StreamedForm {
  const form = data as Partial<Record<keyof StreamedForm, unknown>>
  return ['getHeaders', 'getBuffer', 'getLengthSync', 'hasKnownLength'].every(
    (name) => typeof form[name as keyof StreamedForm] === 'function',
  )
}

function isStream(data: unknown): boolean {
  return data instanceof ReadableStream || typeof (data as { pipe?: unknown }).pipe === 'function'
}

/**
 * A transformRequest that runs before those of axios: the exact octets of a typed array or DataView, of which axios would send the
 * whole buffer underneath.
 */
export function exactOctets(data: unknown): unknown {
  if (!ArrayBuffer.isView(data) || Buffer.isBuffer(data)) return data
  return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}
