import { SchemeRefusal } from '../refusal.js'
import { type InnerList, type Item, writeMember } from './structured.js'

/** A list of components as it was read; nothing of it was checked. */
export interface Covered {
  /** The list as it is serialized, without the parameters behind it. */
  readonly text: string
  /** Each identifier as it is serialized, and the bare name of a field that is covered as a whole. */
  readonly identifiers: ReadonlySet<string>
  readonly items: readonly Item[]
}

/** More components than anybody covers; bounds the work that a sender can ask for. */
const MAX_COMPONENTS = 64

/** A list that was read before is the same array, and so is what is known of it. */
const known = new WeakMap<readonly Item[], Covered>()

/** What is known of a list of components. */
export function coveredBy([items]: InnerList): Covered {
  const covered = known.get(items) ?? describe(items)
  known.set(items, covered)
  return covered
}

function describe(items: readonly Item[]): Covered {
  if (items.length > MAX_COMPONENTS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_COMPONENTS} components`)
  const texts = items.map(writeMember)
  return { text: `(${texts.join(' ')})`, identifiers: new Set([...texts, ...items.flatMap(wholeName)]), items }
}

function wholeName([name, params]: Item): readonly string[] {
  const isWhole = [...params].every(([param, value]) => (param === 'sf' || param === 'bs') && value === true)
  return typeof name === 'string' && isWhole ? [name] : []
}
