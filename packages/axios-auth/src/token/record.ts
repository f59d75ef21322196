import { isToken } from './text.js'

/** A token and its times, milliseconds since the epoch. */
export interface HeldToken {
  readonly token: string
  /** When it was asked for. */
  readonly from: number
  /** When its life is over. */
  readonly until: number
  /** From then on it is renewed while it is still used. */
  readonly refreshFrom: number
  /** From then on callers wait for the next one. */
  readonly waitFrom: number
  /** How a store holds it. */
  readonly text: string
}

/** When a token is renewed. */
export interface Renewal {
  /** The share of its life after which it is renewed, above 0 and at most 1. */
  readonly refreshAt: number
  /** How long before its end callers wait for the next one, milliseconds; at least a tenth of its life, at most half of it. */
  readonly skewMs: number
}

const VERSION = 1

/** A token with the times that follow from its life. Times that are no numbers make one that nobody uses. */
export function heldToken(token: string, from: number, until: number, renewal: Renewal, text = recordText(token, from, until)): HeldToken {
  const life = until - from
  const waitFrom = until - Math.max(Math.min(renewal.skewMs, life / 2), life / 10)
  return { token, from, until, refreshFrom: Math.min(from + life * renewal.refreshAt, waitFrom), waitFrom, text }
}

/** Reads what a store holds; undefined for what is not of this library and version, or is no token that can be sent. */
export function storedToken(text: unknown, renewal: Renewal): HeldToken | undefined {
  if (typeof text !== 'string') return undefined
  const record = parsed(text)
  if (record?.['v'] !== VERSION) return undefined
  const { token, from, until } = record
  const isWhole = isToken(token) && Number.isFinite(from) && Number.isFinite(until) && (from as number) < (until as number)
  return isWhole ? heldToken(token, from as number, until as number, renewal, text) : undefined
}

function recordText(token: string, from: number, until: number): string {
  return JSON.stringify({ v: VERSION, token, from, until })
}

/** The own members of a JSON object, without a prototype; what is no object has none that are asked for. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object.assign(Object.create(null), JSON.parse(text))
  } catch {
    return undefined
  }
}
