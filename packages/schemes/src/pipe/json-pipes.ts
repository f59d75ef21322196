import { SchemeRefusal } from '../refusal.js'
import { canonicalJson, type Json, parseJson, pointed, pointerTokens, scalarText } from '../request/json.js'
import { minified, sortedJson, speltAt, withoutMember } from '../request/json-spelling.js'
import { text } from '../text/shape.js'
import { charactersOf, type Make, onCharacters } from './pipe-kit.js'

const any = () => text('any', undefined, true)

/** Pipes that read and write JSON. Text and octets alike go in; octets are UTF-8. */
export const JSON_PIPES: Readonly<Record<string, Make>> = {
  jcs: onCharacters(any, canonicalJson, { octetsToo: true }),
  sorted: (_input, argument) => {
    if (argument !== undefined && argument !== 'outer')
      return 'takes no argument, or "outer" where the members of the outermost object alone are sorted'
    return { shape: any(), decoded: true, run: (value, _tools, latin1) => sortedJson(charactersOf(value, latin1), argument === 'outer') }
  },
  minify: onCharacters(any, minified, { octetsToo: true }),
  stringify: onCharacters(any, (value) => JSON.stringify(parseJson(value)), { octetsToo: true }),
  without: onCharacters(any, without, { example: 'without:sign', octetsToo: true }),
  omit: onCharacters(any, withoutMember, { example: 'omit:sign', octetsToo: true }),
  spaced: onCharacters(any, spaced, { octetsToo: true }),
  escapeUnicode: onCharacters(any, escapeUnicode, { octetsToo: true }),
  escapeSlashes: onCharacters(any, (value) => value.replaceAll('/', '\\/'), { octetsToo: true }),
  quote: onCharacters(
    ({ lossy = false }) => ({ ...text('any', undefined, lossy), delimited: 'forward' }),
    (value) => JSON.stringify(value),
    { octetsToo: true },
  ),
  json: atPointer('json:/nonce', (value, tokens, pointer) => scalarAt(parseJson(value), tokens, pointer)),
  spelt: atPointer('spelt:/amount', speltAt),
}

/** A pipe from a JSON text to what stands at a pointer in it. */
function atPointer(example: string, find: (value: string, tokens: readonly string[], pointer: string) => string): Make {
  return (_input, argument) => {
    const tokens = argument === undefined ? undefined : pointerTokens(argument)
    if (argument === undefined || tokens === undefined) return `needs a JSON pointer, such as ${example}`
    return {
      shape: any(),
      decoded: true,
      run: (value, _tools, latin1) => find(charactersOf(value, latin1), tokens, argument),
    }
  }
}

/** JSON text with a blank behind each comma and colon between values, as Python's json.dumps writes it. */
function spaced(value: string): string {
  let out = ''
  let inString = false
  let isEscaped = false
  for (const c of value) {
    out += !inString && (c === ',' || c === ':') ? `${c} ` : c
    if (c === '"' && !isEscaped) inString = !inString
    isEscaped = inString && c === '\\' && !isEscaped
  }
  return out
}

/** Every UTF-16 code unit beyond ASCII as `\u00e9`, as PHP's and Python's encoders write it. */
function escapeUnicode(value: string): string {
  return value.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function scalarAt(json: Json, tokens: readonly string[], pointer: string): string {
  const value = scalarText(pointed(json, tokens))
  if (value === undefined) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `the JSON of a value has nothing at ${pointer}`)
  return value
}

/** A JSON object without one of its members, as JSON.stringify writes it. */
function without(value: string, name: string): string {
  const json = parseJson(value)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is no JSON object')
  return JSON.stringify(Object.fromEntries(Object.entries(json).filter(([member]) => member !== name)))
}
