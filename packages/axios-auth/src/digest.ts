import { OptionReader } from '@countersign/core/base'
import { drain } from './carrier/answer.js'
import { carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import type { Answer, Message, OutgoingRequest, Step } from './carrier/step.js'
import { type DigestChallenge, digestChallenges, digestOffers } from './digest/challenge.js'
import { chosenChallenge, qopFor } from './digest/choice.js'
import { checkServer, nextNonce } from './digest/info.js'
import { DIGEST_OPTIONS, type DigestOptions, type DigestSettings, digestSettings } from './digest/options.js'
import { type DigestCredentials, DigestSession, type NonceCount } from './digest/session.js'
import { DigestSpaces } from './digest/spaces.js'
import { axiosAuthError } from './errors.js'

export type { DigestAlgorithm } from './digest/algorithms.js'
export type { DigestQop } from './digest/challenge.js'
export type { DigestOptions } from './digest/options.js'

type Send = (message: Message) => Promise<Answer>

/**
 * Answers Digest challenges (RFC 7616), and from then on signs requests of the same protection space before they are asked for: one round
 * trip each, counted from 00000001 for each nonce.
 *
 * The strongest algorithm that is offered and allowed is used; a weaker one than the origin has offered before is refused, and so is Basic,
 * always. A nonce that is stale is replaced once per request; a refusal that does not say so ends it, and comes back as its 401, unless another
 * password counts by now.
 * A stream as body is sent once: its 401 comes back, and the next request is signed.
 *
 * Not checked: the server, unless `verifyServer` is set. Not protected: the header fields, and with qop auth the body. Not done: proxies (407).
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * A request fails with: `ERR_AXIOS_DIGEST_UNSUPPORTED`, `ERR_AXIOS_DIGEST_DOWNGRADE`, `ERR_AXIOS_DIGEST_SERVER`,
 *   `ERR_AXIOS_UNSIGNED_STREAM`, `ERR_AXIOS_NO_SECRET`, and those of every interceptor
 * @see RFC 7616, RFC 7615, RFC 9110 section 11
 * @example
 * api.interceptors.request.use(digest({ username: 'reports', password: secretFromEnv('REPORTS_PASSWORD') }))
 */
export function digest(options: DigestOptions): RequestInterceptor {
  const reader = new OptionReader('digest', options, [...DIGEST_OPTIONS, ...carrierOptionNames])
  return interceptor(new DigestStep(digestSettings(reader)), carrierSettings(reader))
}

/** One message of an exchange: its credentials are made when it is sent, since they are made of what is sent. */
interface Try {
  readonly session: DigestSession | undefined
  readonly message: Message
  readonly credentials: () => DigestCredentials | undefined
}

class DigestStep implements Step {
  readonly name = 'digest'
  readonly stage = 'handshake'
  readonly #settings: DigestSettings
  readonly #spaces = new Map<string, DigestSpaces>()
  /** Those whose body would have to be sent again, and cannot be. */
  readonly #spent = new WeakSet<OutgoingRequest>()

  constructor(settings: DigestSettings) {
    this.#settings = settings
  }

  apply(): void {
    // All is done in exchange().
  }

  async exchange(request: OutgoingRequest, send: Send): Promise<Answer> {
    const spaces = this.#spacesOf(request.origin)
    const limits = { challenges: 1, stale: 1 }
    let session = spaces.sessionFor(request.target)
    for (;;) {
      const attempt = this.#try(request, session)
      const answer = await send(attempt.message)
      const next = undrained(answer, () => {
        if (answer.status !== 401) return this.#accepted(spaces, attempt, answer)
        return this.#next(spaces, request, session, answer, limits)
      })
      if (next === undefined) return answer
      if (request.body === undefined) {
        this.#spent.add(request)
        spaces.adopt(next)
        return answer
      }
      session = next
    }
  }

  refused(_: Answer, request: OutgoingRequest): boolean {
    return this.#spent.has(request)
  }

  #spacesOf(origin: string): DigestSpaces {
    const known = this.#spaces.get(origin) ?? new DigestSpaces(origin)
    this.#spaces.set(origin, known)
    return known
  }

  #try(request: OutgoingRequest, session: DigestSession | undefined): Try {
    if (session === undefined) return { session, message: ANONYMOUS, credentials: () => undefined }
    let made: DigestCredentials | undefined
    const credentials = () => {
      made ??= this.#credentials(request, session)
      return made
    }
    const message: Message = {
      get authorization() {
        return credentials().authorization
      },
    }
    return { session, message, credentials: () => made }
  }

  #credentials(request: OutgoingRequest, session: DigestSession): DigestCredentials {
    const { method, target } = request
    // Read only where it is needed: otherwise text goes on as text.
    const body = session.qop === 'auth-int' ? request.body : undefined
    if (session.qop === 'auth-int' && body === undefined) {
      throw axiosAuthError('ERR_AXIOS_UNSIGNED_STREAM', 'digest: the server asks for auth-int, and the body is a stream')
    }
    return session.credentials({ method, target, body, count: session.count.next(), cnonce: this.#settings.cnonce() })
  }

  /** The session to try again with after a 401; undefined when there is none to be had. */
  #next(
    spaces: DigestSpaces,
    request: OutgoingRequest,
    tried: DigestSession | undefined,
    answer: Answer,
    limits: { challenges: number; stale: number },
  ): DigestSession | undefined {
    const fields = answer.headerValues('www-authenticate')
    const offered = digestChallenges(fields)
    const chosen = chosenChallenge(offered, this.#settings)
    const isSame = tried !== undefined && offered.some(({ realm }) => realm === tried.challenge.realm)
    if (tried !== undefined && isSame) spaces.forget(tried)
    const limit = isSame ? 'stale' : 'challenges'
    // Credentials that are refused while their nonce is good are wrong: sending them again would only lock the account.
    if ((isSame && chosen?.stale !== true && tried.isOf(this.#settings.user())) || limits[limit] === 0) return undefined
    if (chosen === undefined) return this.#unsupported(fields)
    limits[limit] -= 1
    if (spaces.isDowngrade(chosen)) throw axiosAuthError('ERR_AXIOS_DIGEST_DOWNGRADE')
    const open = (challenge: DigestChallenge, count: NonceCount) => this.#open(challenge, count)
    return isSame ? spaces.apart(chosen, request.target, open) : spaces.learn(chosen, request.target, open)
  }

  /** A 401 without any Digest challenge is the caller's; one that offers nothing that may be used deserves a reason. */
  #unsupported(fields: readonly string[]): undefined {
    const offers = digestOffers(fields)
    if (offers.length === 0) return undefined
    throw axiosAuthError('ERR_AXIOS_DIGEST_UNSUPPORTED', `the server offers ${offers.join(', ')}`)
  }

  #open(challenge: DigestChallenge, count: NonceCount): DigestSession {
    return new DigestSession(challenge, qopFor(challenge, this.#settings), this.#settings.user(), count)
  }

  /** Looks at an answer that is no 401; there is nothing to try after it. */
  #accepted(spaces: DigestSpaces, { session, credentials }: Try, answer: Answer): undefined {
    if (this.#settings.verifyServer) checkServer(credentials(), answer)
    if (session !== undefined && !session.proved) {
      session.proved = true
      spaces.adopt(session)
    }
    const nonce = nextNonce(answer)
    // With -sess the session's key is made of its first nonce, and servers differ in whether a next nonce changes it: it is left alone,
    // and replaced when it is stale.
    if (session !== undefined && nonce !== undefined && !session.challenge.algorithm.session) {
      spaces.renew(session, nonce, (challenge, count) => this.#open(challenge, count))
    }
  }
}

const ANONYMOUS: Message = Object.freeze({})

/** Judges an answer; where that throws, nobody will read its body. */
function undrained<T>(answer: Answer, judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    drain(answer.response)
    throw error
  }
}
