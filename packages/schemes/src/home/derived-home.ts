import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { type CompiledText, stringOfText, type TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import type { Format } from './format.js'
import type { CompiledHome } from './home.js'

/** The body as a text of the format, such as a JSON Web Token. */
const WHOLE_BODY = '{body|text}'

/**
 * A home that is a part of something else which is carried, such as `{payload|fromBase64|json:/nonce}`: it is read, and written only
 * where it is the whole body.
 *
 * @param phaseOf - when a role or field can be read
 */
export function derivedHome(
  source: string,
  path: string,
  format: Format,
  env: TextEnv,
  phaseOf: (name: string) => CompiledHome['phase'] | undefined,
): CompiledHome {
  const text = compileTemplate(source, `${path}.from`, env)
  const binds = boundParts(text)
  const [place, ...others] = binds
  if (place === undefined || others.length > 0) env.problems.add(`${path}.from`, 'names one part of the request that it is read from')
  const inBody = (name: string) => /^(?:body$|form:|json:|xml:|item:)/.test(name) || phaseOf(name) === 'body'
  return {
    phase: binds.some(inBody) ? 'body' : 'head',
    format,
    headers: [],
    derived: true,
    whole: source === WHOLE_BODY,
    ...(place !== undefined && { place }),
    wire: text.latin1,
    several: format.repeated !== undefined,
    texts: (reading) => present(text, reading),
    write: (out, captures, rounds) => {
      if (source === WHOLE_BODY) return out.text(format.print(rounds[0] ?? captures, rounds))
      if (path === 'signature') throw new TypeError(`the signature is read from ${source} and cannot be written there`)
    },
  }
}

/** What the parts of a text bind, each once. */
function boundParts(text: CompiledText): readonly string[] {
  const pieces = text.branches.flatMap((branch) => branch.pieces)
  return [...new Set(pieces.flatMap((piece) => ('part' in piece ? piece.part.binds : [])))]
}

/** The text; none where what it is read from is not there. */
function present(text: CompiledText, reading: Reading): readonly string[] {
  try {
    const value = stringOfText(text, reading)
    return value === '' ? [] : [value]
  } catch (error) {
    if (error instanceof SchemeRefusal && error.code === 'ERR_HMAC_INCOMPLETE') return []
    throw error
  }
}
