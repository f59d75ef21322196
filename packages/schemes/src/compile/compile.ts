import type { Field, SchemeDefinition, TimeUnit } from '../definition/definition.js'
import { checkNames, Names } from '../definition/names.js'
import { ownCopy } from '../definition/own-data.js'
import { resolveParams } from '../definition/params.js'
import { Problems } from '../definition/problems.js'
import type { HashName } from '../hash/hmac.js'
import { derivedHome } from '../home/derived-home.js'
import type { CompiledHome } from '../home/home.js'
import { compileFormatOf, compileHome, isJudgedApart, listOf, PLACES } from '../home/homes.js'
import { commonBinding, type SchemeFacts } from '../judge/facts.js'
import { guardSets } from '../judge/guards.js'
import { type Judgement, judge } from '../judge/judge.js'
import { algorithmTable } from '../key/algorithms.js'
import { compileKey } from '../key/keys.js'
import { compileMac, type MacWriter } from '../key/mac.js'
import { pointerTokens } from '../request/json.js'
import type { Reading } from '../request/reading.js'
import { octetsOfText, stringOfText, type TextEnv, type TextPart } from '../template/compiled-text.js'
import { capturedPart, constantPart, PART_NAMES, requestPart, SECRET_TEXT } from '../template/parts.js'
import { isAscii } from '../text/ascii.js'
import type { Shape } from '../text/shape.js'
import { isToken } from '../text/token.js'
import { unitOf } from '../time/units.js'
import { judgeFacts, ownerOf } from './binding-facts.js'
import { checkCaptures, type HomeEntry } from './captures.js'
import type { CompiledScheme } from './compiled-scheme.js'
import { aheadOfSignature, type DerivedEntry, inReadingOrder } from './derived-order.js'
import { compileFields, valuesOf } from './fields.js'
import { compileHint } from './hint.js'
import { refuseMixedLabels } from './labels.js'
import { type CompileOptions, checkIdleOptions, refuseOwnPlace, refuseUnsafe, withFloor } from './safety.js'
import { compileText } from './text.js'
import { compileUnsent } from './unsent.js'
import { definitionProblems } from './validate.js'

/**
 * Compiles a scheme for one set-up: parses its templates, resolves its params, derives what it binds and refuses what is unsafe.
 *
 * @param factory - whose options they are, for messages about them
 * @throws TypeError `ERR_INVALID_ARG_VALUE` that lists every mistake with its place in the definition, or the option that it is in
 */
export function compileScheme(definition: SchemeDefinition, options: CompileOptions = {}, factory?: string): CompiledScheme {
  const problems = definitionProblems(definition, factory)
  const own = ownCopy(options)
  const compiled = problems.attempt(() => {
    checkIdleOptions(definition, own, problems)
    return new Compiler(ownCopy(withFloor(definition, own.mustInclude)), own, problems).compile()
  })
  problems.throwIfAny()
  return compiled as CompiledScheme
}

/** The units of what a request says of times. */
function unitsOf({ timestamp, fields = {} }: SchemeDefinition): readonly TimeUnit[] {
  return [timestamp, ...Object.values(fields)].flatMap((one) => (one?.unit === undefined || one.unit === 'life' ? [] : one.unit))
}

class Compiler {
  readonly #definition: SchemeDefinition
  readonly #options: CompileOptions
  readonly #problems: Problems
  readonly #params: ReadonlyMap<string, string>
  readonly #names: Names
  readonly #homes = new Map<string, CompiledHome>()
  readonly #defines = new Map<string, TextPart>()
  readonly #compiling = new Set<string>()
  readonly #signatureShape: Shape
  readonly #mac: MacWriter
  readonly #algorithms: ReadonlyMap<string, HashName> | undefined
  #usesOrigin = false

  constructor(definition: SchemeDefinition, options: CompileOptions, problems: Problems) {
    this.#definition = definition
    this.#options = options
    this.#problems = problems
    this.#params = resolveParams(definition, options.params, problems)
    this.#names = new Names(definition)
    checkNames(definition, problems)
    this.#algorithms = algorithmTable(definition, this.#params, problems)
    const named = this.#algorithms === undefined ? (definition.algorithm as HashName | undefined) : this.#algorithms.values().next().value
    this.#mac = compileMac(definition.signature.encoding ?? 'hex', named ?? 'sha256', problems)
    this.#signatureShape = this.#algorithms === undefined ? this.#mac.shape : { ...this.#mac.shape, width: undefined }
  }

