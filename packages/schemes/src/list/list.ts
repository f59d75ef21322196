import type { Field, List, ListSource } from '../definition/definition.js'
import { SchemeRefusal } from '../refusal.js'
import type { Pair } from '../request/pairs.js'
import type { Reading } from '../request/reading.js'
import { type CompiledText, stringOfText, type TextEnv, type TextPart } from '../template/compiled-text.js'
import { joined, MessageBuilder, textOf } from '../template/message.js'
import type { Part } from '../template/parts.js'
import { compileTemplate } from '../template/template-text.js'
import { excludes } from '../text/alphabet.js'
import { isAscii } from '../text/ascii.js'
import type { Alphabet } from '../text/shape.js'
import { isToken } from '../text/token.js'
import { compileHeaders } from './header-list.js'
import { checkIdle } from './idle-options.js'
import { listFacts } from './list-facts.js'
import { arrange, byCodeUnit, compilePairs, compileWith, type Gather, listedPairs } from './list-pairs.js'
import { compileComponents } from './structured-list.js'

/** The thing that is being printed; lists are printed one at a time and synchronously. */
interface Current {
  name: string
  value: string
}

/** Compiles a canonical list. */
export function compileList(list: List, path: string, env: TextEnv): CompiledText {
  const sources = [list.each].flat() as readonly ListSource[]
  const headers = sources.includes('headers')
  const field = headers || list.names !== undefined ? listField(list, path, env, headers) : undefined
  if (list.names !== undefined && sources.length !== 1)
    env.problems.add(`${path}.names`, 'lists what of one source is signed; "each" has several')
  checkIdle(list, sources, headers ? kindOf(field) : undefined, path, env.problems)
  if (headers && field?.exactly !== undefined) return compileTemplate(unrolled(list, field.exactly), path, env)
  if (field?.names === 'components') return compileComponents(list, path, env, field, env.slots.index((list.names as string).slice(1, -1)))
  const current: Current = { name: '', value: '' }
  const made = compileWith(list, path, env)
  const local = localEnv(env, current, {
    name: alphabetOfNames(list, sources),
    value: alphabetOfValues(list, sources, made.texts),
    isWire: headers,
  })
  const item = compileTemplate(list.item, `${path}.item`, local)
  const named = new Map(
    Object.entries(list.named ?? {}).map(([name, text]) => [name, compileTemplate(text, `${path}.named.${name}`, local)]),
  )
  const names = list.names === undefined ? undefined : compileTemplate(list.names, `${path}.names`, env)
  const namesOf = names && ((reading: Reading) => stringOfText(names, reading))
  const found = compileGather(list, sources, {
    path,
    env,
    named,
    separator: field?.names ?? ' ',
    namesOf,
    made: made.texts.size === 0 ? undefined : made.gather,
  })
  const print = (reading: Reading, out: MessageBuilder, pair: Pair) => {
    current.name = pair[0]
    current.value = pair[1]
    ;(named.get(pair[0]) ?? item).emit(reading, out)
  }
  const facts = listFacts({ path, list, sources, item, named, field, made: made.texts })
  return {
    shape: { kind: 'text', alphabet: 'any', lossy: true },
    latin1: headers,
    emit: emitter(list, found, print, facts.ambiguous === undefined),
    branches: [{ when: undefined, pieces: [{ list: facts }] }],
  }
}

/** Names of headers are compared in lower case: another one would silently be the name of none, or stand beside one that prints alike. */
function checkLowerCase({ prefix = '', only = [], except = [], with: made = {} }: List, path: string, env: TextEnv): void {
  for (const [word, names] of Object.entries({ prefix: [prefix], only, except, with: Object.keys(made) })) {
    const name = names.find((one) => one !== one.toLowerCase())
    if (name !== undefined) env.problems.add(`${path}.${word}`, `"${name}" is the name of no header; write it in lower case`)
  }
}

/** What the sources of a list are gathered with. */
interface GatherTools {
  readonly path: string
  readonly env: TextEnv
  readonly named: ReadonlyMap<string, CompiledText>
  readonly separator: string
  readonly namesOf: ((reading: Reading) => string) | undefined
  /** The pairs of `with`. */
  readonly made: Gather | undefined
}

