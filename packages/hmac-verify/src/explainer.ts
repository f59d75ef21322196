import { type AuthRequest, invalidValue, type OptionReader, type Secret, type SecretSet, type Verdict } from '@countersign/core/base'
import type { Explanation, SecretVariant } from '@countersign/schemes/explain'
import type { CompileOptions } from '@countersign/schemes/verifier'
import type { Explainer, HmacSettings, Seen } from './settings.js'

/** Rest after an explanation, milliseconds, and as a multiple of what it took: a flood costs a tenth of one core at most. */
const LEAST_REST_MS = 250
const REST_FACTOR = 9

/**
 * Reads the option `explain`.
 *
 * @throws TypeError where NODE_ENV is production: what is logged would help a forger
 */
export function readExplain(reader: OptionReader, compileOptions: CompileOptions): Explainer | undefined {
  if (!reader.boolean('explain', false)) return undefined
  if (isProduction()) {
    const problem =
      'is for development, since it logs what was signed, and NODE_ENV is production; remove it, or use the command "countersign explain"'
    throw invalidValue(reader.factory, 'explain', problem)
  }
  return new PacedExplainer(compileOptions)
}

/**
 * Looked at again for each refusal, so that a process that is told later that it is in production explains nothing. Whatever begins so
 * counts, in quotes too: `prod`, `PRODUCTION`, `"production"`, `production-eu`.
 */
function isProduction(): boolean {
  return /^[\s"'`]*prod/i.test(process.env['NODE_ENV'] ?? '')
}

class PacedExplainer implements Explainer {
  readonly compileOptions: CompileOptions
  #busy = false
  #restUntil = 0
  #left = 0

  constructor(compileOptions: CompileOptions) {
    this.compileOptions = compileOptions
  }

  take(seen: Seen, verdict: Verdict): void {
    if ((verdict.kind !== 'refused' && verdict.kind !== 'absent') || isProduction()) return
    if (this.#busy || performance.now() < this.#restUntil) {
      this.#left += 1
      return
    }
    this.#busy = true
    // Behind the answer: how long the search takes is nothing that a sender may see.
    setImmediate(() => {
      this.#run(seen, verdict.kind === 'absent')
        .catch((error: unknown) => warn(`a refusal could not be explained: ${String(error)}`, 'ERR_AUTH_DEFECT'))
        .finally(() => {
          this.#busy = false
        })
    })
  }

  async #run(seen: Seen, absent: boolean): Promise<void> {
    const { explainCompiled, formatExplanation } = await import('@countersign/schemes/explain')
    const started = performance.now()
    const explanation = explainCompiled(this.#input(seen))
    const ended = performance.now()
    this.#restUntil = ended + Math.max(LEAST_REST_MS, REST_FACTOR * (ended - started))
    if (!isTelling(explanation, absent)) return
    const left = this.#left === 0 ? '' : `\n(${this.#left} other refusals were not explained)`
    this.#left = 0
    warn(formatExplanation(explanation) + left, explanation.code as string)
  }

  #input({ settings, view, body, secrets }: Seen) {
    const known = (keyId: string | undefined) => secrets.get(keyId) ?? fixed(settings.secrets, keyId)
    const isDecoded = settings.body.digestOver === 'decoded'
    return {
      scheme: settings.scheme,
      compileOptions: this.compileOptions,
      view,
      body: body ?? new Uint8Array(0),
      bodyRead: body !== undefined,
      bodyDecoded: isDecoded,
      now: settings.now(),
      allowEmptyBody: settings.allowEmptyBody,
      secrets: known,
      strangers: strangersOf(settings.secrets),
    }
  }
}

/** Secrets of the set that answer to other key ids than the request's. */
function strangersOf(set: SecretSet): readonly SecretVariant[] {
  const named = fixed(set, undefined).filter(({ id }) => id !== undefined)
  return named.map(
    (secret): SecretVariant => ({
      secret,
      usual: false,
      cause: 'secret-other',
      title: `the request is signed with the secret "${secret.id}", which the key id that it names does not have`,
    }),
  )
}

/** Of a look-up nothing is asked again. */
function fixed(set: SecretSet, keyId: string | undefined): readonly Secret[] {
  return set.lookup ? [] : (set.active(keyId) as readonly Secret[])
}

/** A request without credentials of this kind is none of ours, unless it carries those of another scheme. */
function isTelling({ ok, findings }: Explanation, absent: boolean): boolean {
  return !ok && !(absent && findings[0]?.cause === 'signature-missing')
}

function warn(message: string, code: string): void {
  process.emitWarning(message, { type: 'CountersignExplanation', code })
}

/** The same request and settings, and what is read of them while they are used. */
export function watched(
  settings: HmacSettings,
  request: AuthRequest,
): { readonly request: AuthRequest; readonly settings: HmacSettings; readonly seen: () => Pick<Seen, 'body' | 'secrets'> } {
  const secrets = new Map<string | undefined, readonly Secret[]>()
  let body: Uint8Array | undefined
  const { method, target, headers, rawHeaders, socket } = request
  return {
    request: { method, target, headers, rawHeaders, socket, body: (options) => noting(request.body(options), (octets) => (body = octets)) },
    settings: {
      ...settings,
      secrets: {
        lookup: settings.secrets.lookup,
        active: (keyId) => noting(settings.secrets.active(keyId), (found) => secrets.set(keyId, found)),
      },
    },
    seen: () => ({ body, secrets }),
  }
}

function noting<T>(value: T | Promise<T>, note: (value: T) => unknown): T | Promise<T> {
  if (!(value instanceof Promise)) {
    note(value)
    return value
  }
  return value.then((late) => {
    note(late)
    return late
  })
}
