import type { OptionReader } from '@countersign/core/base'
import { AllowedOrigins } from './origins.js'
import type { TraceEntry } from './trace.js'

/** What every factory of this package takes beside its own options. */
export interface CarrierOptions {
  /**
   * The origins that the credentials may go to: scheme, host and port of each. Default: that of the first baseURL that the
   * interceptor sees, from then on fixed. A request to any other fails with `ERR_AXIOS_ORIGIN`, and nothing is sent.
   */
  readonly origins?: string | readonly string[]
  /** Whether credentials may go over http:// to another host than this one. Default false. */
  readonly allowInsecure?: boolean
  /** Is shown each attempt once it is over: what was signed and sent, with secrets cut. */
  readonly trace?: (entry: TraceEntry) => void
}

/** The names of the options that every factory takes. */
export const carrierOptionNames = ['origins', 'allowInsecure', 'trace'] as const satisfies readonly (keyof CarrierOptions)[]

/** The options that every factory takes, checked. */
export interface CarrierSettings {
  readonly factory: string
  readonly origins: AllowedOrigins
  readonly trace: ((entry: TraceEntry) => void) | undefined
}

/**
 * Checks the options that every factory takes.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function carrierSettings(reader: OptionReader): CarrierSettings {
  return Object.freeze({
    factory: reader.factory,
    origins: new AllowedOrigins(reader),
    trace: reader.callback<(entry: TraceEntry) => void>('trace'),
  })
}
