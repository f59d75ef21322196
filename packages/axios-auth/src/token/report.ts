import { channel } from 'node:diagnostics_channel'
import type { AuthEvent } from '@countersign/core/base'

const errors = channel('countersign:error')

/**
 * Publishes on `countersign:error` what befell no request, and would otherwise be seen by nobody: a renewal behind the back of the
 * callers, or a store that is down.
 *
 * @param name - of the definition
 */
export function reportFailure(name: string, path: string, error: unknown): void {
  if (!errors.hasSubscribers) return
  const { code, status, message } = error as { code?: string; status?: number; message?: string }
  const event: AuthEvent = Object.freeze({
    authenticator: name,
    method: 'POST',
    path,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { reason: message }),
    error,
  })
  errors.publish(event)
}
