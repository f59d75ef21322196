import { createHash } from 'node:crypto'
import { warnOnce } from '@countersign/core/base'
import type { Outgoing } from './outgoing.js'

/** What one attempt signed and sent, and what came of it. Frozen; credentials are cut. */
export interface TraceEntry {
  /** The factories whose steps ran, in order. */
  readonly kinds: readonly string[]
  /** 1, or 2 for the retry. */
  readonly attempt: number
  readonly method: string
  /** With `[secret]` in the place of what a step has put into the query. */
  readonly url: string
  /** Names and values in turns as they went on the wire, with `[secret, <n> characters]` in the place of credentials. */
  readonly headers: readonly string[]
  /** Octets of the body; undefined for a stream, and where a handshake sends none. */
  readonly bodyBytes: number | undefined
  /** The SHA-256 of the body, lower-case hex; undefined for a stream, and for a body that a session stands in. */
  readonly bodySha256: string | undefined
  /** The messages that were signed, as the steps gave them; `[secret]` where a session stands in the query or the body. */
  readonly signed: readonly (string | Uint8Array)[]
  /** The status of the answer; undefined when there was none. */
  readonly status: number | undefined
  /** The code of the error that came in the place of an answer. */
  readonly code: string | undefined
  readonly durationMs: number
}

/** Shows an attempt to the caller's function. What that throws does not befall the request. */
export function traced(
  trace: (entry: TraceEntry) => void,
  request: Outgoing,
  outcome: Pick<TraceEntry, 'kinds' | 'status' | 'code' | 'durationMs'>,
): void {
  try {
    trace(entryOf(request, outcome))
  } catch {
    warnOnce('ERR_AXIOS_TRACE', 'the trace function threw, or an attempt could not be shown to it')
  }
}

function entryOf(request: Outgoing, outcome: Pick<TraceEntry, 'kinds' | 'status' | 'code' | 'durationMs'>): TraceEntry {
  const body = request.sendsBody ? request.body : undefined
  return Object.freeze({
    ...outcome,
    attempt: request.attempt,
    method: request.method,
    url: request.origin + shownTarget(request),
    headers: Object.freeze(request.shownHeaders((value, { secret }) => (secret ? cut(value) : value))),
    bodyBytes: body?.length,
    bodySha256: body === undefined || isSecret(body, request) ? undefined : createHash('sha256').update(body).digest('hex'),
    // A scheme may write what it signs in any form, so that nobody could find the secret in it.
    signed: Object.freeze(request.messages.map((message) => (request.hidden.size > 0 ? '[secret]' : message))),
  })
}

/** The digest of a body whose only unknown part is short would tell that part. */
function isSecret(body: Uint8Array, { hidden }: Outgoing): boolean {
  const octets = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return [...hidden].some((text) => octets.includes(text))
}

/** What stands in the place of a value that is not shown. */
function cut(value: string): string {
  return `[secret, ${value.length} characters]`
}

/** The target as sent, where what the caller's own did not hold is cut. */
function shownTarget(request: Outgoing): string {
  if (request.target === request.draftTarget) return request.target
  const [path = '', query] = split(request.target)
  const [ownPath = '', ownQuery = ''] = split(request.draftTarget)
  const own = new Set(ownQuery.split('&'))
  const shown = query?.split('&').map((pair) => (own.has(pair) ? pair : `${pair.split('=', 1)[0]}=[secret]`))
  return (path === ownPath ? path : '/[secret]') + (shown === undefined ? '' : `?${shown.join('&')}`)
}

function split(target: string): [string, string?] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}
