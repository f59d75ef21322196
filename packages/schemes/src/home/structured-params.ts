import type { Problems } from '../definition/problems.js'
import { quoted } from '../definition/template.js'
import { SchemeRefusal } from '../refusal.js'
import type { Covered } from '../request/covered.js'
import { type BareItem, type InnerList, writeBareItem, writeParameters } from '../request/structured.js'
import { splitOutside } from '../text/quoted-string.js'
import type { Captures } from './captured.js'
import type { Format } from './format.js'

/** A parameter of an Inner List that a scheme knows. */
interface Param {
  readonly name: string
  /** The role or field that it carries. */
  readonly slot: string
  readonly optional: boolean
  /** A String; otherwise an Integer. */
  readonly isText: boolean
}

/** The parameters of a list of components, both ways. */
export interface CompiledParams {
  readonly format: Format
  /** Captures from a list that was read; false when a parameter is missing or of another type. */
  readonly readInto: (list: InnerList, covered: Covered, into: Captures) => boolean
}

/**
 * Compiles the format of a list of components: the parameters behind it, in the order in which our signer writes them, such as
 * `;created={timestamp};keyid="{keyId?}"`. In quotes: a String; bare: an Integer. Other parameters of a request count as they are.
 */
export function compileParams(source: string, self: string, path: string, problems: Problems): CompiledParams {
  const params: Param[] = []
  for (const part of splitOutside(source, ';').slice(1)) {
    const match = /^([a-z*][a-z0-9_.*-]*)=("?)\{([A-Za-z][A-Za-z0-9]*)(\??)\}\2$/.exec(part)
    if (match === null) {
      const constant = part.includes('{') ? '' : '; what is fixed is a field with "value", captured here'
      problems.add(path, `${quoted(part)} is no parameter, such as created={timestamp} or keyid="{keyId?}"${constant}`)
    } else params.push({ name: match[1] as string, slot: match[3] as string, optional: match[4] === '?', isText: match[2] === '"' })
  }
  if (source !== '' && !source.startsWith(';')) problems.add(path, `${quoted(source)}: parameters begin with ";"`)
  const readInto = (list: InnerList, covered: Covered, into: Captures) => {
    into.set(self, covered.text + writeParameters(list[1]))
    return readParams(list, params, into)
  }
  const format: Format = {
    names: [self, ...params.map(({ slot }) => slot)],
    plain: undefined,
    inner: undefined,
    sole: undefined,
    repeated: undefined,
    // The member is read as the list that it is, and never as a text.
    read: () => false,
    print: (from) => `${from.get(self)}${params.map((param) => printParam(param, from)).join('')}`,
  }
  return { format, readInto }
}

/** Captures the parameters that the scheme knows. */
function readParams([, given]: InnerList, params: readonly Param[], into: Captures): boolean {
  for (const param of params) {
    const value = given.get(param.name)
    if (value === undefined ? !param.optional : !isTyped(value, param)) return false
    if (value !== undefined && value !== '') into.set(param.slot, String(value))
  }
  return true
}

function isTyped(value: BareItem, { isText }: Param): boolean {
  return isText ? typeof value === 'string' : Number.isInteger(value)
}

function printParam({ name, slot, isText, optional }: Param, from: Captures): string {
  const value = from.get(slot)
  if (value === undefined && optional) return ''
  if (value === undefined) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `{${slot}} is missing`)
  if (!isText && !/^-?[0-9]{1,15}$/.test(value)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${slot}} is no integer`)
  return `;${name}=${writeBareItem(isText ? value : Number(value), `{${slot}}`)}`
}
