import type { Field, List, SchemeDefinition, Text } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'
import { intersection } from '../judge/intersection.js'
import { checkFloor, compileFloor, type FloorEntry, type NamesThere } from '../list/floor.js'
import { compilePairs } from '../list/list-pairs.js'
import { SchemeRefusal } from '../refusal.js'
import { coveredBy } from '../request/covered.js'
import type { Reading } from '../request/reading.js'
import { readDictionary, readInnerList } from '../request/structured.js'
import { type CompiledText, stringOfText, type TextEnv } from '../template/compiled-text.js'
import { requestPart } from '../template/parts.js'
import { compileTemplate } from '../template/template-text.js'
import { compileWhen, type WhenTest } from '../template/when.js'
import { isOf } from '../text/alphabet.js'
import { trimBlanks } from '../text/blanks.js'
import { remembering } from '../text/memo.js'
import { checkDeadline, checkLife, isLife } from './deadline.js'

/** A field, ready to be checked and to be written. */
export interface CompiledField {
  readonly name: string
  readonly index: number
  readonly definition: Field
  readonly when: WhenTest | undefined
  /** What it may be, recomputed; empty when anything is accepted. */
  readonly values: readonly CompiledText[]
  /** What each of `values` begins with, lower case, by which an element of a list is told. */
  readonly heads: readonly string[]
  /** Whether `values` may need the key, so that they can only be judged once it is known. */
  readonly keyed: boolean
  /** Compares what a field carried, from an index on, with one of `values`. */
  readonly same: (value: string, given: string, start?: number) => boolean
  /** The list that it must be, as a text. */
  readonly exact: string | undefined
  /** Whether `values` depend on nothing of the request. */
  readonly constant: boolean
  readonly param: string | undefined
  /** What our signer writes where nothing else says it. */
  readonly written: CompiledText | undefined
  /** Whether a request without it is refused, as far as `when` holds: not where the set-up left it unbound. */
  readonly asked: boolean
  /** Whether its names are of parameters or members, which have a case. */
  readonly ofPairs: boolean
  /** The names on the list; of headers, lower case. */
  readonly listed: (given: string) => ReadonlySet<string>
  /** What has to be on the list. */
  readonly must: readonly FloorEntry[]
  /** What our signer lists. */
  readonly sign: readonly FloorEntry[]
  /** What a signature that binds this field binds with it. */
  readonly binds: (of: (text: CompiledText) => readonly string[]) => readonly string[]
}

/** What fields are compiled with. */
export interface FieldTools {
  readonly env: TextEnv
  readonly names: Names
  readonly homes: ReadonlyMap<string, CompiledHome>
  readonly params: ReadonlyMap<string, string>
  /** Whether the set-up accepts a body that is not bound. */
  readonly unboundBody: boolean
}

/** Compiles the fields of a scheme, in their order. */
export function compileFields(definition: SchemeDefinition, tools: FieldTools, problems: Problems): CompiledField[] {
  return Object.entries(definition.fields ?? {}).map(([name, field]) => {
    const path = `fields.${name}`
    checkTexts(field, path, problems)
    const sources = sourcesOf(field, tools)
    const values = sources.map((source) => compileTemplate(source, `${path}.value`, tools.env))
    if (requestPart(name, undefined) !== undefined)
      problems.add(path, `{${name}} is a part of the request already; give the field another name`)
    if (field.unit === 'life' && definition.timestamp === undefined)
      problems.add(`${path}.unit`, '"life" counts from the timestamp, and the scheme has none')
    const walked = [definition.message, ...Object.values(definition.define ?? {})].flatMap((text) => pairLists(text, `{${name}}`))
    const ofPairs = walked.length > 0
    const there = ofPairs ? namesIn(walked, path, tools.env) : undefined
    const floor = { definition, names: tools.names, homes: tools.homes, there }
    const constant = values.every((text) => text.branches.every((branch) => branch.pieces.every(isConstant)))
    return {
      name,
      index: tools.names.index(name),
      definition: field,
      when: field.when && compileWhen(field.when, tools.names, `${path}.when`, problems),
      values,
      heads: values.map(headOf),
      keyed: values.length > 0 && usesKey(sources, definition),
      constant,
      same: constant || usesOwn(sources, definition) ? sameText : sameKnown,
      exact: field.exactly?.join(field.names ?? ' '),
      param: paramOf(field, definition, tools, `${path}.param`, problems),
      written: field.write === undefined ? undefined : compileTemplate(field.write, `${path}.write`, tools.env),
      asked: true,
      ofPairs,
      listed: remembering((given) => namesOn(given, field.names ?? ' ', ofPairs)),
      must: compileFloor(field.mustInclude ?? [], `${path}.mustInclude`, floor, problems),
      sign: compileFloor(field.sign ?? field.mustInclude ?? [], `${path}.sign`, floor, problems),
      binds: (of) => (isAlwaysThere(field) ? ofWhatIsThere(field, values, intersection(values.map(of))) : []),
    }
  })
}

