import { OptionReader, type Secret } from '@countersign/core/base'
import { type RequestView, type Signed, signRequest } from '@countersign/schemes/engine'
import { carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import type { Answer, OutgoingRequest, Step } from './carrier/step.js'
import { axiosAuthError } from './errors.js'
import { signsWithoutBody, unboundFields } from './hmac/body.js'
import { CorrectedClock } from './hmac/clock.js'
import { readsHeader, signsHeader } from './hmac/header.js'
import { HMAC_OPTIONS, type HmacOptions, type HmacSettings, hmacSettings } from './hmac/options.js'
import { cutCredentials, shownFields } from './hmac/shown.js'

export type { HmacOptions } from './hmac/options.js'
export type { KeyedSecret, SecretFromCall } from './hmac/secret.js'

/**
 * Signs requests with HMAC, by any scheme of `@countersign/schemes`: what `hmacVerify({ scheme })` verifies. Covers the octets of the body,
 * the target and the header fields as they go on the wire, credentials of other interceptors among them, whatever the order of `use()`.
 * Each attempt has a new time and nonce.
 *
 * Octets signed, and where the signature stands: as the scheme says. A stream is sent only by a scheme that does not sign the body.
 * Not done: the secret is not checked against the server; what a scheme leaves open, such as a GET by one that signs the body alone, is open.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * A request fails with: `ERR_AXIOS_NO_SECRET`, `ERR_AXIOS_UNSIGNABLE`, `ERR_AXIOS_UNSIGNED_STREAM`, and those of every interceptor
 * @see RFC 2104
 * @example
 * api.interceptors.request.use(hmac({ scheme: slack, secret: secretFromEnv('SLACK_SIGNING_SECRET') }))
 */
export function hmac(options: HmacOptions): RequestInterceptor {
  const reader = new OptionReader('hmac', options, [...HMAC_OPTIONS, ...carrierOptionNames])
  return interceptor(new HmacStep(hmacSettings(options, reader)), carrierSettings(reader))
}

class HmacStep implements Step {
  readonly name = 'hmac'
  readonly stage = 'signature'
  readonly #settings: HmacSettings
  readonly #clock: CorrectedClock
  readonly #takesStreams: boolean
  /** Fields whose values may be shown: nothing but the time, the nonce or the key id is in them. */
  readonly #shown: ReadonlySet<string>
  readonly #signsHeader: boolean
  readonly #readsHeader: boolean

  constructor(settings: HmacSettings) {
    this.#settings = settings
    this.#clock = new CorrectedClock({ now: settings.now, maxSeconds: settings.maxClockCorrectionSeconds })
    this.#takesStreams = signsWithoutBody(settings.scheme)
    this.#shown = shownFields(settings.scheme)
    this.#signsHeader = signsHeader(settings.scheme)
    this.#readsHeader = readsHeader(settings.scheme)
  }

  apply(request: OutgoingRequest): void | Promise<void> {
    if (request.body === undefined && !this.#takesStreams) {
      throw axiosAuthError(
        'ERR_AXIOS_UNSIGNED_STREAM',
        `hmac: scheme '${this.#settings.scheme.definition.name}' signs the body, which is a stream`,
      )
    }
    const secrets = this.#settings.secrets(request.config)
    return secrets instanceof Promise ? secrets.then((found) => this.#sign(request, found)) : this.#sign(request, secrets)
  }

  refused(answer: Answer, request: OutgoingRequest): boolean {
    const { correctClock, scheme } = this.#settings
    if (!correctClock || scheme.facts.timestamp === undefined || (answer.status !== 401 && answer.status !== 403)) return false
    return this.#clock.correct(request.origin, answer.header('date'))
  }

  #sign(request: OutgoingRequest, secrets: readonly Secret[]): void {
    const signed = this.#signed(request, secrets)
    for (const name of Object.keys(signed.headers)) {
      request.setHeader(name, signed.headers[name] as string, { secret: !this.#shown.has(name) })
    }
    if (signed.target !== request.target) request.target = signed.target
    if (request.body !== undefined && signed.body !== request.body) request.body = signed.body
    request.signed(this.#message(signed, request))
  }

  /** What was signed, for a trace: without the secret, and without what others have put into the header. */
  #message({ message }: Signed, request: OutgoingRequest): string | Uint8Array {
    if (this.#settings.scheme.facts.secretInMessage) return '[secret: the scheme signs it with the rest]'
    return this.#signsHeader ? cutCredentials(message, request, this.#shown) : message
  }

  #signed(request: OutgoingRequest, secrets: readonly Secret[]): Signed {
    const { scheme, keyId, sign, algorithm, nonce } = this.#settings
    const fields = this.#fields(request)
    try {
      return signRequest(scheme, this.#view(request), request.body ?? NO_BODY, secrets, {
        now: this.#clock.now(request.origin),
        timestamp: undefined,
        keyId,
        fields,
        sign,
        algorithm,
        nonce,
      })
    } catch (error) {
      // Its messages name what is wrong with a request, never a value of it.
      if (error instanceof TypeError) throw axiosAuthError('ERR_AXIOS_UNSIGNABLE', `hmac: ${error.message}`)
      throw error
    }
  }

  #view(request: OutgoingRequest): RequestView {
    return {
      method: request.method,
      target: request.target,
      rawHeaders: this.#readsHeader ? request.rawHeaders() : NO_HEADER,
      secure: request.origin.startsWith('https:'),
      origin: this.#settings.publicOrigin ?? request.origin,
      namedOrigin: request.origin,
    }
  }

  #fields(request: OutgoingRequest): Readonly<Record<string, string>> | undefined {
    const fields = this.#settings.fields(request.config)
    if (request.body !== undefined) return fields
    return Object.assign(unboundFields(this.#settings.scheme), fields)
  }
}

const NO_HEADER: readonly string[] = Object.freeze([])
const NO_BODY = new Uint8Array(0)
