import type { SchemeCode } from './errors.js'

/** Thrown inside the engine when a request cannot hold, and turned into a verdict at its edge. */
export class SchemeRefusal extends Error {
  readonly code: SchemeCode
  /** Whether the request carries no credentials of this scheme at all. */
  readonly absent: boolean

  constructor(code: SchemeCode, reason: string, absent = false) {
    super(reason)
    this.name = 'SchemeRefusal'
    this.code = code
    this.absent = absent
  }
}
