import { timingSafeEqual } from 'node:crypto'
import { type CompiledText, stringOfText, type TextEnv } from './compiled-text.js'
import type { Field, SchemeDefinition, TimeUnit } from './definition.js'
import type { CompiledHome } from './home.js'
import type { Names } from './names.js'
import type { Problems } from './problems.js'
import type { Reading } from './reading.js'
import { SchemeRefusal } from './refusal.js'
import { compileTemplate } from './template-text.js'
import { UNITS } from './units.js'
import { compileWhen, type WhenTest } from './when.js'

/** A field, ready to be checked and to be written. */
export interface CompiledField {
  readonly name: string
  readonly index: number
  readonly definition: Field
  readonly when: WhenTest | undefined
  /** What it may be, recomputed; empty when anything is accepted. */
  readonly values: readonly CompiledText[]
  /** Whether `values` depend on nothing of the request. */
  readonly constant: boolean
  readonly param: string | undefined
  /** What has to be on the list, and the field whose `when` decides whether it counts. */
  readonly must: readonly { readonly name: string; readonly when: WhenTest | undefined }[]
  /** What a signature that binds this field binds with it. */
  readonly binds: (of: (text: CompiledText) => readonly string[]) => readonly string[]
}

/** What fields are compiled with. */
export interface FieldTools {
  readonly env: TextEnv
  readonly names: Names
  readonly homes: ReadonlyMap<string, CompiledHome>
  readonly params: ReadonlyMap<string, string>
}

/** Compiles the fields of a scheme, in their order. */
export function compileFields(definition: SchemeDefinition, tools: FieldTools, problems: Problems): CompiledField[] {
  return Object.entries(definition.fields ?? {}).map(([name, field]) => {
    const path = `fields.${name}`
    const sources = field.oneOf ?? (field.value === undefined ? [] : [field.value])
    const values = sources.map((source) => compileTemplate(source, `${path}.value`, tools.env))
    if (field.param !== undefined && !Object.hasOwn(definition.params ?? {}, field.param)) {
      problems.add(`${path}.param`, `"${field.param}" is not declared; add it to "params" (an empty text means: any)`)
    }
    return {
      name,
      index: tools.names.index(name),
      definition: field,
      when: field.when && compileWhen(field.when),
      values,
      constant: values.every((text) => text.branches.every((branch) => branch.pieces.every(isConstant))),
      param: field.param === undefined ? undefined : tools.params.get(field.param) || undefined,
      must: (field.mustInclude ?? []).map((entry) => ({ name: entry, when: whenOfHeader(definition, tools.homes, entry) })),
      binds: (of) => values.flatMap((text) => [...of(text)]),
    }
  })
}

function isConstant(piece: CompiledText['branches'][number]['pieces'][number]): boolean {
  return 'literal' in piece || ('part' in piece && piece.part.constant === true)
}

/** A digest is not asked of a request without body: an entry that names the header of a field counts while its `when` holds. */
function whenOfHeader(definition: SchemeDefinition, homes: ReadonlyMap<string, CompiledHome>, entry: string): WhenTest | undefined {
  for (const [name, home] of homes) {
    const when = definition.fields?.[name]?.when
    if (when !== undefined && home.headers.includes(entry.toLowerCase())) return compileWhen(when)
  }
  return undefined
}

/**
 * Checks what a field carried: the list that it must be, the value that it must have, the deadline that it sets.
 *
 * @param now - milliseconds
 */
export function checkField(field: CompiledField, reading: Reading, now: number): void {
  const { definition, index, name } = field
  if (reading.captured[index] === undefined && definition.exactly !== undefined) reading.captured[index] = exactText(definition)
  if (reading.captured[index] === undefined && definition.default !== undefined) reading.captured[index] = definition.default
  const given = reading.captured[index]
  if (given === undefined) {
    const asked = field.values.length > 0 && (field.when === undefined || field.when(reading))
    if (asked) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `{${name}} is not in the request`)
    return
  }
  if (field.param !== undefined && !sameText(given, field.param)) throw differs(name)
  if (field.values.length > 0 && !field.values.some((value) => sameText(given, stringOfText(value, reading)))) throw differs(name)
  if (definition.exactly !== undefined && !sameText(given, exactText(definition)))
    throw new SchemeRefusal('ERR_HMAC_UNCOVERED', `the list {${name}} is not the scheme's`)
  if (definition.unit !== undefined) checkDeadline(given, definition.unit, name, now)
  if (field.must.length > 0) checkList(field, given, reading)
}

/** The text of a list that the scheme fixes. */
export function exactText(field: Field): string {
  return (field.exactly ?? []).join(field.names ?? ' ')
}

function checkList(field: CompiledField, given: string, reading: Reading): void {
  const listed = new Set(given.split(field.definition.names ?? ' ').map((name) => name.trim().toLowerCase()))
  for (const { name, when } of field.must) {
    if (!listed.has(name.toLowerCase()) && (when === undefined || when(reading))) {
      throw new SchemeRefusal('ERR_HMAC_UNCOVERED', `${name} has to be signed and is not on the list`)
    }
  }
}

function checkDeadline(given: string, unit: TimeUnit, name: string, now: number): void {
  const deadline = UNITS[unit].read(given)
  if (deadline === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is no time in ${unit}`)
  if (now > deadline) throw new SchemeRefusal('ERR_HMAC_STALE', `the signature expired ${Math.ceil((now - deadline) / 1000)} s ago`)
}

function differs(name: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_DIGEST', `{${name}} is not what the request gives`)
}

function sameText(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}
