import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'
import type { SchemeDefinition, Text } from '../definition/definition.js'
import { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import type { Budget } from './budget.js'
import { told } from './causes.js'
import { compiledOr } from './form-variants.js'
import { lenient } from './lenient-scheme.js'
import { listsLike } from './list-edits.js'
import type { Variant } from './trial.js'

/** A template as texts: a slot as it is written, a literal with its braces doubled. */
type Texts = readonly { readonly text: string; readonly slot: boolean }[]

/** A text of the scheme with one slip in it. */
interface Edit {
  readonly title: string
  readonly changed: SchemeDefinition
}

/** More slots than that are no slip of one who writes a template. */
const MOST_SLOTS = 9

/** What is taken for what, each the other way as well. */
const MISTAKEN: readonly (readonly [string, string])[] = [
  ['{path}', '{target}'],
  ['{path}', '{url}'],
  ['{target}', '{url}'],
  ['{target}', '{path}{query}'],
  ['{method}', '{method|lower}'],
  ['{host}', '{authority}'],
  ['{body}', '{body|sha256|hex}'],
  ['{body|sha256|hex}', '{body|sha256|hex|upper}'],
  ['{body|md5|hex}', '{body|md5|hex|upper}'],
]

const BETWEEN = ['\n', '', '.', ':', '|', '&']

/** Schemes that were compiled before, by their titles, for the scheme of a set-up; undefined for those that the language refuses. */
const known = new WeakMap<CompiledScheme, Map<string, CompiledScheme | undefined>>()

/**
 * The scheme's own texts with one slip in one of them: two slots have changed places, one is taken for another, runs through fewer pipes
 * or is left out, something else stands between them; a list is sorted or encoded otherwise. Only of texts that parse no body; each is
 * compiled when it is first tried.
 */
export function messageEdits(scheme: CompiledScheme, options: CompileOptions, budget: Budget): readonly Variant[] {
  const { definition } = scheme
  if (PARSED.test(JSON.stringify([definition.message, definition.define]))) return []
  const compiled = known.get(scheme) ?? new Map<string, CompiledScheme | undefined>()
  known.set(scheme, compiled)
  return editsOf(definition).map(
    ({ title, changed }): Variant =>
      (trial) => {
        if (!compiled.has(title)) compiled.set(title, compiledAs(changed, options))
        const other = compiled.get(title)
        if (other === undefined) return undefined
        const own = { ...trial.scheme, message: lenient(other, budget).message }
        return { ...trial, scheme: own, told: [...trial.told, told('message-form', title)] }
      },
  )
}

function editsOf(definition: SchemeDefinition): readonly Edit[] {
  const { message, define = {} } = definition
  const whole = typeof message === 'string' ? templatesLike(message) : []
  const signed = whole.map(
    (other): Edit => ({
      title: `the sender signs ${JSON.stringify(other)}, and the message of the scheme is ${JSON.stringify(message)}`,
      changed: { ...definition, message: other },
    }),
  )
  const defined = Object.entries(define).flatMap(([name, text]) =>
    textsLike(text).map(
      ({ text: other, how }): Edit => ({
        title: `the sender writes {${name}} ${how}`,
        changed: { ...definition, define: { ...define, [name]: other } },
      }),
    ),
  )
  return [...signed, ...defined]
}

function textsLike(text: Text): readonly { readonly text: Text; readonly how: string }[] {
  if (typeof text !== 'string') return 'each' in text ? listsLike(text) : []
  return templatesLike(text).map((other) => ({
    text: other,
    how: `as ${JSON.stringify(other)}, and the scheme as ${JSON.stringify(text)}`,
  }))
}

function compiledAs({ ambiguous: _ambiguous, ...rest }: SchemeDefinition, options: CompileOptions) {
  const one: SchemeDefinition = { allowUnboundBody: 'for a look', ...rest }
  return compiledOr(one, options) ?? compiledOr({ ...one, ambiguous: 'for a look' }, options)
}

/** What parses the body, of which there are few in a search. */
const PARSED = /\{(?:json|xml|item|form):|"each":(?!"(?:query|headers)")|\|(?:json:|jcs|sorted|stringify|without:|spelt:|minify|spaced)/

/** A template with one slip, each once. */
function templatesLike(template: string): readonly string[] {
  const texts: Texts = parseTemplate(template, '', new Problems('')).map((piece) =>
    isLiteral(piece) ? { text: piece.literal.replace(/[{}]/g, '$&$&'), slot: false } : { text: piece.source, slot: true },
  )
  const slots = texts.flatMap(({ slot }, at) => (slot ? [at] : []))
  if (slots.length === 0 || slots.length > MOST_SLOTS) return []
  const whole = (change: (text: string, at: number) => string) => texts.map(({ text }, at) => change(text, at)).join('')
  const found = new Set<string>()
  for (const a of slots)
    for (const b of slots) if (a < b) found.add(whole((text, at) => texts[at === a ? b : at === b ? a : at]?.text ?? text))
  for (const a of slots) for (const other of takenFor(texts[a]?.text ?? '')) found.add(whole((text, at) => (at === a ? other : text)))
  for (const a of slots)
    for (const beside of [a, a - 1, a + 1])
      found.add(whole((text, at) => (at === a || (at === beside && texts[at]?.slot === false) ? '' : text)))
  for (const mark of BETWEEN) found.add(slots.map((at) => texts[at]?.text).join(mark))
  found.add(template.endsWith('\n') ? template.slice(0, -1) : `${template}\n`)
  for (const none of [template, '']) found.delete(none)
  return [...found]
}

function takenFor(slot: string): readonly string[] {
  const others = MISTAKEN.flatMap(([one, other]) => (slot === one ? [other] : slot === other ? [one] : []))
  const piped = slot.slice(1, -1).split(/(?<!\\)\|/)
  const fewer = piped.slice(1).map((_pipe, at) => `{${piped.slice(0, at + 1).join('|')}}`)
  return [...others, ...fewer.reverse()]
}
