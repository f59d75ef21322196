import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { unitOf } from '../time/units.js'
import { capturedAt } from './carried.js'

/** Whether the time of a request was read. */
export function isTimeRead(scheme: CompiledScheme, reading: Reading): boolean {
  return capturedAt(reading, scheme.names.timestamp) !== undefined
}

/** Judges the time, where it was read. */
export function checkTime(scheme: CompiledScheme, reading: Reading, now: number): void {
  const { timestamp } = scheme.facts
  const text = capturedAt(reading, scheme.names.timestamp)
  if (timestamp === undefined || text === undefined) return
  const signedAt = unitOf(timestamp.unit).read(text)
  if (signedAt === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the timestamp is no time in ${timestamp.unit}`)
  reading.signedAt = signedAt
  const late = untimely(now - signedAt, timestamp)
  if (late === undefined) return
  // Who is told our clock has to prove first that the key is his: the refusal waits until the signature was compared.
  if (scheme.hint === undefined) throw late
  reading.late = late
}

function untimely(age: number, window: { readonly toleranceSeconds: number; readonly futureSeconds: number }): SchemeRefusal | undefined {
  if (age > window.toleranceSeconds * 1000) return new SchemeRefusal('ERR_HMAC_STALE', `the timestamp is ${Math.round(age / 1000)} s old`)
  if (-age <= window.futureSeconds * 1000) return undefined
  return new SchemeRefusal('ERR_HMAC_FUTURE', `the timestamp is ${Math.round(-age / 1000)} s ahead`)
}
