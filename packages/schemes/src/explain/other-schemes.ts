import { headerValues } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { SchemeDefinition } from '../definition/definition.js'
import * as presets from '../presets/index.js'
import { type Told, told } from './causes.js'
import { compiledOr } from './form-variants.js'

interface Preset {
  /** Its name, and those of the schemes that are the same but for it. */
  readonly names: string[]
  readonly compiled: CompiledScheme
}

let known: readonly Preset[] | undefined

/** The schemes of the catalogue, compiled when they are first asked for; those without that need params of the set-up. */
function catalogue(): readonly Preset[] {
  known ??= compiledOnce()
  return known
}

function compiledOnce(): readonly Preset[] {
  const byContent = new Map<string, Preset>()
  const published = (definition: SchemeDefinition) => (definition.evidence === 'published' ? 0 : 1)
  for (const definition of Object.values<SchemeDefinition>(presets).sort((a, b) => published(a) - published(b))) {
    const { name, docs: _docs, evidence: _evidence, handshake: _handshake, ...content } = definition
    const same = byContent.get(JSON.stringify(content))
    const compiled = same === undefined ? compiledOr(definition, { allowInsecureScheme: true }) : undefined
    same?.names.push(name)
    if (compiled !== undefined) byContent.set(JSON.stringify(content), { names: [name], compiled })
  }
  return [...byContent.values()]
}

/** A scheme of the catalogue that the request may be signed with. */
export interface OtherScheme extends Told {
  readonly names: readonly string[]
  readonly compiled: CompiledScheme
}

/** The schemes of the catalogue whose signature's field the request carries, but for the one that was asked for. */
export function otherSchemes(own: SchemeDefinition, rawHeaders: readonly string[]): readonly OtherScheme[] {
  const there = new Set(rawHeaders.filter((_text, at) => at % 2 === 0).map((name) => name.toLowerCase()))
  return catalogue()
    .filter(({ names, compiled }) => !names.includes(own.name) && carries(compiled, there, rawHeaders))
    .map(({ names, compiled }) => ({
      names,
      compiled,
      ...told(
        'other-scheme',
        `the request is signed as ${listed(names)} ${names.length > 1 ? 'have' : 'has'} it (${formOf(compiled)}), and '${own.name}' is asked for`,
      ),
    }))
}

/** The names alone may mislead: other senders than those of the catalogue sign so too. */
function formOf({ hash, signature }: CompiledScheme): string {
  const place = signature.home.headers[0] ?? signature.home.place ?? 'another place'
  return `HMAC-${hash.toUpperCase()} in ${place}`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => `'${name}'`)
  return names.length > shown.length ? `${shown.join(', ')} ...` : shown.join(', ')
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
  const header = first.compiled.signature.home.headers[0] ?? ''
  return told(
    'other-scheme',
    `the request carries ${header}, the field of ${listed(named.flatMap(({ names }) => names))}, and '${own.name}' is asked for`,
  )
}
