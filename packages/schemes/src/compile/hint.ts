import type { SchemeDefinition } from '../definition/definition.js'
import type { Reading } from '../request/reading.js'
import { octetsOfText, partsOfText, stringOfText, type TextEnv, type TextPart } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { isToken } from '../text/token.js'
import { unitOf } from '../time/units.js'

/** Tells a sender whose signature holds what our clock says: header fields for the refusal. */
export type Hint = (reading: Reading, now: number) => Readonly<Record<string, string>>

/**
 * Compiles `timestamp.hint`; undefined when the scheme has none. It is for those alone who have proved that they hold the key, so that
 * nobody else can have a text of ours signed.
 */
export function compileHint(definition: SchemeDefinition, env: TextEnv): Hint | undefined {
  const { hint, unit = 'seconds' } = definition.timestamp ?? {}
  if (hint === undefined) return undefined
  const path = 'timestamp.hint'
  if (!isToken(hint.header)) env.problems.add(`${path}.header`, `"${hint.header}" is no field name`)
  const clock: { text: string } = { text: '' }
  const now: TextPart = { shape: { kind: 'text', alphabet: 'token' }, latin1: false, binds: [], get: () => clock.text }
  const signed = compileTemplate(hint.text, `${path}.text`, withLocal(env, 'now', now))
  const ofText = (reading: Reading) => (signed.shape.kind === 'text' ? stringOfText(signed, reading) : octetsOfText(signed, reading))
  const text: TextPart = { shape: signed.shape, latin1: false, binds: [], get: ofText, text: signed }
  const value = compileTemplate(hint.value, `${path}.value`, withLocal(withLocal(env, 'now', now), 'text', text))
  if (partsOfText(value).includes('secret'))
    env.problems.add(path, 'holds {secret}, which would be answered: use hmac, as in {text|hmac|hex}')
  return (reading, milliseconds) => {
    clock.text = unitOf(unit).print(milliseconds)
    return { [hint.header]: stringOfText(value, reading) }
  }
}

function withLocal(env: TextEnv, local: string, part: TextPart): TextEnv {
  return {
    ...env,
    names: () => [local, ...env.names()],
    resolve: (name, argument) => (name === local && argument === undefined ? part : env.resolve(name, argument)),
  }
}
