import { type Secret, secretSet } from '@countersign/core'
import {
  type CompiledHandshake,
  checkDecoded,
  compileHandshake,
  type Scheme,
  type Verified,
  type VerifySchemeOptions,
  verify,
} from '@countersign/schemes'
import { type ExplainOptions, type Explanation, explain } from '@countersign/schemes/explain'
import { usageError } from './exit-codes.js'
import type { Flags } from './flags.js'
import type { GivenSecret } from './input/secret.js'
import { compiledWith, setUpOptions } from './signing-set-up.js'
import type { Received, Reply } from './webhook-receiver.js'

/** What was decided about a request. */
export interface Judged {
  readonly ok: boolean
  /** When it came, milliseconds. */
  readonly at: number
  readonly verified: Verified | undefined
  readonly explanation: Explanation | undefined
  /** Why it was not looked at, where it was not. */
  readonly problem: string | undefined
  readonly reply: Reply
}

/** Verifies what `listen` receives, and explains what does not hold. */
export class DeliveryJudge {
  /** What the operator should know before the first request. */
  readonly notes: readonly string[]
  readonly #definition: Scheme
  readonly #options: VerifySchemeOptions
  readonly #handshake: CompiledHandshake | undefined

  /** @throws TypeError when the scheme, a secret or an option cannot be used */
  constructor(definition: Scheme, secrets: readonly GivenSecret[], flags: Flags) {
    const shared = setUpOptions(flags, definition)
    this.#definition = definition
    this.#options = {
      ...shared,
      ...(flags.has('allow-empty-body') && { allowEmptyBody: true }),
      secret: secrets.map(({ text }) => text),
    } as VerifySchemeOptions
    const compiled = compiledWith(shared, definition, 'listen')
    this.#handshake = flags.has('handshake') ? signedHandshake(compileHandshake(compiled)) : undefined
    // Mistakes of the set-up are said now rather than at the first request.
    verify(definition, { method: 'POST', url: '/' }, this.#options)
    const allowWeak = flags.has('allow-weak-secret')
    const now = this.#options.now ?? Date.now
    const held = secretSet('listen', 'secret', this.#options.secret, { now, timeoutMs: 1, allowWeak }).active(
      undefined,
    ) as readonly Secret[]
    for (const secret of held) checkDecoded('listen', compiled, secret, allowWeak)
    const lacksOrigin = compiled.facts.needsOrigin && !flags.has('origin')
    this.notes = lacksOrigin ? ['the scheme signs the URL that the sender calls: give it with --origin https://...'] : []
  }

  judge({ method, target, rawHeaders, body }: Received): Judged {
    const at = Date.now()
    const none = { at, verified: undefined, explanation: undefined }
    if (body === undefined) return { ...none, ok: false, problem: 'the body is larger than --max-body', reply: { status: 413 } }
    const request = { method, url: target, headers: rawHeaders, body }
    const result = verify(this.#definition, request, this.#options)
    if (result.ok) return { ...none, ok: true, verified: result, problem: undefined, reply: this.#reply(method, target, rawHeaders, body) }
    const explanation = explain(this.#definition, request, this.#options as ExplainOptions)
    return { ...none, ok: false, explanation, problem: undefined, reply: { status: 401, body: 'unauthorized\n' } }
  }

  /** The answer to a request that holds. */
  #reply(method: string, target: string, rawHeaders: readonly string[], body: Buffer): Reply {
    const view = { method, target, rawHeaders, secure: false, origin: undefined, namedOrigin: undefined }
    const reading = this.#handshake?.read(view, body)
    const challenge = reading === undefined ? undefined : this.#handshake?.challenge(reading)
    if (this.#handshake === undefined || reading === undefined || challenge === undefined) return { status: 200, body: 'ok\n' }
    return this.#handshake.answer(reading, challenge, undefined)
  }
}

/** Only what is signed may be answered: an unsigned challenge would have us sign what anybody sends. */
function signedHandshake(handshake: CompiledHandshake | undefined): CompiledHandshake {
  if (handshake === undefined) throw usageError('the scheme has no handshake')
  if (handshake.definition.signed !== true)
    throw usageError('the handshake of the scheme is not signed; answer it with hmacVerify({ handshake })')
  return handshake
}
