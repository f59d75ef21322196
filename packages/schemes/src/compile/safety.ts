import type { SchemeDefinition, When } from '../definition/definition.js'
import { ROLES } from '../definition/names.js'
import { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import type { CompiledHome } from '../home/home.js'
import { isOfKeyId } from '../judge/guards.js'
import type { Judgement } from '../judge/judge.js'
import { partsOfText } from '../template/compiled-text.js'
import type { CompiledField } from './fields.js'

/** What a set-up may change of a scheme. */
export interface CompileOptions {
  /** Values for the scheme's `params`. */
  readonly params?: Readonly<Record<string, string>>
  /** Accepted difference to our clock, seconds, both ways, in place of the scheme's. */
  readonly toleranceSeconds?: number
  /** What has to be on the list of what is signed, in place of the scheme's `mustInclude`. */
  readonly mustInclude?: readonly string[]
  /** Accepts bodies that the signature does not bind: anybody on the way can change them. Default false. */
  readonly allowUnboundBody?: boolean
  /** Accepts a scheme that is marked insecure. Default false. */
  readonly allowInsecureScheme?: boolean
}

/** Adds a problem for every option that would change nothing, since its author believes that it does. */
export function checkIdleOptions(definition: SchemeDefinition, options: CompileOptions, problems: Problems): void {
  if (options.toleranceSeconds !== undefined && definition.timestamp === undefined)
    problems.addOption('toleranceSeconds', 'has no effect: the scheme signs no time, so that nothing can be too old; leave it out')
  const hasList = Object.values(definition.fields ?? {}).some((field) => field.names !== undefined)
  if (options.mustInclude !== undefined && !hasList)
    problems.addOption('mustInclude', 'has no effect: the scheme has no list of what is signed, so that nothing can be on it; leave it out')
}

/** The definition with another floor for its list of what is signed. */
export function withFloor(definition: SchemeDefinition, mustInclude: readonly string[] | undefined): SchemeDefinition {
  if (mustInclude === undefined) return definition
  const fields = Object.entries(definition.fields ?? {}).map(([name, field]) => [
    name,
    field.names === undefined ? field : { ...field, mustInclude },
  ])
  return { ...definition, fields: Object.fromEntries(fields) }
}

/** Adds a problem where the message holds what carries its own signature: nobody could sign it. A part of the path can be cut off it. */
export function refuseOwnPlace({ headers, place }: CompiledHome, { branches }: Judgement, problems: Problems): void {
  const own = headers.map((name) => `header:${name}`)
  if (place !== undefined && place !== 'path') own.push(place)
  const held = own.find((name) => branches.some(({ bound }) => bound.has(name)))
  if (held !== undefined) problems.add('message', `holds {${held}}, where the signature stands: it is what is being made`)
}

/** Adds a problem for everything of a scheme that would let a forgery in. */
export function refuseUnsafe(
  definition: SchemeDefinition,
  judgement: Judgement,
  fields: readonly CompiledField[],
  options: CompileOptions,
  problems: Problems,
): void {
  const everywhere = (name: string) => judgement.branches.every((branch) => branch.bound.has(name))
  if (definition.timestamp !== undefined && !everywhere('timestamp')) {
    problems.add('timestamp', 'is checked but not signed, so that anybody can renew an old request; put {timestamp} into the message')
  }
  if (definition.nonce !== undefined && !everywhere('nonce')) {
    problems.add('nonce', 'is not signed, so that anybody can give an old request a new one; put {nonce} into the message')
  }
  if (!signsBody(definition, judgement) && options.allowUnboundBody !== true) {
    problems.add('message', `does not sign the body, so that anybody can change it; ${bodyAdvice(definition, judgement)}`)
  }
  const { json, xml, form, item } = definition.signature
  if ((json ?? xml ?? form ?? item) !== undefined && judgement.branches.some((branch) => branch.bound.has('body')))
    problems.add(
      'message',
      'signs the octets of the body, which hold the signature; sign its members, or {body|without:...}, {body|omit:...}',
    )
  if (definition.jsonField !== undefined && definition.allowUnboundBody === undefined)
    problems.add('jsonField', 'leaves the other fields of a form unsigned; say in "allowUnboundBody" why the vendor does')
  refuseAmbiguous(definition, judgement, problems)
  if (definition.insecure !== undefined && options.allowInsecureScheme !== true) {
    problems.add('insecure', `${definition.insecure}; only the option allowInsecureScheme: true lets it in`)
  }
  if (definition.construction === 'hash') refusePlainHash(definition, everywhere('secret'), problems)
  for (const field of fields) {
    const left = options.allowUnboundBody === true && standsForBody(field)
    const open = judgement.branches.some((branch) => !branch.bound.has(field.name) && !isIdle(field, branch, definition, options))
    if (open && provesSomething(field) && !left && !repeatsSigned(field, definition, judgement)) {
      problems.add(`fields.${field.name}`, 'is carried, but neither in the message nor on a list that is, so that it proves nothing')
    }
  }
}

function bodyAdvice({ message, fields = {} }: SchemeDefinition, { sometimes }: Judgement): string {
  if (typeof message === 'string' && parseTemplate(message, 'message', new Problems('')).every(isLiteral))
    return 'it holds no part of the request: a part stands in one pair of braces, such as {body}'
  if (sometimes !== undefined) return `${sometimes}; a vendor's scheme that is so says why in "allowUnboundBody"`
  const entries = Object.values(fields).flatMap((field) => field.mustInclude ?? [])
  const digest = Object.values(fields).find(({ header, value, oneOf = [value] }) => {
    return oneOf.some((text) => text?.includes('{body|') === true) && entries.includes(`${header}?`)
  })
  return digest === undefined
    ? 'put {body} or a digest of it in, or say why not in "allowUnboundBody"'
    : `"${digest.header}?" need not be on the list: write "${digest.header}", which is asked for where the "when" of its field holds`
}

/** Whether a branch's requests are none that the field is asked of: they have no body, or another method. */
function isIdle(
  { definition: { when } }: CompiledField,
  branch: Judgement['branches'][number],
  { allowUnboundBody }: SchemeDefinition,
  options: CompileOptions,
): boolean {
  const bodiesRefused = branch.binding.body === 'none' && allowUnboundBody === undefined && options.allowUnboundBody !== true
  if (when?.body === true && bodiesRefused) return true
  const asked = methodsOf(when)
  const taken = methodsOf(branch.when)
  return asked !== undefined && taken !== undefined && !asked.some((method) => taken.includes(method))
}

function methodsOf(when: When | undefined): readonly string[] | undefined {
  return when?.method === undefined ? undefined : [when.method].flat()
}

/** A plain hash proves something only by the secret that is hashed with the rest. */
function refusePlainHash(definition: SchemeDefinition, holdsSecret: boolean, problems: Problems): void {
  if (definition.insecure === undefined) problems.add('construction', 'a plain hash is no HMAC and can be extended; say so in "insecure"')
  if (!holdsSecret) problems.add('message', 'does not hold {secret}, so that anybody can make the hash')
  if (definition.key !== undefined) problems.add('key', 'a plain hash takes no key; put {secret} into the message')
}

/** Whether a field repeats what is carried elsewhere and signed there, or is made of the secret, which only its holder writes. */
function repeatsSigned({ values, definition }: CompiledField, { fields = {} }: SchemeDefinition, { branches }: Judgement): boolean {
  if (values.length === 0 || definition.names !== undefined || definition.unit !== undefined) return false
  const parts = values.flatMap(partsOfText)
  const isCarried = (name: string) => (ROLES as readonly string[]).includes(name) || Object.hasOwn(fields, name)
  return parts.every((name) => name === 'secret' || (isCarried(name) && branches.every(({ bound }) => bound.has(name))))
}

/** Whether a field says what the body is: where the set-up leaves the body open, it may be left open too. */
function standsForBody(field: CompiledField): boolean {
  return field.binds(partsOfText).includes('body')
}

function signsBody(definition: SchemeDefinition, judgement: Judgement): boolean {
  // What signs an address or a session is for requests without body: one that has a body is refused.
  const { query, path, cookie } = definition.signature
  if (definition.allowUnboundBody !== undefined || [query, path, cookie].some((place) => place !== undefined)) return true
  return judgement.branches.some((branch) => branch.binding.body !== 'none')
}

function refuseAmbiguous(definition: SchemeDefinition, judgement: Judgement, problems: Problems): void {
  const { ambiguous, guards } = judgement
  if (ambiguous !== undefined && definition.ambiguous === undefined) {
    problems.add(
      'message',
      `two different requests can be signed alike: ${ambiguous}; a vendor's scheme that is so says why in "ambiguous"`,
    )
  }
  // Key ids may be let hold what separates them.
  if (ambiguous === undefined && definition.ambiguous !== undefined && !guards.some(isOfKeyId)) {
    problems.add('ambiguous', 'is declared, and the message is not: leave it out')
  }
}

/** Constants may stand beside the signature; a digest, a list or a deadline may not. */
function provesSomething(field: CompiledField): boolean {
  if (field.definition.exactly !== undefined) return false
  return (field.values.length > 0 && !field.constant) || field.definition.names !== undefined || field.definition.unit !== undefined
}
