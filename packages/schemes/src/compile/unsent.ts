import type { SchemeDefinition, Text } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'
import type { SchemeFacts } from '../judge/facts.js'
import { type CompiledText, partsOfText, type TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { unitOf } from '../time/units.js'

/** A time that is signed and not sent: its verifier tries each second of the window. */
export interface Unsent {
  /** Where the tried text stands among what was captured. */
  readonly index: number
  /** The texts of the window, from our clock outward, and the time of each, milliseconds. */
  readonly times: (now: number) => Iterable<readonly [text: string, ms: number]>
}

/** The most seconds that are tried, and with them HMACs that anybody can ask for. */
const MOST_SECONDS = 600

type Window = NonNullable<SchemeFacts['timestamp']>

/** What a time that is not sent is compiled with. */
export interface UnsentTools {
  readonly definition: SchemeDefinition
  readonly env: TextEnv
  readonly names: Names
  readonly homes: ReadonlyMap<string, CompiledHome>
  readonly facts: SchemeFacts
  /** What the key is made of, and what fields are recomputed from: they are known before a time is. */
  readonly before: readonly CompiledText[]
}

/** Compiles `timestamp.unsent`; undefined when the scheme has none. */
export function compileUnsent(tools: UnsentTools, problems: Problems): Unsent | undefined {
  const { definition, env, names, homes, facts, before } = tools
  const { unsent, hint } = definition.timestamp ?? {}
  const { timestamp: window } = facts
  if (unsent !== true || window === undefined) return undefined
  const { unit } = window
  const path = 'timestamp.unsent'
  const { print } = unitOf(unit)
  const isCarried = [...homes].some(([name, { format }]) => name === 'timestamp' || format.names.includes('timestamp'))
  if (isCarried) problems.add(path, 'is true, and the request carries the time; leave its place out, or "unsent"')
  if (print(SOME_TIME) !== print(SOME_TIME + 1))
    problems.add('timestamp.unit', `"${unit}" is finer than a second, and each time of the window is tried; write seconds`)
  if (window.toleranceSeconds + window.futureSeconds > MOST_SECONDS)
    problems.add(path, `has each second of the window tried: toleranceSeconds and futureSeconds may be ${MOST_SECONDS} together`)
  if (hint !== undefined) problems.add('timestamp.hint', 'has no effect beside "unsent": who has another clock is not told from a forger')
  const life = Object.entries(definition.fields ?? {}).find(([, field]) => field.unit === 'life')?.[0]
  if (life !== undefined) problems.add(`fields.${life}.unit`, '"life" counts from a time that is sent, and this one is tried')
  if (definition.scope !== undefined) problems.add('scope', 'has no place beside a time that is tried')
  const quiet: TextEnv = { ...env, problems: new Problems('') }
  const texts = [definition.message, ...Object.values(definition.define ?? {})]
  const chosenBy = texts.flatMap(conditionsIn).map((template) => compileTemplate(template, path, quiet))
  const holdsTime = [...before, ...chosenBy].some((text) => partsOfText(text).includes('timestamp'))
  if (holdsTime || JSON.stringify([...texts, definition.fields]).includes('"carries":"timestamp"'))
    problems.add(path, 'is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by')
  return { index: names.index('timestamp'), times: (now) => timesAround(now, window) }
}

/** The templates by which the branches of a text are chosen. */
function conditionsIn(text: Text): readonly string[] {
  if (typeof text === 'string' || !('choose' in text)) return []
  return text.choose.flatMap(({ when, use }) => [...Object.keys(when?.is ?? {}), ...conditionsIn(use)])
}

/** 2026-01-15T12:00:00.000Z */
const SOME_TIME = 1_768_478_400_000

/** The same with the seconds around our clock alone, where somebody wants to know what a sender did. */
export function nearby(unsent: Unsent | undefined, { timestamp }: SchemeFacts): Unsent | undefined {
  if (unsent === undefined || timestamp === undefined) return undefined
  return { ...unsent, times: (now) => timesAround(now, { ...timestamp, toleranceSeconds: 5, futureSeconds: 5 }) }
}

function* timesAround(now: number, { unit, toleranceSeconds, futureSeconds }: Window): Generator<readonly [string, number]> {
  const { print, read } = unitOf(unit)
  const second = Math.floor(now / 1000) * 1000
  const tried = new Set<string>()
  for (let away = 0; away <= Math.max(toleranceSeconds, futureSeconds); away += 1) {
    for (const ms of [second - away * 1000, second + away * 1000]) {
      const text = print(ms)
      if (now - ms > toleranceSeconds * 1000 || ms - now > futureSeconds * 1000 || tried.has(text)) continue
      tried.add(text)
      yield [text, read(text) ?? ms]
    }
  }
}
