import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'
import type { SchemeDefinition, Text } from '../definition/definition.js'
import type { Budget } from './budget.js'
import { told } from './causes.js'
import { compiledOr } from './form-variants.js'
import { stylesLike } from './json-edits.js'
import { lenient } from './lenient-scheme.js'
import { listsLike, type TextEdit } from './list-edits.js'
import { templatesLike } from './template-edits.js'
import type { Variant } from './trial.js'
import { parsesIn } from './weight.js'

/** A text of the scheme with one slip in it. */
interface Edit {
  readonly title: string
  readonly rare: boolean
  readonly changed: SchemeDefinition
}

/** Schemes that were compiled before, by their titles, for the scheme of a set-up; undefined for those that the language refuses. */
const known = new WeakMap<CompiledScheme, Map<string, CompiledScheme | undefined>>()

/** The scheme's own texts with one slip in one of them. */
export interface MessageEdits {
  /** Other ways to write the JSON that is signed: few, since each parses the body anew. */
  readonly styles: readonly Variant[]
  readonly likely: readonly Variant[]
  /** What is tried behind all single causes. */
  readonly rare: readonly Variant[]
}

/** More than that would leave no parse for what else is tried. */
const MOST_STYLE_PARSES = 36

/**
 * The scheme's own texts with one slip in one of them: see `templatesLike` and `listsLike`. Only of texts that do not parse the body anew;
 * each is compiled when it is first tried.
 */
export function messageEdits(scheme: CompiledScheme, options: CompileOptions, budget: Budget): MessageEdits {
  const { definition } = scheme
  // There are few parses in a search.
  const parses = parsesIn(JSON.stringify([definition.message, definition.define])) > 0
  const compiled = known.get(scheme) ?? new Map<string, CompiledScheme | undefined>()
  known.set(scheme, compiled)
  const variant =
    ({ title, changed }: Edit): Variant =>
    (trial) => {
      if (!compiled.has(title)) compiled.set(title, compiledAs(changed, options))
      const other = compiled.get(title)
      if (other === undefined) return undefined
      const own = { ...trial.scheme, message: lenient(other, budget).message }
      return { ...trial, scheme: own, told: [...trial.told, told('message-form', title)] }
    }
  if (parses) return { styles: stylesOf(definition).map(variant), likely: [], rare: [] }
  const edits = editsOf(definition)
  return {
    styles: [],
    likely: edits.filter(({ rare }) => !rare).map(variant),
    rare: edits.filter(({ rare }) => rare).map(variant),
  }
}

function editsOf(definition: SchemeDefinition): readonly Edit[] {
  const { message, define = {} } = definition
  const more = moreOf(definition)
  const signed = textsLike(message, more, frontsOf(definition)).map(({ text, how, rare }): Edit => {
    const title = typeof message === 'string' ? signedAs(text, message) : `the sender writes the message ${how}`
    return { title, rare, changed: { ...definition, message: text } }
  })
  const defined = Object.entries(define).flatMap(([name, text]) =>
    textsLike(text, more, []).map(
      ({ text: other, how, rare }): Edit => ({
        title: `the sender writes {${name}} ${how}`,
        rare,
        changed: { ...definition, define: { ...define, [name]: other } },
      }),
    ),
  )
  return [...signed, ...defined]
}

/** The scheme with the JSON of its body written in another way. */
function stylesOf(definition: SchemeDefinition): readonly Edit[] {
  const { message, define = {} } = definition
  const signed = stylesLike(message).map(
    (text): Edit => ({ title: signedAs(text, message), rare: false, changed: { ...definition, message: text } }),
  )
  const defined = Object.entries(define).flatMap(([name, text]) =>
    stylesLike(text).map(
      (other): Edit => ({
        title: `the sender writes {${name}} as ${JSON.stringify(other)}, and the scheme as ${JSON.stringify(text)}`,
        rare: false,
        changed: { ...definition, define: { ...define, [name]: other } },
      }),
    ),
  )
  let parses = 0
  return [...signed, ...defined].filter(({ changed }) => {
    parses += parsesIn(JSON.stringify([changed.message, changed.define]))
    return parses <= MOST_STYLE_PARSES
  })
}

function signedAs(text: Text, message: Text): string {
  return `the sender signs ${JSON.stringify(text)}, and the message of the scheme is ${JSON.stringify(message)}`
}

/** What senders sign, as far as a scheme has it. */
function moreOf({ timestamp, nonce, keyId, fields = {}, construction }: SchemeDefinition): readonly string[] {
  const roles = Object.entries({ timestamp, nonce, keyId }).flatMap(([name, role]) => (role === undefined ? [] : [`{${name}}`]))
  return [...roles, ...(construction === 'hash' ? ['{secret}'] : []), ...Object.keys(fields).map((name) => `{${name}}`), ...USUAL]
}

const USUAL = ['{method}', '{path}', '{target}', '{host}', '{origin}', '{body}', '{body|sha256|hex}', '{query}', '{header:content-type?}']

/** The word in front of a signature may be the version that is signed with it. */
function frontsOf({ signature: { format = '' } }: SchemeDefinition): readonly string[] {
  const [, word] = /^([A-Za-z0-9]+)[=,: ]/.exec(format) ?? []
  return word === undefined ? [] : [word]
}

function textsLike(text: Text, more: readonly string[], fronts: readonly string[]): readonly TextEdit[] {
  if (typeof text !== 'string') return 'each' in text ? listsLike(text) : []
  const { likely, rare } = templatesLike(text, more, fronts)
  const edit =
    (isRare: boolean) =>
    (other: string): TextEdit => ({
      text: other,
      how: `as ${JSON.stringify(other)}, and the scheme as ${JSON.stringify(text)}`,
      rare: isRare,
    })
  return [...likely.map(edit(false)), ...rare.map(edit(true))]
}

function compiledAs({ ambiguous: _ambiguous, ...rest }: SchemeDefinition, options: CompileOptions) {
  const one: SchemeDefinition = { allowUnboundBody: 'for a look', ...rest }
  return compiledOr(one, options) ?? compiledOr({ ...one, ambiguous: 'for a look' }, options)
}
