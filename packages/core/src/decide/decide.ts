import type { Authenticator } from '../authenticator.js'
import { coreError } from '../errors.js'
import { type Principal, principal } from '../principal.js'
import type { AuthRequest } from '../request/request.js'
import { isThenable } from '../thenable.js'
import type { Granted, Refused, Verdict } from '../verdict.js'
import { areChallenges } from './check-authenticator.js'
import { ownVerdict } from './own-verdict.js'

/** What has been decided and done about one request. */
interface Memory {
  readonly request: AuthRequest
  /** The authenticator that answered first. Most requests see no other, and a Map costs more than a small verdict. */
  first: Authenticator | undefined
  verdict: Verdict | Promise<Verdict> | undefined
  others?: Map<Authenticator, Verdict | Promise<Verdict>>
  commits?: Map<Granted, CommitResult>
  settled?: Set<Granted>
}

type CommitResult = undefined | Refused | Promise<undefined | Refused>

/** Kept on the request itself, as exchange.ts says why. */
const kMemory = Symbol('countersign.memory')

/**
 * The verdict of an authenticator about a request: asked for once and remembered, so that a guard mounted twice, or a member
 * of two compositions, is evaluated once. A synchronous verdict stays synchronous.
 *
 * @throws what the authenticator throws, again on every call; CountersignError `ERR_AUTH_DEFECT` when its answer is no verdict
 */
export function decide(authenticator: Authenticator, request: AuthRequest): Verdict | Promise<Verdict> {
  const memory = memoryOf(request)
  const known = memory.first === authenticator ? memory.verdict : memory.others?.get(authenticator)
  if (known !== undefined) return known
  const verdict = ask(authenticator, request)
  if (memory.first === undefined) {
    memory.first = authenticator
    memory.verdict = verdict
  } else {
    memory.others ??= new Map()
    memory.others.set(authenticator, verdict)
  }
  return verdict
}

/**
 * Runs the commit of a granted verdict, once per request however often it is asked for.
 *
 * @returns undefined, or the refusal that takes the place of the verdict
 * @throws what the commit throws; CountersignError `ERR_AUTH_DEFECT` when it answers anything else
 */
export function commitOnce(request: AuthRequest, granted: Granted): CommitResult {
  if (granted.commit === undefined) return undefined
  const memory = memoryOf(request)
  memory.commits ??= new Map()
  if (memory.commits.has(granted)) return memory.commits.get(granted)
  const result = attempt(() => checkedCommit(granted.commit?.()))
  memory.commits.set(granted, result)
  return result
}

/** Tells a granted verdict the status of the finished response, once per request. */
export function settleOnce(request: AuthRequest, granted: Granted, status: number): void | Promise<void> {
  if (granted.settle === undefined) return undefined
  const memory = memoryOf(request)
  memory.settled ??= new Set()
  if (memory.settled.has(granted)) return undefined
  memory.settled.add(granted)
  return granted.settle(status)
}

function memoryOf(request: AuthRequest): Memory {
  const holder = request as { [kMemory]?: Memory }
  const found = holder[kMemory]
  // A changed copy of a request is another request: `{ ...request, target }` brings the memory of the first along.
  if (found?.request === request) return found
  if (!Object.isExtensible(request)) return frozenMemoryOf(request)
  const memory = newMemory(request)
  holder[kMemory] = memory
  return memory
}

function newMemory(request: AuthRequest): Memory {
  return { request, first: undefined, verdict: undefined }
}

const frozen = new WeakMap<AuthRequest, Memory>()

function frozenMemoryOf(request: AuthRequest): Memory {
  const memory = frozen.get(request) ?? newMemory(request)
  frozen.set(request, memory)
  return memory
}

function ask(authenticator: Authenticator, request: AuthRequest): Verdict | Promise<Verdict> {
  return attempt(() => {
    const answer: unknown = authenticator.authenticate(request)
    return isThenable(answer) ? Promise.resolve(answer).then(checkedVerdict) : checkedVerdict(answer)
  })
}

/** A throw is remembered as the rejection that it would have been in an asynchronous function. */
function attempt<T>(run: () => T | Promise<T>): T | Promise<T> {
  try {
    return run()
  } catch (error) {
    return Promise.reject(error)
  }
}

function checkedVerdict(answer: unknown): Verdict {
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, 'kind')) throw noVerdict('no verdict object')
  const verdict = ownVerdict(answer as Verdict)
  switch (verdict.kind) {
    case 'absent':
      checkOwnChallenges(verdict.challenges)
      return verdict
    case 'refused':
      checkOwnChallenges(verdict.challenges)
      if (typeof verdict.code !== 'string' || !isStatus(verdict.status, 400)) throw noVerdict('a refusal without code or status')
      return verdict
    case 'answered':
      if (!isStatus(verdict.status, 200) || !isContent(verdict.body)) throw noVerdict('an answer without status or body')
      return verdict
    case 'granted':
      return checkedGranted(verdict)
    default:
      throw noVerdict('a verdict of unknown kind')
  }
}

function checkOwnChallenges(challenges: unknown): void {
  if (challenges !== undefined && !areChallenges(challenges)) throw noVerdict('challenges that a header field cannot carry')
}

function checkedGranted(verdict: Granted): Granted {
  const claimed: unknown = verdict.principal
  if (typeof claimed !== 'object' || claimed === null) throw noVerdict('granted without a principal')
  const { clientId, groups } = claimed as Partial<Principal>
  if (!Object.hasOwn(claimed, 'clientId') || typeof clientId !== 'string' || clientId === '') throw noVerdict('granted without a clientId')
  if (!Object.hasOwn(claimed, 'groups') || !Array.isArray(groups)) throw noVerdict('granted without groups')
  if (!isStep(verdict.commit) || !isStep(verdict.settle)) throw noVerdict('granted with a step that is not a function')
  return Object.isFrozen(claimed) ? verdict : { ...verdict, principal: principal(verdict.principal) }
}

function checkedCommit(answer: unknown): CommitResult {
  if (isThenable(answer)) return Promise.resolve(answer).then((value) => checkedCommit(value))
  if (answer === undefined) return undefined
  const verdict = typeof answer === 'object' ? checkedVerdict(answer) : undefined
  if (verdict?.kind !== 'refused') throw noVerdict('a commit that is neither done nor refused')
  return verdict
}

function noVerdict(what: string) {
  return coreError('ERR_AUTH_DEFECT', `an authenticator answered ${what}`)
}

/** Whether a value is a status code of at least `least`. */
export function isStatus(status: unknown, least: number): boolean {
  return Number.isInteger(status) && (status as number) >= least && (status as number) <= 599
}

function isContent(body: unknown): boolean {
  return typeof body === 'string' || body instanceof Uint8Array
}

function isStep(step: unknown): boolean {
  return step === undefined || typeof step === 'function'
}
