import type { SchemeCode } from './errors.js'

/** What a refusal tells beside its code and reason. */
export interface RefusalFacts {
  /** Whether the request carries no credentials of this scheme at all. */
  readonly absent?: boolean
  /** The header field whose value is in the form of another scheme. */
  readonly elsewhere?: string | undefined
  /** Fields of the answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Thrown inside the engine when a request cannot hold, and turned into a verdict at its edge. */
export class SchemeRefusal extends Error {
  readonly code: SchemeCode
  readonly absent: boolean
  readonly elsewhere: string | undefined
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: SchemeCode, reason: string, facts: RefusalFacts = {}) {
    super(reason)
    const { absent = false, elsewhere, headers }: RefusalFacts = Object.assign(Object.create(null), facts)
    this.name = 'SchemeRefusal'
    this.code = code
    this.absent = absent
    this.elsewhere = elsewhere
    this.headers = headers
  }
}
