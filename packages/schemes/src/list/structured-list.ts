import type { Field, List } from '../definition/definition.js'
import { SchemeRefusal } from '../refusal.js'
import { type Covered, coveredBy } from '../request/covered.js'
import { decodeForm, decodeName } from '../request/pairs.js'
import type { Reading } from '../request/reading.js'
import { readInnerList } from '../request/structured.js'
import type { CompiledText, TextEnv, TextPart } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { nestedIn } from '../text/nested-names.js'
import { encodeParam } from '../text/percent.js'
import type { Shape } from '../text/shape.js'
import { listFacts } from './list-facts.js'
import { type Component, componentsOf, fieldValue } from './structured-components.js'

/** The component that is being printed; lists are printed one at a time and synchronously. */
interface Current {
  component: Component
  value: string
}

const NONE: Current = { component: { text: '', name: '', params: new Map() }, value: '' }

/** Compiles a list of components (RFC 9421 section 2.5): each printed by `item`, or by the text that `named` has for it. */
export function compileComponents(list: List, path: string, env: TextEnv, field: Field, index: number): CompiledText {
  const current: Current = { ...NONE }
  const local = localEnv(env, current)
  const item = compileTemplate(list.item, `${path}.item`, local)
  const named = new Map(
    Object.entries(list.named ?? {}).map(([name, text]) => [name, compileTemplate(text, `${path}.named.${name}`, local)]),
  )
  const derived = new Map(Object.entries(list.named ?? {}).map(([name, text]) => [name, text.includes('{query:;name')]))
  const known = new WeakMap<Covered, readonly Component[]>()
  const checked = (covered: Covered) => {
    const components = known.get(covered)
    if (components !== undefined) return components
    const made = componentsOf(covered, derived)
    known.set(covered, made)
    return made
  }
  const emit: CompiledText['emit'] = (reading, out) => {
    reading.covered ??= coveredBy(readInnerList(reading.captured[index] ?? '()', 'the list of components'))
    let isFirst = true
    for (const component of checked(reading.covered)) {
      if (!isFirst) out.text(list.join)
      isFirst = false
      const text = named.get(component.name)
      current.component = component
      if (text === undefined) current.value = fieldValue(component, reading, field.structured)
      ;(text ?? item).emit(reading, out)
    }
  }
  // No component is called so: it is the line behind them all (RFC 9421 section 2.3).
  const endedBy = '"@signature-params": '
  if (derived.has('@signature-params')) env.problems.add(`${path}.named`, '"@signature-params" stands behind the list and not on it')
  const facts = {
    ...listFacts({ path, list, sources: ['headers'], item, named, field, made: new Map() }),
    starts: undefined,
    endsBefore: (next: string) => next.startsWith(endedBy),
  }
  return {
    shape: { kind: 'text', alphabet: 'any', lossy: true },
    latin1: true,
    emit,
    branches: [{ when: undefined, pieces: [{ list: facts }] }],
  }
}

/** `{component}`, `{value}` of a field, and `{query:;name}`, the parameter of the query that the component's parameter names. */
function localEnv(env: TextEnv, current: Current): TextEnv {
  const part = (alphabet: Shape['alphabet'], get: TextPart['get']): TextPart => ({
    shape: { kind: 'text', alphabet },
    latin1: true,
    binds: [],
    get,
  })
  const identifier = part('line', () => current.component.text)
  const locals: Readonly<Record<string, TextPart>> = {
    // A quoted name and its parameters: what follows, a colon, belongs to neither.
    component: { ...identifier, shape: { ...identifier.shape, delimited: true } },
    value: part('line', () => current.value),
  }
  const parameter = part('any', (reading) => queryParameter(reading, current.component.params.get('name') as string))
  return {
    ...env,
    names: () => ['component', 'value', ...env.names()],
    resolve: (name, argument) => {
      if (name === 'query' && argument === ';name') return { ...parameter, latin1: false }
      return argument === undefined && Object.hasOwn(locals, name) ? locals[name] : env.resolve(name, argument)
    },
  }
}

/**
 * The value of a query parameter that is named as RFC 9421 section 2.2.8 encodes it; undefined when there is none.
 *
 * @throws SchemeRefusal when there are several: then only the whole query can be covered
 */
function queryParameter(reading: Reading, encodedName: string): string | undefined {
  let found: string | undefined
  for (const [rawName, rawValue] of reading.queryPairs) {
    const name = decodeName(rawName)
    if (nestedIn(name).some((other) => encodeParam(other) === encodedName))
      throw new SchemeRefusal(
        'ERR_HMAC_DUPLICATED',
        `the query parameter ${encodedName} stands in another way too, which parsers take for it`,
      )
    if (encodeParam(name) !== encodedName) continue
    if (found !== undefined) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the query parameter ${encodedName} stands more than once`)
    found = decodeForm(rawValue)
    if (found === undefined)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the query parameter ${encodedName} is not percent-encoded UTF-8`)
  }
  return found
}
