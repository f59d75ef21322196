import { headerValues } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { Reading, RequestView } from '../request/reading.js'
import { type Cause, told } from './causes.js'
import { shownText } from './shown-text.js'
import type { Trial, Variant } from './trial.js'

/** The most fields of which other values are tried. */
const MOST_FIELDS = 12
/** Longer values are left as they are. */
const MOST_VALUE = 4096

type Change = readonly [cause: Cause, title: string, make: (value: string) => string | undefined]

const CHANGES: readonly Change[] = [
  ['header-case', 'in lower case', (value) => value.toLowerCase()],
  ['header-case', 'in capitals', (value) => value.toUpperCase()],
  ['header-blanks', 'with single blanks', (value) => value.trim().replace(/[ \t]+/g, ' ')],
  ['header-blanks', 'without blanks behind commas and semicolons', (value) => value.replace(/([,;])[ \t]+/g, '$1')],
  ['header-blanks', 'with a blank behind each comma and semicolon', (value) => value.replace(/([,;])[ \t]*/g, '$1 ')],
  ['header-blanks', 'folded behind its commas and semicolons', (value) => value.replace(/([,;])[ \t]*/g, '$1\r\n ')],
  ['header-blanks', 'with a blank in front of it', (value) => ` ${value}`],
  ['header-changed', 'without its parameters', (value) => value.split(';')[0]?.trimEnd()],
  ['header-changed', 'with "; charset=utf-8" behind it', (value) => `${value}; charset=utf-8`],
  ['header-changed', 'with ";charset=utf-8" behind it', (value) => `${value};charset=utf-8`],
  ['header-changed', 'with "; charset=UTF-8" behind it', (value) => `${value}; charset=UTF-8`],
  ['header-changed', 'with ";charset=UTF-8" behind it', (value) => `${value};charset=UTF-8`],
  ['header-missing', 'empty: it was not there when the request was signed', () => ''],
]

/** What clients leave out, or fill in. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  'content-type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'text/plain',
    'text/plain; charset=utf-8',
  ],
  accept: ['*/*', 'application/json', 'application/json, text/plain, */*'],
  'accept-encoding': ['gzip, deflate', 'gzip, deflate, br', 'identity', 'gzip'],
  'content-length': ['0'],
}

/**
 * Other values of the fields that are signed.
 *
 * @param reading - the request as it was read, where it could be: it says which fields are on a list of what is signed
 */
export function headerVariants(scheme: CompiledScheme, view: RequestView, reading: Reading | undefined): readonly Variant[] {
  return signedFields(scheme, view, reading).flatMap((name) => {
    const [value, ...others] = headerValues(view.rawHeaders, name)
    if (others.length > 0) return repeated(name, [value as string, ...others])
    if (value === undefined) return missing(name)
    return [...CHANGES, ...usual(name)].flatMap((change) => changed(name, value, change))
  })
}

/** One in place of several fields of a name that carries something: the signature, its time, its key id. */
export function repeatedVariants(scheme: CompiledScheme, view: RequestView): readonly Variant[] {
  const names = new Set([scheme.signature, ...scheme.carried].flatMap(({ home }) => home.headers))
  return [...names].flatMap((name) => {
    const values = headerValues(view.rawHeaders, name)
    return values.length < 2 ? [] : repeated(name, values)
  })
}

/** The most fields that are looked at for a signature under another name. */
const MOST_NAMES = 64

/** The values of other fields under the name that the scheme has for the signature, which the request does not carry. */
export function renamedVariants(scheme: CompiledScheme, view: RequestView): readonly Variant[] {
  const [own] = scheme.signature.home.headers
  if (own === undefined || headerValues(view.rawHeaders, own).length > 0) return []
  const variants: Variant[] = []
  for (let at = 0; at < view.rawHeaders.length && variants.length < MOST_NAMES; at += 2) {
    const name = (view.rawHeaders[at] as string).toLowerCase()
    const value = view.rawHeaders[at + 1] as string
    variants.push(withField(own, value, 'header-name', `the signature stands in ${name}, and the scheme has it in ${own}`))
  }
  return variants
}

/** The fields that the definition names, and those on the request's own list; not those that carry the signature. */
function signedFields(scheme: CompiledScheme, view: RequestView, reading: Reading | undefined): readonly string[] {
  const written = [...JSON.stringify(scheme.definition).matchAll(/\{header:([A-Za-z0-9_-]{1,64})/g)].map(([, name = '']) =>
    name.toLowerCase(),
  )
  const lists = scheme.fields.filter(({ definition }) => definition.names !== undefined)
  const listed = (reading?.labels ?? (reading === undefined ? [] : [reading])).flatMap((one) =>
    lists.flatMap(({ index }) =>
      (one.captured[index] ?? '')
        .slice(0, MOST_VALUE)
        .toLowerCase()
        .split(/[^a-z0-9_-]+/),
    ),
  )
  const there = new Set(view.rawHeaders.filter((_text, at) => at % 2 === 0).map((name) => name.toLowerCase()))
  const own = new Set(scheme.signature.home.headers)
  const names = new Set([...written, ...listed.filter((name) => there.has(name) || Object.hasOwn(USUAL, name))])
  return [...names].filter((name) => name !== '' && name !== 'host' && !own.has(name)).slice(0, MOST_FIELDS)
}

function usual(name: string): readonly Change[] {
  return (USUAL[name] ?? []).map((value): Change => ['header-changed', `as "${value}"`, () => value])
}

function changed(name: string, value: string, [cause, how, make]: Change): readonly Variant[] {
  if (value.length > MOST_VALUE) return []
  const other = make(value)
  if (other === undefined || other === value) return []
  return [withField(name, other, cause, `the sender signs the field ${name} ${how}`)]
}

function missing(name: string): readonly Variant[] {
  const values = ['', ...(USUAL[name] ?? [])]
  return values.map((value) =>
    withField(
      name,
      value,
      'header-missing',
      `the field ${name} does not arrive; the sender signs it ${value === '' ? 'as empty' : `as "${value}"`}`,
    ),
  )
}

function repeated(name: string, values: readonly string[]): readonly Variant[] {
  const times = `the field ${name} stands ${values.length} times`
  return [
    withField(name, values[0] as string, 'field-repeated', `${times}; the sender signs the first`),
    withField(name, values.at(-1) as string, 'field-repeated', `${times}; the sender signs the last`),
    withField(name, values.join(', '), 'field-repeated', `${times}; the sender signs them joined by ", "`),
    withField(name, values.join(','), 'field-repeated', `${times}; the sender signs them joined by ","`),
  ]
}

/** Puts a value in place of all that stand under a name. */
function withField(name: string, value: string, cause: Cause, title: string): Variant {
  return (trial: Trial) => {
    const rawHeaders = [...withoutField(trial.view, name), name, value]
    return { ...trial, view: { ...trial.view, rawHeaders }, told: [...trial.told, told(cause, shownText(title))] }
  }
}

function withoutField(view: RequestView, name: string): readonly string[] {
  return view.rawHeaders.filter((_text, at) => (view.rawHeaders[at - (at % 2)] as string).toLowerCase() !== name)
}

const METHODS = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'HEAD']

/** Other methods that the sender may have signed. */
export function methodVariants(view: RequestView): readonly Variant[] {
  return [...new Set([view.method.toUpperCase(), ...METHODS])]
    .filter((method) => method !== view.method)
    .map((method) => (trial) => ({
      ...trial,
      view: { ...trial.view, method },
      told: [...trial.told, told('method', `the sender signs the method ${method} where ${view.method} arrives`)],
    }))
}
