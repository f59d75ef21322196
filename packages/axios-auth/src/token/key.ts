import { createHmac } from 'node:crypto'
import type { TokenFields } from './fields.js'

/** What tells one token from another. */
export interface TokenIdentity {
  readonly tokenUrl: string
  readonly client: { readonly id: string | undefined; readonly fields: readonly string[] }
  /** The client's secret, which keeps whoever reads a store's keys from trying out passwords that stand in fields. */
  readonly secret: string | undefined
  /** Every other field of the request: grant type, audience, resources, further fields. */
  readonly fields: TokenFields
  readonly scopes: readonly string[]
  /** Where the token stands in the answer. */
  readonly shape: readonly string[]
}

/**
 * The key of a token in caches and stores: HMAC-SHA256 under the client's secret, base64url, over all that tells it from another. Each part has its length in front,
 * so no two of them run together; scopes and fields count as sets, in whatever order they were given.
 */
export function tokenKey(identity: TokenIdentity): string {
  const hash = createHmac('sha256', identity.secret ?? '')
  const add = (part: string) => hash.update(`${Buffer.byteLength(part)}:${part};`)
  const addAll = (parts: readonly string[]) => {
    add(String(parts.length))
    for (const part of parts) add(part)
  }
  add('countersign bearer 1')
  add(identity.tokenUrl)
  addAll(identity.client.id === undefined ? [] : [identity.client.id])
  addAll(identity.client.fields)
  addAll([...identity.scopes].sort())
  addAll(identity.shape)
  const fields = [...identity.fields].sort(([a], [b]) => (a < b ? -1 : 1))
  addAll(fields.map(([name]) => name))
  for (const [, value] of fields) addAll(Array.isArray(value) ? value : [typeof value === 'object' ? JSON.stringify(value) : String(value)])
  return hash.digest('base64url')
}
