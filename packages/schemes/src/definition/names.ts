import type { SchemeDefinition } from './definition.js'
import type { Problems } from './problems.js'

/** What a scheme's homes can carry beside its own fields. */
export const ROLES = ['signature', 'keyId', 'timestamp', 'nonce', 'algorithm'] as const

/** One of the roles. */
type Role = (typeof ROLES)[number]

/** The roles and fields of a scheme, and where each is kept while a request is judged. */
export class Names {
  readonly #index = new Map<string, number>()

  readonly #optional: ReadonlySet<string>
  /** Where what the judge asks for is kept; undefined where the scheme does not have it. */
  readonly keyId: number | undefined
  readonly timestamp: number | undefined
  readonly nonce: number | undefined
  readonly algorithm: number | undefined

  constructor(definition: SchemeDefinition) {
    this.#optional = new Set(
      formatsOf(definition).flatMap((format) => [...format.matchAll(/\{([A-Za-z][A-Za-z0-9]*)\?\}/g)].map(([, name = '']) => name)),
    )
    const { timestamp, nonce, keyId, algorithm, fields = {} } = definition
    const roles: Record<Role, boolean> = {
      signature: true,
      keyId: keyId !== undefined || capturesKeyId(definition),
      timestamp: timestamp !== undefined,
      nonce: nonce !== undefined,
      algorithm: typeof algorithm === 'object',
    }
    for (const role of ROLES) if (roles[role]) this.#index.set(role, this.#index.size)
    for (const name of Object.keys(fields)) if (!this.#index.has(name)) this.#index.set(name, this.#index.size)
    this.keyId = this.#index.get('keyId')
    this.timestamp = this.#index.get('timestamp')
    this.nonce = this.#index.get('nonce')
    this.algorithm = this.#index.get('algorithm')
  }

  get all(): readonly string[] {
    return [...this.#index.keys()]
  }

  get size(): number {
    return this.#index.size
  }

  has(name: string): boolean {
    return this.#index.has(name)
  }

  index(name: string): number {
    return this.#index.get(name) as number
  }

  /** Like index; undefined for a name that the scheme does not have. */
  find(name: string): number | undefined {
    return this.#index.get(name)
  }

  /** Whether what carries it may do without. */
  mayLack(name: string): boolean {
    return this.#optional.has(name)
  }
}

/** Adds a problem for every name of a scheme that another thing has already. */
export function checkNames({ fields = {}, define = {}, algorithm }: SchemeDefinition, problems: Problems): void {
  const taken = (name: string) => (ROLES as readonly string[]).includes(name) || name === 'param' || name === 'secret'
  for (const name of Object.keys(fields)) {
    const home = name === 'algorithm' && typeof algorithm === 'object'
    if (taken(name) && !home) problems.add(`fields.${name}`, `{${name}} is a role or part of the language; choose another name`)
  }
  for (const name of Object.keys(define)) {
    if (taken(name)) problems.add(`define.${name}`, `{${name}} is a role or part of the language; choose another name`)
    if (Object.hasOwn(fields, name)) problems.add(`define.${name}`, `{${name}} is a field already; choose another name`)
  }
}

/** keyId needs no entry of its own where a format captures it. */
function capturesKeyId(definition: SchemeDefinition): boolean {
  return formatsOf(definition).some((format) => /\{keyId[?+]?\}/.test(format))
}

function formatsOf({ signature, timestamp, nonce, keyId, fields = {} }: SchemeDefinition): readonly string[] {
  return [signature, timestamp, nonce, keyId, ...Object.values(fields)].flatMap((home) => home?.format ?? [])
}
