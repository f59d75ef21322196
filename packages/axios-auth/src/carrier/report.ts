import { isSignedObserved, publishSigned } from '@countersign/core/base'
import type { Outgoing } from './outgoing.js'
import { traced } from './trace.js'
import type { Vehicle } from './vehicle.js'

/** When an attempt began, milliseconds; undefined where nobody asks. */
export function startClock({ legs }: Vehicle): number | undefined {
  return legs.some((leg) => leg.settings.trace !== undefined) ? performance.now() : undefined
}

/** Tells the channel `countersign:signed`, and the functions given as `trace`, of an attempt that is over. */
export function report(request: Outgoing, { legs }: Vehicle, clock: number | undefined, status: number | undefined, error: unknown): void {
  const isObserved = isSignedObserved()
  if (!isObserved && clock === undefined) return
  const kinds = Object.freeze(legs.map((leg) => leg.step.name))
  const { method, origin, attempt, draftTarget } = request
  if (isObserved) publishSigned(Object.freeze({ kinds, method, origin, path: draftTarget.split('?', 1)[0] as string, attempt }))
  if (clock === undefined) return
  const code = (error as { code?: unknown } | undefined)?.code
  const outcome = { kinds, status, code: typeof code === 'string' ? code : undefined, durationMs: performance.now() - clock }
  const told = new Set<unknown>()
  for (const { settings } of legs) {
    if (settings.trace === undefined || told.has(settings.trace)) continue
    told.add(settings.trace)
    traced(settings.trace, request, outcome)
  }
}