  compile(): CompiledScheme {
    const definition = this.#definition
    this.#compileHomes()
    const env = this.#env
    const unboundBody = this.#options.allowUnboundBody === true
    const tools = { env, names: this.#names, homes: this.#homes, params: this.#params, unboundBody }
    const fields = compileFields(definition, tools, this.#problems)
    const message = compileText(definition.message, 'message', env)
    const key = compileKey(definition, env)
    const known = judgeFacts({ definition, names: this.#names, homes: this.#homes, fields }, this.#problems)
    const judgement = judge(message, known, key.judged, valuesOf(fields))
    if (!this.#problems.any) refuseUnsafe(definition, judgement, fields, this.#options, this.#problems)
    const bound = (name: string) => judgement.branches.some((branch) => branch.bound.has(name))
    const signature = this.#homes.get('signature') as CompiledHome
    const facts = this.#facts(judgement)
    if (!this.#problems.any) refuseOwnPlace(signature, judgement, this.#problems)
    return {
      definition,
      names: this.#names,
      facts,
      hash: this.#mac.hash,
      algorithms: this.#algorithms,
      mac: this.#mac,
      key,
      signature: { name: 'signature', home: signature, list: listOf(definition.signature), apart: isJudgedApart(definition, signature) },
      maxSignatures: definition.signature.max ?? 16,
      labelled: [...new Set([...this.#homes.values()].flatMap((home) => (home.label === undefined ? [] : home.headers)))],
      signatureQuery: definition.signature.query,
      jsonField: definition.jsonField,
      ahead: aheadOfSignature(this.#homes),
      carried: [...this.#homes].filter(([name]) => name !== 'signature').map(([name, home]) => ({ name, home })),
      fields: fields.map((field) => ({ ...field, asked: field.constant || bound(field.name) })),
      hint: compileHint(definition, env),
      unsent: compileUnsent({ ...tools, definition, facts, before: [...key.texts, ...valuesOf(fields)] }, this.#problems),
      message,
      branchOf: message.branchOf ?? (() => 0),
      ...guardSets(judgement.guards, definition.ambiguous),
      scope: definition.scope === undefined ? undefined : pointerTokens(definition.scope.json),
      unboundBody: definition.allowUnboundBody !== undefined || unboundBody,
    }
  }

  get #env(): TextEnv {
    return {
      problems: this.#problems,
      resolve: (name, argument) => this.#resolve(name, argument),
      names: () => [...PART_NAMES, ...this.#names.all, ...Object.keys(this.#definition.define ?? {})],
      slots: this.#names,
      signature: this.#definition.signature,
      signatureHeaders: () => this.#homes.get('signature')?.headers ?? [],
      units: unitsOf(this.#definition),
      listField: (name) => this.#definition.fields?.[name],
    }
  }

  /** A header that is the home of a role or field has that one's shape: a date or a digest has a width. */
  #headerPart(field: string): TextPart | string | undefined {
    const owner = ownerOf(this.#homes, field)
    if (owner === undefined || this.#homes.get(owner)?.format.plain === undefined) return requestPart('header', field)
    return this.#resolve(owner, undefined)
  }

  #resolve(name: string, argument: string | undefined): TextPart | string | undefined {
    if (name === 'param') return this.#param(argument)
    if (name === 'signature') return 'the message cannot hold {signature}: it is what is being made'
    if (argument === undefined && this.#names.has(name)) return this.#captured(name)
    if (argument === undefined && Object.hasOwn(this.#definition.define ?? {}, name)) return this.#define(name)
    if (name === 'header' && argument !== undefined) return this.#headerPart(argument.toLowerCase())
    if (name === 'item' && this.#definition.scope === undefined) return '{item:...} needs a "scope"'
    if (name === 'url' || name === 'origin') this.#usesOrigin = true
    if (name === 'secret' && argument === undefined) return SECRET_TEXT
    return requestPart(name, argument)
  }

  #param(argument: string | undefined): TextPart | string {
    if (argument === undefined) return '{param} needs a name, such as {param:region}'
    const value = this.#params.get(argument)
    if (value !== undefined) return constantPart(value)
    // That it has no value is told at its place in "params".
    if (Object.hasOwn(this.#definition.params ?? {}, argument)) return constantPart('')
    return `{param:${argument}} is not declared; add it to "params"`
  }

  #captured(name: string): TextPart {
    const home = this.#homeCapturing(name)
    // A list of components is printed with the parameters that its format captures.
    const binds = this.#definition.fields?.[name]?.names === 'components' ? (home?.format.names ?? []) : [name]
    return capturedPart(this.#names.index(name), this.#shapeOf(name), binds, home?.phase !== 'body' && home?.wire !== false)
  }

  #homeCapturing(name: string): CompiledHome | undefined {
    return [...this.#homes.values()].find((home) => home.format.names.includes(name))
  }

  #define(name: string): TextPart | string {
    const known = this.#defines.get(name)
    if (known !== undefined) return known
    if (this.#compiling.has(name)) return `{${name}} is defined by itself`
    this.#compiling.add(name)
    const text = compileText(this.#definition.define?.[name] ?? '', `define.${name}`, this.#env)
    this.#compiling.delete(name)
    const get =
      text.shape.kind === 'text' ? (reading: Reading) => stringOfText(text, reading) : (reading: Reading) => octetsOfText(text, reading)
    const part: TextPart = { shape: text.shape, latin1: text.latin1, binds: [], get, text }
    this.#defines.set(name, part)
    return part
  }

  #shapeOf(name: string): Shape {
    if (name === 'signature') return this.#signatureShape
    const unit = name === 'timestamp' ? this.#definition.timestamp?.unit : this.#definition.fields?.[name]?.unit
    if (unit === 'life') return { kind: 'text', alphabet: 'digits' }
    if (unit !== undefined) {
      const { alphabet, width, delimited = false } = unitOf(unit)
      return { kind: 'text', alphabet, width, delimited, unit }
    }
    if (name === 'algorithm') return { kind: 'text', alphabet: 'token' }
    const value = this.#definition.fields?.[name]?.value
    return { kind: 'text', alphabet: 'line', width: value === undefined ? undefined : this.#widthOf(name, value) }
  }

  /** The width of a recomputed value: a digest's text always has the same. */
  #widthOf(name: string, value: string): number | undefined {
    // Its width is of octets, and what carries it is read by characters.
    if (![value, ...this.#params.values()].every(isAscii)) return undefined
    if (this.#compiling.has(`value ${name}`)) return undefined
    this.#compiling.add(`value ${name}`)
    const quiet: TextEnv = { ...this.#env, problems: new Problems(this.#definition.name) }
    const { width } = compileText(value, `fields.${name}.value`, quiet).shape
    this.#compiling.delete(`value ${name}`)
    const { when, unbound, list, dictionary } = this.#definition.fields?.[name] ?? {}
    // Beside the value others may stand, which are ignored.
    if (list !== undefined || dictionary !== undefined) return undefined
    return when === undefined && (unbound === undefined || this.#options.allowUnboundBody !== true) ? width : undefined
  }

  #compileHomes(): void {
    const { signature, timestamp, nonce, keyId, fields = {} } = this.#definition
    const entries: HomeEntry[] = [
      ['signature', signature, 'signature'],
      ['timestamp', timestamp, 'timestamp'],
      ['nonce', nonce, 'nonce'],
      ['keyId', keyId, 'keyId'],
      ...Object.entries(fields).map(([name, field]): [string, Field, string] => [name, field, `fields.${name}`]),
    ]
    const replace = (text: string, path: string) => this.#replaceParams(text, path)
    for (const [name, home, path] of entries) {
      if (home === undefined) continue
      const compiled = compileHome(home, path, name, (slot) => this.#shapeOf(slot), replace, this.#problems)
      if (compiled === undefined) {
        if (name === 'signature' && PLACES.every((place) => home[place] === undefined))
          this.#problems.add(path, `has no home; write one of ${PLACES.join(', ')}`)
        continue
      }
      this.#homes.set(name, compiled)
    }
    this.#deriveHomes(entries, replace)
    checkCaptures(entries, this.#homes, this.#names, this.#problems)
    refuseMixedLabels(this.#definition, this.#homes, this.#problems)
  }

  /** Homes that are part of others, behind those: when one can be read depends on when they can. */
  #deriveHomes(entries: readonly HomeEntry[], replace: (text: string, path: string) => string): void {
    const derived = entries.flatMap(([name, home, path]): DerivedEntry[] => {
      if (home?.from === undefined) return []
      const format = compileFormatOf(home, path, name, (slot) => this.#shapeOf(slot), replace, this.#problems)
      return [{ name, path, source: home.from, format }]
    })
    const phaseOf = (name: string) => this.#homeCapturing(name)?.phase
    for (const one of inReadingOrder(derived, this.#problems))
      this.#homes.set(one.name, derivedHome(one.source, one.path, one.format, this.#env, phaseOf))
  }

  #replaceParams(text: string, path: string): string {
    return text.replace(/\{param:([A-Za-z][A-Za-z0-9]*)\}/g, (slot, name: string) => {
      const value = this.#params.get(name)
      if (value === undefined) this.#problems.add(path, `${slot} is not declared; add it to "params"`)
      else if (slot === text && path.endsWith('.header') && !isToken(value) && Object.hasOwn(this.#options.params ?? {}, name))
        this.#problems.addOption(`params.${name}`, 'must be the name of a header field')
      // In a format the value stands for itself, braces too.
      return path.endsWith('.format') ? (value ?? '').replace(/[{}]/g, '$&$&') : (value ?? '')
    })
  }

  #facts(judgement: Judgement): SchemeFacts {
    const { timestamp, nonce, message, define, fields } = this.#definition
    const binds = commonBinding(judgement.branches.map((branch) => branch.binding))
    const tolerance = this.#options.toleranceSeconds ?? timestamp?.toleranceSeconds ?? 300
    return {
      branches: judgement.branches,
      binds,
      injective: judgement.ambiguous === undefined && this.#definition.ambiguous === undefined,
      timestamp:
        timestamp === undefined
          ? undefined
          : {
              unit: timestamp.unit,
              toleranceSeconds: tolerance,
              futureSeconds: this.#options.toleranceSeconds ?? timestamp.futureSeconds ?? tolerance,
            },
      nonce: nonce !== undefined,
      keyId: this.#names.has('keyId'),
      bodyFirst: [...this.#homes.values()].some((home) => home.phase === 'body'),
      needsOrigin: this.#usesOrigin,
      distinct: binds.timestamp || binds.nonce,
      keyDiffers: judgement.byKey.has('timestamp') || judgement.byKey.has('nonce'),
      secretInMessage: /\{secret[|}]/.test(JSON.stringify([message, define, fields])),
    }
  }
}
