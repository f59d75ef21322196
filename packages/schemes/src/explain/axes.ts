import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { Reading } from '../request/reading.js'
import { capturedOf } from '../verify/carried.js'
import { readHead } from '../verify/verify.js'
import { bodyVariants } from './body-variants.js'
import { BudgetSpent } from './budget.js'
import { constructionVariants, messageVariants } from './construction-variants.js'
import { readableForms } from './form-variants.js'
import { headerVariants, methodVariants, renamedVariants, repeatedVariants } from './header-variants.js'
import { lenient } from './lenient-scheme.js'
import { messageEdits } from './message-edits.js'
import { originVariants } from './origin-variants.js'
import { otherSchemes } from './other-schemes.js'
import { printed } from './printed.js'
import { type Axes, NO_AXES } from './search.js'
import type { ExplainInput } from './searched.js'
import { decodable, type SecretVariant } from './secret-variants.js'
import { targetVariants } from './target-variants.js'
import { timeVariants } from './time-variants.js'
import { readTrial, refusedOr, type Search, type Trial, type Variant } from './trial.js'

/** All that is tried of a request; nothing where looking at it once takes more than a search may. */
export function axesWithin(...args: Parameters<typeof axesOf>): Axes {
  try {
    return axesOf(...args)
  } catch (error) {
    if (error instanceof BudgetSpent) return NO_AXES
    throw error
  }
}

/** All that is tried of a request. What its scheme does not look at is left out. */
function axesOf(input: ExplainInput, base: Trial, settings: Search, reading: Reading | undefined, secrets: readonly SecretVariant[]): Axes {
  const { scheme, view, body } = input
  const looks = (change: Variant) => looksAt(base, reading, change, settings)
  const moved: Variant = (trial) => ({ ...trial, view: { ...trial.view, target: '/other-than-ours?it=is' } })
  const elsewhere: Variant = (trial) => ({ ...trial, view: { ...trial.view, origin: 'ftp://other-than-ours.invalid:1' } })
  const timestamp = reading === undefined ? undefined : capturedOf(scheme, reading, 'timestamp')
  const unit = scheme.facts.timestamp?.unit
  const whole = scheme.scope === undefined && scheme.labelled.length === 0
  const edits = whole ? messageEdits(scheme, input.compileOptions, settings.budget) : undefined
  return {
    forms: formVariants(input, base, settings, reading !== undefined),
    fields: [...renamedVariants(scheme, view), ...repeatedVariants(scheme, view)],
    secrets,
    strangers: input.strangers,
    styles: edits?.styles ?? [],
    bodies: isBodyUnsigned(scheme) ? [] : bodyVariants(body, settings.budget),
    origins: looks(elsewhere) ? originVariants(view) : [],
    targets: looks(moved) ? targetVariants(view) : [],
    headers: headerVariants(scheme, view, reading),
    methods: looks((trial) => ({ ...trial, view: { ...trial.view, method: 'OTHER' } })) ? methodVariants(view) : [],
    times: timestamp === undefined || unit === undefined ? [] : timeVariants(unit, timestamp),
    constructions: constructionVariants,
    messages: whole ? messageVariants : [],
    schemes: schemeVariants(input, settings),
    edits: edits?.likely ?? [],
    rare: edits?.rare ?? [],
  }
}

/** Neither the string to sign nor a field that is made of the request has anything of the body. */
function isBodyUnsigned(scheme: CompiledScheme): boolean {
  const signed = JSON.stringify([scheme.definition.message, scheme.definition.define, scheme.definition.fields])
  return scheme.facts.branches.every(({ binding }) => binding.body === 'none') && !/body|json|xml|form|item|content-digest/i.test(signed)
}

/** More would leave no parse for other causes. */
const MOST_FORMS_IN_BODY = 20

/** Forms of the scheme in which the request can be read. A request without the field of the signature can be read in none. */
function formVariants({ scheme, compileOptions, view }: ExplainInput, base: Trial, settings: Search, isRead: boolean): readonly Variant[] {
  const { headers } = scheme.signature.home
  const there = view.rawHeaders.filter((_text, at) => at % 2 === 0).map((name) => name.toLowerCase())
  if (!isRead && headers.length > 0 && !headers.some((name) => there.includes(name))) return []
  let parses = 0
  const reads = (other: CompiledScheme) => {
    // Where the signature sits in the body each look parses it.
    if (scheme.signature.home.phase === 'body' && ++parses > MOST_FORMS_IN_BODY) return false
    const one = { ...base, scheme: lenient(other, settings.budget) }
    const read = () => (scheme.signature.home.phase === 'body' ? readTrial(one, settings) : readHead(one.scheme, view, settings.now))
    return refusedOr(read) !== undefined
  }
  return readableForms(scheme.definition, compileOptions, reads, isRead).map((form): Variant => {
    const own = lenient(form.scheme, settings.budget)
    return (trial) => {
      // A form is made of the scheme as it is, so that it would undo what was changed of it before.
      if (trial.scheme !== base.scheme) return undefined
      return { ...trial, scheme: own, told: [...trial.told, ...form.told] }
    }
  })
}

function schemeVariants({ scheme, view }: ExplainInput, settings: Search): readonly Variant[] {
  return otherSchemes(scheme.definition, view.rawHeaders).map(({ compiled, cause, title }): Variant => {
    const own = lenient(compiled, settings.budget)
    const usable = (secrets: readonly Secret[]) => decodable(compiled, secrets)
    return (trial) => ({ ...trial, scheme: own, usable, told: [...trial.told, { cause, title }] })
  })
}

/** Whether a change of the request changes what is signed; true where that cannot be told. */
function looksAt(base: Trial, reading: Reading | undefined, change: Variant, settings: Search): boolean {
  if (reading === undefined || reading.labels !== undefined || base.scheme.scope !== undefined) return true
  return (
    refusedOr(() => {
      const changed = change(base)
      if (changed === undefined) return true
      const before = printed(base.scheme, reading)
      return !before.equals(printed(base.scheme, readTrial(changed, settings)))
    }) ?? true
  )
}
