import type { Answer, OutgoingRequest, Step, Verdict } from '../carrier/step.js'
import { axiosAuthError } from '../errors.js'
import { fits } from './carry.js'
import { sessionError } from './errors.js'
import type { OpenSession } from './opened.js'
import { placeSession } from './place.js'
import type { SessionPool } from './pool.js'
import type { SessionSlot } from './slot.js'

/** What a request holds while it is under way. */
interface Held {
  readonly step: SessionStep
  /** The request as it was made first. */
  readonly first: OutgoingRequest
  isOver: boolean
  /** Ends its wait for a place. */
  waiting: AbortController | undefined
  /** The place that the request has to itself. */
  taken: SessionSlot | undefined
  /** The place that it uses. */
  slot: SessionSlot | undefined
  /** The session that its last attempt carried. */
  session: OpenSession | undefined
  /** The session's token at that time: a server may change its cookie with every answer. */
  token: string | undefined
  /** The answer that was looked at last. */
  seen: Answer | undefined
  /** Whether that said that the session is over. */
  isRefused: boolean
  /** Whether the session was given up, or others had done so. */
  isReplaced: boolean
}

/** Who holds what, by the config of the request: all steps of one pool look at the same. */
export type Holdings = WeakMap<object, Held>

/** Puts a session on requests. */
export class SessionStep implements Step {
  readonly name = 'session'
  readonly stage = 'token'
  readonly #pool: SessionPool
  readonly #holdings: Holdings
  readonly #slot: SessionSlot | undefined
  #ended = false

  /** @param slot - what all of its requests use; undefined: each request takes one of the pool */
  constructor(pool: SessionPool, holdings: Holdings, slot: SessionSlot | undefined) {
    this.#pool = pool
    this.#holdings = holdings
    this.#slot = slot
  }

  /** The `withSession` that it belongs to is over. */
  end(): void {
    this.#ended = true
  }

