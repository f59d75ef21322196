import { types } from 'node:util'
import { invalidType, invalidValue, type SecretMaterial, type SecretSource, secretSet } from '@countersign/core/base'

/** A member of the data: what JSON holds, or a secret whose text is asked for at each login. What is undefined is refused. */
export type SessionValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | SecretSource
  | readonly SessionValue[]
  | { readonly [name: string]: SessionValue }

/** What a login or logout sends: members for JSON or a form, or text that goes as it is. */
export type SessionData = string | { readonly [name: string]: SessionValue }

/** The body of a request. */
export interface SessionBody {
  readonly octets: Buffer
  readonly contentType: string
}

const DEEPEST = 16

/**
 * A copy of the data that later changes of the caller do not reach.
 *
 * @throws TypeError that names the member which is undefined, a function, a promise or nested too deeply; never its value
 */
export function checkedData(factory: string, option: string, data: unknown): SessionData {
  if (typeof data === 'string') return data
  if (!isRecord(data) || isSource(data)) throw invalidType(factory, option, 'an object, text, or a function that returns one', data)
  return copied(factory, option, data, 0) as SessionData
}

/**
 * The octets of a body, with the secrets as they are now.
 *
 * Text goes as it is, as `text/plain` unless the headers of the request say otherwise.
 *
 * @throws CountersignError `ERR_SECRET_STALE`, `ERR_SECRET_UNUSABLE`; TypeError for what a form cannot hold
 */
export function bodyOf(factory: string, option: string, data: SessionData, format: 'json' | 'form'): SessionBody {
  if (typeof data === 'string') return { octets: Buffer.from(data), contentType: 'text/plain;charset=utf-8' }
  const plain = resolved(factory, option, data) as Record<string, unknown>
  if (format === 'json') return { octets: Buffer.from(JSON.stringify(plain)), contentType: 'application/json' }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(plain)) {
    for (const entry of Array.isArray(value) ? value : [value]) {
      if (typeof entry === 'object')
        throw invalidValue(factory, `${option}.${name}`, 'cannot be sent in a form; write text, a number or a list')
      form.append(name, String(entry))
    }
  }
  return { octets: Buffer.from(form.toString()), contentType: 'application/x-www-form-urlencoded' }
}

/**
 * The text of a secret as it is now.
 *
 * @throws CountersignError when its source has none
 */
export function secretText(factory: string, option: string, value: string | SecretSource): string {
  if (typeof value === 'string') return value
  const set = secretSet(factory, option, value, { now: Date.now, timeoutMs: 1, allowWeak: true })
  const [secret] = set.active(undefined) as readonly { readonly material: SecretMaterial }[]
  if (secret === undefined) throw invalidValue(factory, option, 'contains no secret that is valid now')
  const { material } = secret
  if (typeof material === 'string') return material
  return Buffer.from(types.isUint8Array(material) ? material : material.export()).toString('utf8')
}

/** Whether a value is a source of secrets, such as `secretFromEnv(name)` answers. */
export function isSource(value: unknown): value is SecretSource {
  return typeof value === 'object' && value !== null && typeof (value as { current?: unknown }).current === 'function'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return isSource(value) || Object.getPrototypeOf(value) === null || Object.getPrototypeOf(Object.getPrototypeOf(value)) === null
}

function copied(factory: string, path: string, value: unknown, depth: number): unknown {
  if (depth > DEEPEST) throw invalidValue(factory, path, `is nested deeper than ${DEEPEST}, or contains itself`)
  if (Array.isArray(value)) return value.map((entry, i) => copied(factory, `${path}[${i}]`, entry, depth + 1))
  if (isSource(value)) return value
  if (isRecord(value)) {
    const copy: Record<string, unknown> = Object.create(null)
    for (const [name, member] of Object.entries(value)) copy[name] = copied(factory, `${path}.${name}`, member, depth + 1)
    return copy
  }
  if (value === undefined) throw invalidValue(factory, path, 'is undefined; check the variable it comes from, or remove it')
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
  throw invalidType(factory, path, 'text, a number, true, false, null, a source such as secretFromEnv(name), a list or an object', value)
}

function resolved(factory: string, path: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry, i) => resolved(factory, `${path}[${i}]`, entry))
  if (isSource(value)) return secretText(factory, path, value)
  if (typeof value !== 'object' || value === null) return value
  const plain: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value)) plain[name] = resolved(factory, `${path}.${name}`, member)
  return plain
}
