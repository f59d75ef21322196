import type { Authenticator } from './authenticator.js'
import { checkAuthenticator } from './check-authenticator.js'
import { commitOnce, decide, settleOnce } from './decide.js'
import { refuse } from './errors.js'
import { invalidValue, OptionReader } from './options.js'
import { type Principal, principal } from './principal.js'
import type { AuthRequest } from './request.js'
import { absent, type Granted, granted, type Refused, type Verdict } from './verdict.js'

/** Options of `allOf`. */
export interface AllOfOptions {
  /**
   * Whether all credentials must be those of one client; else 403 `ERR_AUTH_OTHER_CLIENT`. Needs one registry behind all members,
   * since only then a client id means the same thing to each of them. Default false.
   */
  readonly sameClient?: boolean
}

/** Authenticators that are never absent, so that nothing behind them in an `anyOf` would ever run. */
const decisive = new WeakSet<Authenticator>()

/**
 * Accepts any one of several kinds of credentials. The first member whose verdict is not `absent` decides, and later ones do
 * not run: bad credentials of one kind never fall through to a weaker kind, and a member's throw is the whole one's.
 *
 * @throws TypeError without members, when one of them is no authenticator, or when `anonymous()` is not the last
 */
export function anyOf(...members: Authenticator[]): Authenticator {
  checkMembers('anyOf', members, 1)
  if (members.slice(0, -1).some((member) => decisive.has(member))) {
    throw invalidValue('anyOf', 'authenticators', 'must have anonymous() last: whatever stands behind it never runs')
  }
  const composed = composition('anyOf', members, (request) => firstPresent(members, 0, request))
  if (decisive.has(members.at(-1) as Authenticator)) decisive.add(composed)
  return composed
}

/**
 * Asks for several kinds of credentials at once. All members run in order; the first that refuses, answers or throws decides,
 * and one that is absent makes the whole absent (401 with all challenges). The principal is the first one's, with the others
 * under `also`. The commits run in order once all are granted; a claim that was made stays, should a later commit refuse.
 *
 * @param members - two or more authenticators; the last argument may be the options
 * Refuses with: `ERR_AUTH_OTHER_CLIENT` (403) with `sameClient`, and what its members refuse with
 * @throws TypeError with fewer than two members, an unknown option, or `sameClient` without one registry behind all members
 */
export function allOf(...args: [...Authenticator[], AllOfOptions] | Authenticator[]): Authenticator {
  const last: unknown = args.at(-1)
  const hasOptions = args.length > 0 && (typeof last !== 'object' || last === null || !('authenticate' in last))
  const members = (hasOptions ? args.slice(0, -1) : args) as Authenticator[]
  const isSame = new OptionReader('allOf', hasOptions ? last : undefined, ['sameClient']).boolean('sameClient', false)
  checkMembers('allOf', members, 2)
  if (isSame && sharedRegistry(members) === undefined) {
    throw invalidValue('allOf', 'sameClient', 'needs the same registry behind all authenticators; give each of them the registry option')
  }
  const composed = composition('allOf', members, (request) => everyOne(members, 0, [], false, isSame, request))
  if (members.every((member) => decisive.has(member))) decisive.add(composed)
  return composed
}

/** The explicit public route: everybody is granted, as client `anonymous`. For the last place in an `anyOf`. */
export function anonymous(): Authenticator {
  const verdict = granted(principal({ clientId: 'anonymous', scheme: 'anonymous', groups: [] }))
  const authenticator: Authenticator = Object.freeze({ name: 'anonymous', challenges: Object.freeze([]), authenticate: () => verdict })
  decisive.add(authenticator)
  return authenticator
}

function composition(factory: string, members: readonly Authenticator[], authenticate: Authenticator['authenticate']): Authenticator {
  const name = `${factory}(${members.map((member) => member.name).join(', ')})`
  const challenges = Object.freeze([...new Set(members.flatMap((member) => member.challenges))])
  const registry = sharedRegistry(members)
  return Object.freeze(registry === undefined ? { name, challenges, authenticate } : { name, challenges, registry, authenticate })
}

function firstPresent(members: readonly Authenticator[], from: number, request: AuthRequest): Verdict | Promise<Verdict> {
  for (let i = from; i < members.length; i += 1) {
    const verdict = decide(members[i] as Authenticator, request)
    if (verdict instanceof Promise) {
      return verdict.then((late) => (late.kind === 'absent' ? firstPresent(members, i + 1, request) : late))
    }
    if (verdict.kind !== 'absent') return verdict
  }
  return absent
}

/** An absent member does not end the walk: what a later one refuses must not pass where the guard is optional. */
function everyOne(
  members: readonly Authenticator[],
  from: number,
  grants: Granted[],
  isAbsent: boolean,
  isSame: boolean,
  request: AuthRequest,
): Verdict | Promise<Verdict> {
  let lacks = isAbsent
  for (let i = from; i < members.length; i += 1) {
    const verdict = decide(members[i] as Authenticator, request)
    if (verdict instanceof Promise) {
      return verdict.then((late) => {
        if (late.kind === 'refused' || late.kind === 'answered') return late
        if (late.kind === 'granted') grants.push(late)
        return everyOne(members, i + 1, grants, lacks || late.kind === 'absent', isSame, request)
      })
    }
    if (verdict.kind === 'refused' || verdict.kind === 'answered') return verdict
    if (verdict.kind === 'granted') grants.push(verdict)
    else lacks = true
  }
  return lacks ? absent : together(grants, isSame, request)
}

function together(grants: readonly Granted[], isSame: boolean, request: AuthRequest): Verdict {
  const [first, ...others] = grants.flatMap((grant) => [alone(grant.principal), ...(grant.principal.also ?? [])])
  const leader = first as Principal
  if (isSame && others.some((other) => other.clientId !== leader.clientId)) return refuse('ERR_AUTH_OTHER_CLIENT')
  return granted(principal({ ...leader, also: Object.freeze(others) }), {
    commit: () => commitAll(grants, 0, request),
    settle: (status) => settleAll(grants, request, status),
  })
}

function alone(whole: Principal): Principal {
  if (whole.also === undefined) return whole
  const { also: _, ...rest } = whole
  return principal(rest)
}

function commitAll(grants: readonly Granted[], from: number, request: AuthRequest): ReturnType<typeof commitOnce> {
  for (let i = from; i < grants.length; i += 1) {
    const refused: undefined | Refused | Promise<undefined | Refused> = commitOnce(request, grants[i] as Granted)
    if (refused instanceof Promise) return refused.then((late) => late ?? commitAll(grants, i + 1, request))
    if (refused !== undefined) return refused
  }
  return undefined
}

async function settleAll(grants: readonly Granted[], request: AuthRequest, status: number): Promise<void> {
  const results = await Promise.allSettled(grants.map(async (grant) => settleOnce(request, grant, status)))
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several members did not settle')
}

function sharedRegistry(members: readonly Authenticator[]): object | undefined {
  const registry = members[0]?.registry
  return members.every((member) => member.registry === registry) ? registry : undefined
}

function checkMembers(factory: string, members: readonly Authenticator[], least: number): void {
  if (members.length < least) throw invalidValue(factory, 'authenticators', `must be at least ${least}; got ${members.length}`)
  for (const member of members) checkAuthenticator(factory, member)
}