  apply(request: OutgoingRequest): void | Promise<void> {
    if (this.#ended) throw sessionError('ERR_AXIOS_SESSION_DISPOSED', 'the withSession call that the instance belongs to has ended')
    const held = this.#held(request)
    // The same request through two instances: the first one's session counts.
    if (held.step !== this) return
    this.#refuseRedirect(request, held)
    this.#pool.keeper.settleBase(request)
    if (held.slot !== undefined) return this.#use(request, held, held.slot)
    held.waiting = new AbortController()
    const slot = this.#pool.take(held.waiting.signal)
    if (!(slot instanceof Promise)) return this.#use(request, held, this.#took(held, slot))
    return slot.then((free) => this.#use(request, held, this.#took(held, free)))
  }

  refused(answer: Answer, request: OutgoingRequest): Verdict {
    const held = this.#holdings.get(request.config)
    if (held?.step !== this || held.slot === undefined) return false
    held.seen = answer
    held.isRefused = false
    const id = this.#handedOut(answer)
    if (id !== undefined) return held.slot.adopt(id, held.session)
    const { session } = held
    if (session === undefined || !this.#judged(answer, request, session)) return false
    held.isRefused = true
    if (this.#pool.keeper.settings.refresh !== undefined) return false
    if (!session.retired && isOutdated(held, session)) return 'outdated'
    held.isReplaced = held.slot.refuse(session)
    return held.isReplaced
  }

  /** A redirect that says that the session is over leads to a form, whose 200 would pass for the answer. */
  follows(answer: Answer, request: OutgoingRequest): boolean {
    const held = this.#holdings.get(request.config)
    if (held?.step !== this || held.session === undefined) return true
    if (answer === held.seen) return !held.isRefused
    try {
      return !this.#judged(answer, request, held.session)
    } catch {
      // As in `settled`.
      return true
    }
  }

  settled(request: OutgoingRequest, answer: Answer | undefined): void {
    const held = this.#holdings.get(request.config)
    if (held?.step !== this) return
    this.#holdings.delete(request.config)
    held.isOver = true
    held.waiting?.abort()
    if (answer !== undefined && answer !== held.seen && held.slot !== undefined) this.#learnt(answer, request, held, held.slot)
    if (held.taken !== undefined) this.#pool.give(held.taken, false).catch(() => undefined)
  }

  /** What stands in a URL or a body goes where the options say, not where an answer points: the server may have its URLs from others. */
  #refuseRedirect(request: OutgoingRequest, held: Held): void {
    const place = this.#pool.keeper.settings.carry.in
    if ((place !== 'query' && place !== 'body') || request.attempt !== 1 || request === held.first) return
    throw axiosAuthError('ERR_AXIOS_REDIRECT', `the response redirects, and a session that is carried in the ${place} is not sent there`)
  }

  #held(request: OutgoingRequest): Held {
    const known = this.#holdings.get(request.config)
    if (known !== undefined) return known
    const held: Held = {
      step: this,
      first: request,
      isOver: false,
      waiting: undefined,
      taken: undefined,
      slot: this.#slot,
      session: undefined,
      token: undefined,
      seen: undefined,
      isRefused: false,
      isReplaced: false,
    }
    this.#holdings.set(request.config, held)
    return held
  }

  /** A place that comes when the request has been given up goes back at once. */
  #took(held: Held, slot: SessionSlot): SessionSlot {
    held.waiting = undefined
    if (held.isOver) {
      this.#pool.give(slot, false).catch(() => undefined)
      throw sessionError('ERR_AXIOS_SESSION_BUSY', 'the request was aborted')
    }
    held.taken = slot
    held.slot = slot
    return slot
  }

  #use(request: OutgoingRequest, held: Held, slot: SessionSlot): void | Promise<void> {
    const session = slot.ready()
    if (session instanceof Promise) return session.then((opened) => this.#put(request, held, opened))
    this.#put(request, held, session)
  }

  #put(request: OutgoingRequest, held: Held, session: OpenSession | undefined): void {
    held.session = session
    held.token = session?.token()
    if (session === undefined) return
    const { settings } = this.#pool.keeper
    for (const { name, value } of session.fields(settings, request, request.header('cookie'))) request.setHeader(name, value)
    placeSession(request, settings.carry, session.token())
  }

  /** Whether an answer says that its session is over. If not, its cookies are taken along; else they are those of somebody who has none. */
  #judged(answer: Answer, request: OutgoingRequest, session: OpenSession): boolean {
    const { isExpiredStatus, expired } = this.#pool.keeper.settings
    if (isExpiredStatus(answer.status) || expired?.(answer) === true) return true
    session.learn(answer.headerValues('set-cookie'), request)
    session.onTrial = false
    return false
  }

  /** The answer to a retry is the caller's, whatever it is: what the predicate throws now must not take its place. */
  #learnt(answer: Answer, request: OutgoingRequest, held: Held, slot: SessionSlot): void {
    const { session } = held
    const id = this.#handedOut(answer)
    if (id !== undefined) slot.adopt(id, session)
    if (id !== undefined || session === undefined) return
    try {
      if (!this.#judged(answer, request, session) || isOutdated(held, session)) return
      if (held.isReplaced) slot.distrust(session)
      else slot.refuse(session)
    } catch {
      // It threw out of `refused` for every first answer, where the caller sees it.
    }
  }

  /** The id of an answer that says that the request carried none, or an old one. */
  #handedOut(answer: Answer): string | undefined {
    const { refresh, carry } = this.#pool.keeper.settings
    if (refresh === undefined || !refresh.isStale(answer.status)) return undefined
    const [id, ...more] = answer.headerValues(refresh.header)
    return id !== undefined && more.length === 0 && fits(carry, id) ? id : undefined
  }
}

/** Whether answers to others have changed the session's cookie since: that the old one is refused says nothing of the session. */
function isOutdated({ token }: Held, session: OpenSession): boolean {
  return token !== session.token()
}
