import type { BasicCredential } from '@countersign/core'
import { type Refused, within } from '@countersign/core/base'
import type { Match } from '@countersign/core/keys'
import type { BasicSettings } from './basic-options.js'
import type { Credentials } from './credentials.js'
import { refuse } from './errors.js'

/** A credential that holds now, or why there is none. */
export type Proved = Match<BasicCredential> | Refused

type Found = readonly Match<BasicCredential>[] | undefined

/** Finds the credentials of a user, in time. */
export function findUser({ clients, timeoutMs }: BasicSettings, user: string): Found | Promise<Found> {
  return within(timeoutMs, () => clients.findUser(user))
}

/**
 * Finds whose password it is, at the cost of one derivation. While it was derived the client may have changed, so what counts is what
 * the registry says after that.
 */
export function provePassword(settings: BasicSettings, { user, password }: Credentials): Proved | Promise<Proved> {
  let isKnown = false
  const seen = (found: Found) => {
    isKnown = found !== undefined
    return found
  }
  const find = () => {
    const found = findUser(settings, user)
    return found instanceof Promise ? found.then(seen) : seen(found)
  }
  const nobody = () => refuse('ERR_BASIC_WRONG', isKnown ? 'the password is wrong' : 'the user name is unknown')
  const answer = settings.clients.passwords.check(password, find)
  if (answer === 'busy') return refuse('ERR_BASIC_BUSY', undefined, { 'Retry-After': '1' })
  if (!(answer instanceof Promise)) return held(settings, answer) ?? nobody()
  return answer.then(async (fitting) => {
    if (fitting === 'busy' || fitting.length === 0) return nobody()
    const verifiers = new Set(fitting.map(({ credential }) => credential.verifier))
    const current = (await find())?.filter(({ credential }) => verifiers.has(credential.verifier))
    return held(settings, current ?? []) ?? nobody()
  })
}

/** Of several credentials with this password one that holds; else why the first does not. */
function held({ now }: BasicSettings, fitting: readonly Match<BasicCredential>[]): Proved | undefined {
  const nowMs = now()
  const active = fitting.find((match) => match.state(nowMs) === 'active')
  const [first] = fitting
  if (active !== undefined || first === undefined) return active
  const state = first.state(nowMs)
  return refuse(state === 'early' ? 'ERR_BASIC_EARLY' : state === 'expired' ? 'ERR_BASIC_EXPIRED' : 'ERR_BASIC_DISABLED')
}
