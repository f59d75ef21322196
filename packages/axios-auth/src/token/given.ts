import { type Clock, CountersignError, type SecretInput, within } from '@countersign/core/base'
import { nameAndCode } from '../answer/error-words.js'
import { SecretValue } from '../secret-text.js'
import type { TokenHolder } from './bearer-step.js'
import { TokenError } from './error.js'
import { isToken } from './text.js'

/** A function of the caller that gives tokens. */
export type TokenFunction = (asked: { readonly refused: string | undefined; readonly authScopes: unknown }) => unknown

/**
 * A token that is configured: as text, or as a source or list of which one counts now.
 *
 * @throws TypeError when it is blank or no token
 */
export function configuredToken(factory: string, option: string, token: SecretInput, now: Clock): TokenHolder {
  const problem = (octets: Buffer) =>
    isToken(octets.toString()) ? undefined : 'must be 1 to 16384 visible ASCII characters without spaces'
  const value = new SecretValue({ factory, option, now, make: (octets) => octets.toString(), problem }, token)
  return {
    current: () => value.read(),
    // A file or a date may have brought another one.
    refused: async (used) => (await value.read()) !== used,
  }
}

/**
 * Tokens of a function of the caller for one request, which is asked once for each attempt.
 *
 * @param authScopes - of the request; for the function to judge
 */
export function askedToken(ask: TokenFunction, timeoutMs: number, authScopes: unknown): TokenHolder {
  const asked = (refused: string | undefined): string | Promise<string> => {
    const answer = guarded(() => within<unknown>(timeoutMs, () => ask({ refused, authScopes })))
    return answer instanceof Promise ? answer.then(checked, failed) : checked(answer)
  }
  let next: string | undefined
  return {
    current: () => next ?? asked(undefined),
    async refused(used) {
      try {
        next = await asked(used)
        return next !== used
      } catch {
        // The answer that refused the token stands.
        return false
      }
    },
  }
}

function guarded<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    return failed(error)
  }
}

function checked(token: unknown): string {
  if (isToken(token)) return token
  throw new TokenError('ERR_AXIOS_TOKEN_UNUSABLE', 'the token function returned something that is not a token')
}

function failed(error: unknown): never {
  if (error instanceof CountersignError && error.code === 'ERR_LOOKUP_TIMEOUT') {
    throw new TokenError('ERR_AXIOS_TOKEN_TIMEOUT', 'the token function did not answer in time')
  }
  throw new TokenError('ERR_AXIOS_TOKEN_UNUSABLE', `the token function failed${nameAndCode(error)}`)
}