function checkTexts({ value, oneOf, default: fallback = '' }: Field, path: string, problems: Problems): void {
  if (value !== undefined && oneOf !== undefined) problems.add(`${path}.oneOf`, 'stands in place of "value"; write one of the two')
  // What ends it in the message would be in it.
  if (!isOf('line', fallback)) problems.add(`${path}.default`, 'holds a line break, which nothing that is carried does')
}

/** What the fields are recomputed from. */
export function valuesOf(fields: readonly CompiledField[]): readonly CompiledText[] {
  return fields.flatMap(({ values }) => values)
}

/** Whether every request with a body carries it: what the sender can leave out by another condition binds nothing. */
function isAlwaysThere({ when }: Field): boolean {
  return when === undefined || (when.body === true && Object.keys(when).length === 1)
}

/** A request without body does not carry it: what else it is recomputed from is not signed there, and the body itself is none. */
function ofWhatIsThere({ when }: Field, values: readonly CompiledText[], bound: readonly string[]): readonly string[] {
  if (when === undefined || values.every(isOfBodyAlone)) return bound
  return bound.filter((name) => name === 'body' || name === 'data')
}

function isOfBodyAlone({ branches }: CompiledText): boolean {
  return branches.every(({ pieces }) =>
    pieces.every((piece) => {
      if (isConstant(piece)) return true
      if ('list' in piece) return piece.list.binds.every(isInBody)
      return 'part' in piece && (piece.through === undefined ? piece.part.binds.every(isInBody) : isOfBodyAlone(piece.through))
    }),
  )
}

function isInBody(name: string): boolean {
  return /^(?:body$|data$|form[:-]|json[:-]|item:)/.test(name)
}

/** Whether a text, or one that it may name, runs through `hmac`. */
function usesKey(sources: readonly string[], { define }: SchemeDefinition): boolean {
  return /\|hmac[|}]|\{secret[|}]/.test(JSON.stringify([sources, define]))
}

/** Whether there is more in it than the request and the scheme say. */
function usesOwn(sources: readonly string[], definition: SchemeDefinition): boolean {
  return usesKey(sources, definition) || JSON.stringify([sources, definition.define]).includes('{param:')
}

function isConstant(piece: CompiledText['branches'][number]['pieces'][number]): boolean {
  return 'literal' in piece || ('part' in piece && piece.part.constant === true)
}

/** What a field may be; the word for a body that is not signed only where the set-up accepts one. */
function sourcesOf(field: Field, { unboundBody }: FieldTools): readonly string[] {
  const sources = field.oneOf ?? (field.value === undefined ? [] : [field.value])
  return field.unbound === undefined || !unboundBody ? sources : [...sources, field.unbound]
}

function paramOf(field: Field, definition: SchemeDefinition, { params }: FieldTools, path: string, problems: Problems): string | undefined {
  if (field.param === undefined) return undefined
  if (!Object.hasOwn(definition.params ?? {}, field.param))
    problems.add(path, `"${field.param}" is not declared; add it to "params" (an empty text means: any)`)
  const value = params.get(field.param) || undefined
  if (value !== undefined && field.unit !== undefined && !isLife(value))
    problems.add(path, `${JSON.stringify(value)} is no life in seconds, such as 300`)
  return value
}

/** Puts in place what counts where nothing is carried, before any field is checked: the value of one may name another. */
export function fillField({ definition, index, exact }: CompiledField, reading: Reading): void {
  if (reading.captured[index] !== undefined) return
  if (exact !== undefined) reading.captured[index] = exact
  else if (definition.default !== undefined) reading.captured[index] = definition.default
}

/**
 * Checks what a field carried: the list that it must be, the value that it must have, the deadline that it sets.
 *
 * @param now - milliseconds
 */