/** How a list gathers what it repeats, source by source. */
function compileGather(list: List, sources: readonly ListSource[], { path, env, named, separator, namesOf, made }: GatherTools): Gather {
  const isWire = sources.includes('headers')
  const gathers = sources.map((source): Gather => {
    if (source === 'headers') return compileHeaders(list, namesOf, separator, named, env.signatureHeaders)
    const pairs = compilePairs(list, source, path, env)
    if (namesOf !== undefined) return listedPairs(pairs, source, namesOf, separator)
    return isWire ? (reading) => pairs(reading).map(onWire) : pairs
  })
  if (gathers.length === 1 && made === undefined) return gathers[0] as Gather
  return (reading) => {
    const found = gathers.flatMap((one) => one(reading))
    const own = made === undefined ? [] : isWire ? made(reading).map(onWire) : made(reading)
    // Sorted among the others, one of ours and one of the sender's could change places.
    const twin = own.find(([name]) => found.some(([other]) => other === name))
    if (twin !== undefined) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the parameter ${twin[0]} stands beside the one of the scheme`)
    return [...found, ...own]
  }
}

/** A pair as headers are: each character of its texts an octet of their UTF-8. */
function onWire([name, value]: Pair): Pair {
  const octets = (text: string) => (isAscii(text) ? text : Buffer.from(text).toString('latin1'))
  return [octets(name), octets(value)]
}

/** The list field that a list walks. */
function listField(list: List, path: string, env: TextEnv, headers: boolean): Field | undefined {
  if (headers) checkLowerCase(list, path, env)
  if (list.names === undefined) {
    if (list.prefix === undefined) env.problems.add(path, 'a list of headers needs "names" (a list field, such as {signed}) or "prefix"')
    return undefined
  }
  const name = /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(list.names)?.[1]
  const field = name === undefined ? undefined : env.listField(name)
  if (field?.names === undefined) env.problems.add(`${path}.names`, `${list.names} is no field with "names"; write one such as {signed}`)
  return field
}

function kindOf(field: Field | undefined): 'names' | 'constant' | 'components' | undefined {
  if (field === undefined) return undefined
  if (field.exactly !== undefined) return 'constant'
  return field.names === 'components' ? 'components' : 'names'
}

/** A list of constant names is a plain text: each item with its header in place of {name} and {value}. */
function unrolled(list: List, names: readonly string[]): string {
  const items = names.map((name) => {
    const field = name.toLowerCase()
    const text = list.named?.[name] ?? list.item
    return text.replaceAll('{name}', field).replaceAll('{value', `{header:${field}`)
  })
  const literal = (text: string) => text.replace(/[{}]/g, '$&$&')
  return (items.length === 0 ? '' : literal(list.before ?? '')) + items.join(literal(list.join))
}

type Print = (reading: Reading, out: MessageBuilder, pair: Pair) => void

/** @param isTold - whether no two lists may print the same */
function emitter(list: List, found: Gather, print: Print, isTold: boolean): CompiledText['emit'] {
  const isLatin1 = [list.each].flat().includes('headers')
  return (reading, out) => {
    const pairs = arrange(found(reading), list)
    if (list.before !== undefined && pairs.length > 0) out.text(list.before)
    const { length } = out.parts
    if (list.sort === 'item') printSorted(reading, out, pairs, print, list.join, isLatin1)
    else printAll(reading, out, pairs, print, list.join)
    // Else a list of none would be signed alike.
    if (isTold && list.before === undefined && pairs.length === 1 && out.parts.length === length)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a list has one item, which prints nothing')
  }
}

function printAll(reading: Reading, out: MessageBuilder, pairs: readonly Pair[], print: Print, join: string): void {
  for (let i = 0; i < pairs.length; i += 1) {
    if (i > 0) out.text(join)
    print(reading, out, pairs[i] as Pair)
  }
}

function printSorted(reading: Reading, out: MessageBuilder, pairs: readonly Pair[], print: Print, join: string, latin1: boolean): void {
  const items = pairs.map((pair) => {
    const one = new MessageBuilder()
    print(reading, one, pair)
    const text = textOf(one.parts)
    if (text !== undefined && (!latin1 || isAscii(text))) return text
    // Octets of the wire stay what they are.
    return Buffer.from(joined(one.parts)).toString(latin1 ? 'latin1' : 'utf8')
  })
  out.value(items.sort(byCodeUnit).join(join), latin1)
}

/** What the names and values of a list are made of. */
interface Alphabets {
  readonly name: Alphabet
  readonly value: Alphabet
  /** Whether they stand for the octets of the wire. */
  readonly isWire: boolean
}

function localEnv(env: TextEnv, current: Current, { name, value, isWire }: Alphabets): TextEnv {
  const part = (get: () => string, of: Alphabet): Part => ({ shape: { kind: 'text', alphabet: of }, latin1: isWire, binds: [], get })
  const locals: Record<string, TextPart> = { name: part(() => current.name, name), value: part(() => current.value, value) }
  return {
    ...env,
    resolve: (name, argument) => (argument === undefined && Object.hasOwn(locals, name) ? locals[name] : env.resolve(name, argument)),
    names: () => ['name', 'value', ...env.names()],
  }
}

/** What names are made of: those of headers, raw ones as they are in front of "=", or what the encoding leaves. */
function alphabetOfNames(list: List, sources: readonly ListSource[]): Alphabet {
  if (sources.includes('headers')) return sources.length === 1 && Object.keys(list.with ?? {}).every(isToken) ? 'token' : 'any'
  return alphabetOfPairs(list, sources, 'pairName')
}

/** What values are made of. Those of other sources and of `with` can hold what no header does. */
function alphabetOfValues(list: List, sources: readonly ListSource[], made: ReadonlyMap<string, CompiledText>): Alphabet {
  const isLine = ({ shape }: CompiledText) => shape.kind === 'text' && [...'\n\r\0'].every((end) => excludes(shape.alphabet, end))
  if (sources.includes('headers')) return sources.length === 1 && [...made.values()].every(isLine) ? 'line' : 'any'
  return alphabetOfPairs(list, sources, 'pairValue')
}

function alphabetOfPairs(list: List, sources: readonly ListSource[], raw: Alphabet): Alphabet {
  if (list.encode !== undefined) return list.encode === 'rfc3986' ? 'unreserved' : 'encoded'
  const isRaw = list.decode === false && list.with === undefined && sources.every((source) => source === 'query' || source === 'form')
  return isRaw ? raw : 'any'
}
