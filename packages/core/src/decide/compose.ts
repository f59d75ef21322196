import type { Authenticator } from '../authenticator.js'
import { refuse } from '../errors.js'
import { invalidValue, OptionReader } from '../options.js'
import { type Principal, principal } from '../principal.js'
import type { AuthRequest } from '../request/request.js'
import { absent, type Granted, granted, type Refused, type Verdict } from '../verdict.js'
import { checkAuthenticator } from './check-authenticator.js'
import { commitOnce, decide, settleOnce } from './decide.js'

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
 * not run: bad credentials of one kind never fall through to a weaker kind, and a member's throw is the whole one's. Where two
 * schemes write into one header field and a prefix tells them apart, each takes its own; a value that none takes is refused.
 *
 * @throws TypeError without members, when one of them is no authenticator, or when `anonymous()` is not the last
 */
export function anyOf(...members: Authenticator[]): Authenticator {
  checkMembers('anyOf', members, 1)
  if (members.slice(0, -1).some((member) => decisive.has(member))) {
    throw invalidValue('anyOf', 'authenticators', 'must have anonymous() last: members after it never run')
  }
  const composed = composition('anyOf', members, (request) =>
    firstPresent({ members, request, challenges: undefined, elsewhere: undefined }),
  )
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
  const hasOptions = typeof last !== 'object' || last === null || !('authenticate' in last)
  const members = (hasOptions ? args.slice(0, -1) : args) as Authenticator[]
  const reader = new OptionReader('allOf', hasOptions ? last : undefined, ['sameClient'])
  const isSame = reader.asksFor('sameClient') && reader.boolean('sameClient', false)
  checkMembers('allOf', members, 2)
  if (isSame && sharedRegistry(members) === undefined) {
    throw invalidValue('allOf', 'sameClient', 'needs all authenticators to use one registry; give each of them the registry option')
  }
  const composed = composition('allOf', members, (request) =>
    everyOne({ members, request, challenges: undefined, isSame, grants: [], lacks: false }),
  )
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
  const challenges = distinct(members.map((member) => member.challenges))
  const registry = sharedRegistry(members)
  const fields = distinct(members.map((member) => member.fields ?? []))
  return Object.freeze({
    name,
    challenges,
    authenticate,
    ...(registry !== undefined && { registry }),
    ...(fields.length > 0 && { fields }),
  })
}

/** One evaluation of a composition. */
interface Walk {
  readonly members: readonly Authenticator[]
  readonly request: AuthRequest
  /** What members said for this request in place of their own challenges, by their place. */
  challenges: (readonly string[] | undefined)[] | undefined
}

/** One evaluation of an `anyOf`. */
interface EitherWalk extends Walk {
  /** What a member has refused because it is in the form of another scheme. */
  elsewhere: Refused | undefined
}

/** One evaluation of an `allOf`. */
interface WholeWalk extends Walk {
  readonly isSame: boolean
  readonly grants: Granted[]
  lacks: boolean
}

function firstPresent(walk: EitherWalk, from = 0): Verdict | Promise<Verdict> {
  for (let i = from; i < walk.members.length; i += 1) {
    const member = walk.members[i] as Authenticator
    // Bad credentials of one kind are no request without: nobody is asked but who reads the field that they stand in.
    const field = walk.elsewhere?.elsewhere
    if (field !== undefined && member.fields?.includes(field) !== true) continue
    const verdict = decide(member, walk.request)
    if (verdict instanceof Promise) return verdict.then((late) => taken(walk, i, late) ?? firstPresent(walk, i + 1))
    const end = taken(walk, i, verdict)
    if (end !== undefined) return end
  }
  return withChallenges(walk, walk.elsewhere ?? absent)
}

/** Takes one member's verdict down, and gives the whole one's when that decides. */
function taken(walk: EitherWalk, place: number, verdict: Verdict): Verdict | undefined {
  noteChallenges(walk, place, verdict)
  if (verdict.kind === 'absent') return undefined
  if (verdict.kind !== 'refused' || verdict.elsewhere === undefined) return withChallenges(walk, verdict)
  walk.elsewhere ??= verdict
  return undefined
}

/** An absent member does not end the walk: what a later one refuses must not pass where the guard is optional. */
function everyOne(walk: WholeWalk, from = 0): Verdict | Promise<Verdict> {
  for (let i = from; i < walk.members.length; i += 1) {
    const verdict = decide(walk.members[i] as Authenticator, walk.request)
    if (verdict instanceof Promise) return verdict.then((late) => ended(walk, i, late) ?? everyOne(walk, i + 1))
    const end = ended(walk, i, verdict)
    if (end !== undefined) return end
  }
  return walk.lacks ? withChallenges(walk, absent) : together(walk.grants, walk.isSame, walk.request)
}

/** Takes one member's verdict down, and gives the whole one's when that decides. */
function ended(walk: WholeWalk, place: number, verdict: Verdict): Verdict | undefined {
  noteChallenges(walk, place, verdict)
  if (verdict.kind === 'refused' || verdict.kind === 'answered') return withChallenges(walk, verdict)
  if (verdict.kind === 'granted') walk.grants.push(verdict)
  else walk.lacks = true
  return undefined
}

function noteChallenges(walk: Walk, place: number, verdict: Verdict): void {
  if ((verdict.kind !== 'absent' && verdict.kind !== 'refused') || verdict.challenges === undefined) return
  walk.challenges ??= []
  walk.challenges[place] = verdict.challenges
}

/** Where a member has challenges of its own for this request, the 401 carries them beside those of the others. */
function withChallenges(walk: Walk, verdict: Verdict): Verdict {
  const own = walk.challenges
  if (own === undefined || (verdict.kind !== 'absent' && verdict.kind !== 'refused')) return verdict
  return { ...verdict, challenges: distinct(walk.members.map((member, i) => own[i] ?? member.challenges)) }
}

function distinct(lists: readonly (readonly string[])[]): readonly string[] {
  return Object.freeze([...new Set(lists.flat())])
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
