import { warnOnce } from './events.js'
import { isThenable } from './thenable.js'

/** What is told of uses, of a registry. */
interface UsesTold<M> {
  used?(match: M, nowMs: number): void
}

/**
 * Tells a registry that a credential was accepted. Not waited for: where a registry of somebody's own answers a promise that rejects,
 * the operator is warned, once; it is no unhandled rejection, and the request goes on.
 */
export function noteUse<M>(clients: UsesTold<M> | undefined, match: M, nowMs: number): void {
  const answer: unknown = clients?.used?.(match, nowMs)
  if (isThenable(answer)) Promise.resolve(answer).then(undefined, () => warnOnce('ERR_CLIENT_USE_LOST', USE_LOST))
}

const USE_LOST = 'a registry of clients rejected when it was told that a credential was used; its last-used times are behind'
