import { type Clock, invalidType, invalidValue, OptionReader, type Secret, type SecretInput, secretSet } from '@countersign/core/base'
import { compileScheme } from '../compile/compile.js'
import { originOption, type RequestInput, requestView } from '../request/request-view.js'
import type { Scheme } from '../scheme.js'
import { compileOptions } from '../set-up/scheme-options.js'
import { type SetUpOptions, SHARED_NAMES } from '../set-up/set-up.js'
import { told } from './causes.js'
import { explainCompiled } from './explain-compiled.js'
import type { Explanation } from './finding.js'
import type { SecretVariant } from './secret-variants.js'

/** What `explain` takes: what `verify` takes, and secrets of others. */
export interface ExplainOptions extends SetUpOptions {
  /** Accepts requests of which the scheme signs nothing, as in `verify`. Default false. */
  readonly allowEmptyBody?: boolean
  /** Secrets of other senders, routes or stages: a request signed with one of them is told apart from a forged one. */
  readonly otherSecrets?: SetUpOptions['secret']
}

const NAMES = [...SHARED_NAMES, 'otherSecrets', 'allowEmptyBody'] as const

/**
 * Says why a signature does not hold: verifies the request, and where that fails looks for the change under which it would hold.
 *
 * For operators: what it finds would help a forger, so nothing of it may go to the sender. Neither a secret nor a signature is part of
 * it. Short secrets are taken; whether one is fit for use is not judged. Not found: what was altered in a way that nobody could guess.
 * Work: at most 2,000 HMACs and 64 parses of the body; of bodies over 1 MiB no other spellings are tried.
 *
 * @throws TypeError when the scheme or an option is wrong; never because of the request
 * @example
 * const { findings } = explain(github, { method: 'POST', url: '/hooks', headers, body }, { secret })
 * findings[0].title // 'the secret of the sender ends with a line feed, and ours does not'
 */
export function explain(scheme: Scheme, request: RequestInput, options: ExplainOptions): Explanation {
  const reader = new OptionReader('explain', options, NAMES)
  if (typeof scheme !== 'object' || scheme === null) throw invalidType('explain', 'scheme', 'a scheme', scheme)
  const compile = compileOptions(reader)
  const now = (reader.callback<Clock>('now') ?? Date.now)()
  reader.boolean('allowWeakSecret', false)
  const compiled = compileScheme(scheme, compile, 'explain')
  const { view, body } = requestView('explain', request, originOption(reader))
  if (!reader.has('secret')) throw invalidValue('explain', 'secret', 'is needed: the secret that the route has, which may be the wrong one')
  const { active, inactive } = ownSecrets(reader.raw('secret'), now)
  return explainCompiled({
    scheme: compiled,
    compileOptions: compile,
    view,
    body,
    bodyRead: true,
    now,
    allowEmptyBody: reader.boolean('allowEmptyBody', false),
    secrets: (keyId) => active.filter(({ id }) => keyId === undefined || id === undefined || id === keyId),
    strangers: [...strangersOf(active, inactive), ...others(reader.raw('otherSecrets'))],
  })
}

/** Each secret for itself, so that one which is not active is known too. */
function ownSecrets(input: unknown, now: number): { readonly active: readonly Secret[]; readonly inactive: readonly Secret[] } {
  const active: Secret[] = []
  const inactive: Secret[] = []
  for (const item of Array.isArray(input) ? input : [input]) {
    const whenever = secretsIn('secret', withoutDates(item), now)
    const found = isDated(item) ? datedNow(item, now) : whenever
    active.push(...found)
    if (found.length === 0) inactive.push(...whenever)
  }
  if (Array.isArray(input) && input.length === 0) secretsIn('secret', input, now)
  return { active, inactive }
}

function secretsIn(option: string, input: unknown, now: number): readonly Secret[] {
  if (typeof input === 'function') throw invalidType('explain', option, 'a secret; look-ups are for hmacVerify', input)
  const set = secretSet('explain', option, input as SecretInput, { now: () => now, timeoutMs: 1, allowWeak: true })
  return set.active(undefined) as readonly Secret[]
}

/** One that has expired is a mistake of a set-up, and a finding here. */
function datedNow(item: Dated, now: number): readonly Secret[] {
  const until = item.notAfter === undefined ? Number.NaN : new Date(item.notAfter).getTime()
  return until <= now ? [] : secretsIn('secret', item, now)
}

interface Dated {
  readonly notBefore?: Date | string
  readonly notAfter?: Date | string
}

function isDated(item: unknown): item is Dated {
  return typeof item === 'object' && item !== null && (Object.hasOwn(item, 'notBefore') || Object.hasOwn(item, 'notAfter'))
}

function withoutDates(item: unknown): unknown {
  if (!isDated(item)) return item
  const { notBefore: _from, notAfter: _until, ...rest } = item
  return rest
}

/** Secrets of the set that do not count for the request: another's, or one whose time has not come or is over. */
function strangersOf(active: readonly Secret[], inactive: readonly Secret[]): readonly SecretVariant[] {
  return [
    ...active
      .filter(({ id }) => id !== undefined)
      .map((secret) =>
        stranger(secret, `the request is signed with the secret ${nameOf(secret)}, which the key id that it names does not have`),
      ),
    ...inactive.map(
      (secret): SecretVariant => ({
        secret,
        usual: false,
        ...told('secret-inactive', `the request is signed with the secret ${nameOf(secret)}, which is not active now`),
      }),
    ),
  ]
}

function others(input: unknown): readonly SecretVariant[] {
  if (input === undefined) return []
  return secretsIn('otherSecrets', input, 0).map((secret, at) =>
    stranger(
      secret,
      `the request is signed with ${secret.id === undefined ? `number ${at + 1} of otherSecrets` : `the other secret ${nameOf(secret)}`}`,
    ),
  )
}

function stranger(secret: Secret, title: string): SecretVariant {
  return { secret, usual: false, ...told('secret-other', title) }
}

function nameOf({ id }: Secret): string {
  return id === undefined ? 'without id' : `"${id}"`
}
