import type { List, ListSource } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'

type Option = Exclude<keyof List, 'each'>

/** Options that say something of some sources alone. */
const SOURCES_OF: readonly (readonly [option: Option, sources: readonly ListSource[]])[] = [
  ['at', ['json', 'xml']],
  ['flatten', ['json', 'xml']],
  ['spelt', ['json']],
  ['scalars', ['json']],
  ['booleans', ['json']],
  ['decode', ['query', 'form']],
  ['repeated', ['headers']],
]

/** Options that choose among headers, or arrange what was chosen: nothing is left to them where a field lists the headers. */
const CHOOSING: readonly Option[] = ['prefix', 'only', 'except']
const ARRANGING: readonly Option[] = ['with', 'sort', 'skipEmpty', 'distinct', 'merge', 'repeated']

/**
 * Adds a problem for every option of a list that would change nothing, since its author believes that it does.
 *
 * @param field - the kind of list that `names` says, of headers; undefined where it has none
 */
export function checkIdle(
  list: List,
  sources: readonly ListSource[],
  field: 'names' | 'constant' | 'components' | undefined,
  path: string,
  problems: Problems,
): void {
  for (const [option, known] of SOURCES_OF) {
    if (list[option] === undefined || sources.some((source) => known.includes(source))) continue
    problems.add(
      `${path}.${option}`,
      `says nothing of a list of ${sources.join(' and ') || 'pairs of its own'}; it is for ${known.join(' and ')}`,
    )
  }
  if (list.encode !== undefined && list.with === undefined && sources.every((source) => source === 'headers'))
    problems.add(`${path}.encode`, 'says nothing of a list of headers; write {value|encode}')
  const idle: readonly Option[] = field === undefined ? [] : field === 'names' ? CHOOSING : [...CHOOSING, ...ARRANGING]
  const what = field === 'constant' ? 'names that are a constant' : 'a field that lists the headers'
  for (const option of idle) if (list[option] !== undefined) problems.add(`${path}.${option}`, `has no effect beside ${what}; leave it out`)
}
