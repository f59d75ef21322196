import { warnOnce } from './events.js'
import { isThenable } from './thenable.js'

/** What is told of uses, of a registry. */
interface UsesTold<M> {
  used?(match: M, nowMs: number): void
}

/**
 * Tells a registry that a credential was accepted. Not waited for, and nothing is decided by it: where a registry of somebody's own
 * throws, or answers a promise that rejects, the operator is warned, once, and the request goes on.
 */
export function noteUse<M>(clients: UsesTold<M> | undefined, match: M, nowMs: number): void {
  try {
    const answer: unknown = clients?.used?.(match, nowMs)
    if (isThenable(answer)) Promise.resolve(answer).then(undefined, warn)
  } catch {
    warn()
  }
}

function warn(): void {
  warnOnce('ERR_CLIENT_USE_LOST', 'a registry of clients failed to record that a credential was used; its last-used times are incomplete')
}
