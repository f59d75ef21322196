import axios, { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import type { Field, Outgoing } from './outgoing.js'
import type { Payload } from './payload.js'

/**
 * The caller's header fields by name in lower case, with the Content-Type of the body where it has one of its own. A Content-Length
 * counts for a stream alone: otherwise it is that of the octets which are sent.
 */
export function fieldsOf(config: InternalAxiosRequestConfig, { contentType, stream }: Payload): Map<string, Field> {
  const fields = new Map<string, Field>()
  const headers = config.headers as unknown as Record<string, unknown>
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined || value === null || name === '__proto__') continue
    const key = name.toLowerCase()
    if (key !== 'content-length' || stream !== undefined)
      fields.set(key, { name, value: fieldValue(value), by: undefined, secret: isSecret(key) })
  }
  if (contentType !== undefined) {
    fields.set('content-type', { name: 'Content-Type', value: contentType, by: undefined, secret: false })
  }
  if (!fields.has('user-agent')) fields.set('user-agent', AGENT)
  return fields
}

const AGENT: Field = Object.freeze({ name: 'User-Agent', value: `axios/${axios.VERSION}`, by: undefined, secret: false })

// Fields of the caller that a trace does not show either.
const SECRETS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key'])

function isSecret(key: string): boolean {
  return SECRETS.has(key)
}

function fieldValue(value: unknown): string | readonly string[] | false {
  if (value === false) return false
  return Array.isArray(value) ? value.map(String) : String(value)
}

/** The header fields as axios's adapters take them. They are made anew for each attempt, since adapters write to them. */
export function wireHeaders(request: Outgoing): AxiosHeaders {
  const headers = new AxiosHeaders()
  // Assigned as they are: set() compares each name with all others.
  const slots = headers as unknown as Record<string, unknown>
  for (const [key, { name, value }] of request.fields) if (!request.added.has(key)) slots[name] = value
  for (const { name, value } of request.added.values()) slots[name] = value
  return headers
}