export function checkField(field: CompiledField, reading: Reading, now: number): void {
  const { definition, index, name } = field
  const given = reading.captured[index]
  if (given === undefined) {
    if (isAsked(field, reading)) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `{${name}} is not in the request`)
    return
  }
  if (definition.unit === 'life') checkLife(given, name, reading.signedAt, now)
  else if (definition.unit !== undefined) checkDeadline(given, definition.unit, name, now)
  else if (field.param !== undefined && !sameText(field.param, given)) throw differs(name)
  if (!holdsValue(field, given, reading)) throw differs(name)
  if (field.exact !== undefined && field.exact !== given)
    throw new SchemeRefusal('ERR_HMAC_UNCOVERED', `the list {${name}} is not the scheme's`)
  if (field.must.length > 0) checkFloor(field.must, listedBy(field, given, reading), reading)
}

function isAsked(field: CompiledField, reading: Reading): boolean {
  if (field.when !== undefined && !field.when(reading)) return false
  return field.param !== undefined || (field.asked && field.values.length > 0)
}

/** Whether what a field carried is what it has to be; a field without `value` may be anything. */
export function holdsValue(field: CompiledField, given: string, reading: Reading): boolean {
  const { values, definition } = field
  if (values.length === 0) return true
  const { list, dictionary } = definition
  if (list === undefined && dictionary === undefined) return values.some((value) => field.same(stringOfText(value, reading), given))
  const elements = given.split(list ?? ',')
  // One member that is what it has to be is a dictionary; what is ignored beside others has to make one with them.
  if (dictionary !== undefined && elements.length > 1) readDictionary(given, dictionary)
  let known = 0
  for (const element of elements) {
    const holds = elementHolds(field, trimBlanks(element), reading)
    if (holds === false) return false
    if (holds) known += 1
  }
  return known > 0
}

/** Whether an element is what the value says that begins like it; undefined when none does. */
function elementHolds({ values, heads, same }: CompiledField, element: string, reading: Reading): boolean | undefined {
  for (let i = 0; i < heads.length; i += 1) {
    const head = heads[i] as string
    if (!element.startsWith(head) && element.slice(0, head.length).toLowerCase() !== head) continue
    return same(stringOfText(values[i] as CompiledText, reading), element, head.length)
  }
  return undefined
}

/** The text in front of the first slot, lower case. */
function headOf(text: CompiledText): string {
  const first = text.branches[0]?.pieces[0]
  return first !== undefined && 'literal' in first ? first.literal.toLowerCase() : ''
}

/** Whether a list holds a name; names of headers have no case, others do. */
function listedBy(field: CompiledField, given: string, reading: Reading): (name: string) => boolean {
  if (field.definition.names === 'components') {
    const { identifiers } = reading.covered ?? coveredBy(readInnerList(given, 'the list of components'))
    return (name) => identifiers.has(name)
  }
  const listed = field.listed(given)
  return (name) => listed.has(field.ofPairs ? name : name.toLowerCase())
}

function namesOn(given: string, separator: string, ofPairs: boolean): ReadonlySet<string> {
  const names = given.split(separator).map(trimBlanks)
  return new Set(ofPairs ? names : names.map((name) => name.toLowerCase()))
}

/** The lists of parameters or members whose names stand in a slot. */
function pairLists(text: Text, slot: string): readonly List[] {
  if (typeof text === 'string') return []
  if ('choose' in text) return text.choose.flatMap(({ use }) => pairLists(use, slot))
  return text.names === slot && ![text.each].flat().includes('headers') ? [text] : []
}

/** The names of what a request has for lists, as they are looked up in what a field lists. */
function namesIn(lists: readonly List[], path: string, env: TextEnv): NamesThere {
  const gathers = lists.flatMap((list) =>
    [list.each].flat().flatMap((source) => (source === 'headers' ? [] : [compilePairs(list, source, path, env)])),
  )
  return (reading) => [...new Set(gathers.flatMap((gather) => gather(reading).map(([name]) => name)))]
}

function differs(name: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_DIGEST', `{${name}} is not what the request gives`)
}

/** In a time that depends on the lengths alone, as what the set-up says may be nobody else's. */
function sameText(expected: string, given: string, start = 0): boolean {
  if (given.length !== expected.length) return false
  let different = 0
  for (let i = start; i < expected.length; i += 1) different |= expected.charCodeAt(i) ^ given.charCodeAt(i)
  return different === 0
}

/** Of what the sender can compute himself, such as a digest of the body, no time tells him more. */
function sameKnown(expected: string, given: string, start = 0): boolean {
  if (start === 0) return expected === given
  return expected.length === given.length && given.endsWith(expected.slice(start))
}
