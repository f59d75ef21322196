import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { NamedUnit, TimeUnit } from '../definition/definition.js'
import { TEN_YEARS_MS } from '../time/read-unit.js'
import { UNITS, unitOf } from '../time/units.js'
import { type Told, told } from './causes.js'
import type { Variant } from './trial.js'

const FORMS: readonly NamedUnit[] = [
  'seconds',
  'milliseconds',
  'float-seconds',
  'rfc3339',
  'rfc3339-ms',
  'http-date',
  'iso-basic',
  'compact',
]

/**
 * Other texts of the time that was carried.
 *
 * @param text - the time as it was carried
 */
export function timeVariants(unit: TimeUnit, text: string): readonly Variant[] {
  const ms = readAny(unit, text)
  if (ms === undefined) return []
  const texts = [...FORMS.map((form): [string, string] => [form, UNITS[form].print(ms)]), ['whole seconds', String(Math.floor(ms / 1000))]]
  const forms = texts.map(([form = '', timestamp = '']): [string, string] => [
    timestamp,
    `the sender signs the time as "${timestamp}" (${form}) and sends it in another form`,
  ])
  return [...forms, ...timesBeside(unit, ms)].flatMap(([timestamp, title]): Variant[] => {
    if (timestamp === text) return []
    const line = told('time-form', title)
    return [(trial) => ({ ...trial, captures: { ...trial.captures, timestamp }, told: [...trial.told, line] })]
  })
}

/** A sender that reads the clock once to sign and once to send may read two times. */
function timesBeside(unit: TimeUnit, ms: number): readonly (readonly [timestamp: string, title: string])[] {
  const { print } = unitOf(unit)
  const second = Math.floor(ms / 1000) * 1000
  if (print(second) !== print(second + 1)) return []
  return [-1, 1, -2, 2].map((seconds) => [
    print(second + seconds * 1000),
    `the sender signs a time that is ${Math.abs(seconds)} s ${seconds < 0 ? 'before' : 'after'} the one that it sends: it reads the clock twice`,
  ])
}

function readAny(unit: TimeUnit, text: string): number | undefined {
  const ms = unitOf(unit).read(text)
  return ms === undefined || !Number.isFinite(ms) || Math.abs(ms) > 8e15 ? undefined : ms
}

const FACTORS: Readonly<Partial<Record<TimeUnit, number>>> = {
  seconds: 1000,
  milliseconds: 1,
  microseconds: 0.001,
  nanoseconds: 0.000001,
  'float-seconds': 1000,
}
const COUNTS: readonly (readonly [name: string, scale: number])[] = [
  ['seconds', 1000],
  ['milliseconds', 1],
  ['microseconds', 0.001],
  ['nanoseconds', 0.000001],
]
/** The offsets from UTC that are in use, in minutes. */
const OFFSETS = [
  -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -150, -120, -60, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360,
  390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 825, 840,
]
/** How long a request may have been under way for its time to look like that of another zone, milliseconds. */
const ON_THE_WAY_MS = 30_000

/**
 * What is wrong with the time that was carried; undefined when it is within the scheme's window.
 *
 * @param now - milliseconds since the epoch
 * @returns the likeliest first
 */
export function timeTold(scheme: CompiledScheme, text: string, now: number): readonly Told[] {
  const { timestamp } = scheme.facts
  if (timestamp === undefined) return []
  const { unit, toleranceSeconds, futureSeconds } = timestamp
  const near = (ms: number) => now - ms <= toleranceSeconds * 1000 && ms - now <= futureSeconds * 1000
  const other = otherUnit(unit, text, near)
  if (other !== undefined) return [told('time-unit', `the time is in ${other}, and the scheme has ${unit}`)]
  const ms = unitOf(unit).read(text)
  if (ms === undefined || near(ms)) return []
  const age = Math.round((now - ms) / 1000)
  const late =
    age > 0
      ? told('time-stale', `the time is ${age} s old; the scheme takes ${toleranceSeconds} s`)
      : told('time-future', `the time is ${-age} s ahead; the scheme takes ${futureSeconds} s`)
  const zone = OFFSETS.find((minutes) => inZone(ms - minutes * 60_000, now))
  if (zone === undefined) return [late]
  const line = told(
    'time-zone',
    `the time is that of a clock ${zone > 0 ? 'ahead of' : 'behind'} UTC by ${Math.abs(zone)} minutes, written as if it were UTC`,
  )
  // Counts of seconds are of UTC by themselves in most languages; an old one was rather queued.
  return FACTORS[unit] !== undefined && age > 0 ? [late, line] : [line, late]
}

/** The deadlines of a request that are near in another unit, and far from now in the scheme's. */
export function deadlinesTold({ fields }: CompiledScheme, captured: readonly (string | undefined)[], now: number): readonly Told[] {
  const near = (ms: number) => Math.abs(ms - now) <= TEN_YEARS_MS
  return fields.flatMap(({ name, index, definition: { unit } }) => {
    const text = captured[index]
    if (text === undefined || unit === undefined || unit === 'life') return []
    const other = otherUnit(unit, text, near)
    return other === undefined ? [] : [told('time-unit', `the deadline {${name}} is in ${other}, and the scheme has ${unit}`)]
  })
}

function inZone(ms: number, now: number): boolean {
  return now - ms <= ON_THE_WAY_MS && ms - now <= ON_THE_WAY_MS / 6
}

function otherUnit(unit: TimeUnit, text: string, near: (ms: number) => boolean): string | undefined {
  const own = FACTORS[unit]
  if (own === undefined || !/^[0-9]{9,19}$/.test(text) || near(Number(text) * own)) return undefined
  return COUNTS.find(([, scale]) => scale !== own && near(Number(text) * scale))?.[0]
}
