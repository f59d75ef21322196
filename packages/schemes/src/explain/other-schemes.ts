import { headerValues } from '@countersign/core'
import type { CompiledScheme } from '../compiled-scheme.js'
import type { SchemeDefinition } from '../definition.js'
import * as presets from '../presets/index.js'
import { type Told, told } from './causes.js'
import { compiledOr } from './form-variants.js'

interface Preset {
  readonly definition: SchemeDefinition
  readonly compiled: CompiledScheme
}

let known: readonly Preset[] | undefined

/** The schemes of the catalogue, compiled when they are first asked for; those without that need params of the set-up. */
function catalogue(): readonly Preset[] {
  known ??= Object.values(presets).flatMap((definition: SchemeDefinition) => {
    const compiled = compiledOr(definition, { allowInsecureScheme: true })
    return compiled === undefined ? [] : [{ definition, compiled }]
  })
  return known
}

/** A scheme of the catalogue that the request may be signed with. */
export interface OtherScheme extends Told {
  readonly compiled: CompiledScheme
}

/** The schemes of the catalogue whose signature's field the request carries, but for the one that was asked for. */
export function otherSchemes(own: SchemeDefinition, rawHeaders: readonly string[]): readonly OtherScheme[] {
  const there = new Set(rawHeaders.filter((_text, at) => at % 2 === 0).map((name) => name.toLowerCase()))
  return catalogue()
    .filter(({ definition, compiled }) => definition.name !== own.name && carries(compiled, there, rawHeaders))
    .map(({ definition, compiled }) => ({
      compiled,
      ...told('other-scheme', `the request is signed with the scheme '${definition.name}', and '${own.name}' is asked for`),
    }))
}

function carries({ signature, definition }: CompiledScheme, there: ReadonlySet<string>, rawHeaders: readonly string[]): boolean {
  const { header } = definition.signature
  if (typeof header === 'string' && header.endsWith('{n}')) return there.has(`${header.slice(0, -3).toLowerCase()}1`)
  const { headers } = signature.home
  if (headers.length === 0 || !headers.some((name) => there.has(name))) return false
  const word = definition.signature.authorization?.toLowerCase()
  if (word === undefined || !headers.includes('authorization')) return true
  return headerValues(rawHeaders, 'authorization').some((value) => value.toLowerCase().startsWith(`${word} `))
}

/** Fields that many senders have: they say nothing about which one it is. */
const COMMON = new Set(['authorization', 'signature', 'x-signature', 'x-hmac-signature', 'hmac', 'digest'])

/** A finding by the looks of the request alone: it carries the field of another vendor, and none of ours. */
export function looksLike(others: readonly OtherScheme[], own: SchemeDefinition): Told | undefined {
  const named = others.filter(({ compiled }) => compiled.signature.home.headers.some((name) => !COMMON.has(name)))
  const [first] = named
  if (first === undefined) return undefined
  const names = [...new Set(named.map(({ compiled }) => `'${compiled.definition.name}'`))].slice(0, 5).join(', ')
  const header = first.compiled.signature.home.headers[0] ?? ''
  return told('other-scheme', `the request carries ${header}, the field of ${names}, and '${own.name}' is asked for`)
}
