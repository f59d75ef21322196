import type { List, Text } from '../definition/definition.js'

/** A text with one slip in it, and how the sender writes it then. */
export interface TextEdit {
  readonly text: Text
  readonly how: string
  /** Whether it is tried behind all single causes. */
  readonly rare: boolean
}

interface ListEdit extends TextEdit {
  readonly text: List
}

type Changes = { readonly [Name in keyof List]?: List[Name] | undefined }

const SORTS: readonly List['sort'][] = [undefined, 'name', 'name-value', 'item']
const ENCODES: readonly List['encode'][] = [undefined, 'rfc3986', 'form', 'uri']
const JOINS = ['&', '', '\n', ',', '|', ';', ':']
const ITEMS = ['{name}={value}', '{name}:{value}', '{name}: {value}', '{name}{value}', '{value}', '{name}={value|encode}']
/** How values are encoded that no word of the language says: as .NET, Java and PHP do. */
const ENCODED = [
  '{name}={value|encodeForm}',
  '{name}={value|encodeForm|lowerEscapes}',
  '{name}={value|encodeParam|replace:%20/+}',
  '{name}={value|encodeForm|replace:~/%7E}',
]
/** Items that stand with another mark between them than "&". */
const WITHOUT_NAMES = ['', '|', ',', ':', ';', '.', '\n'].map((join) => ({ item: '{value}', join }))
const RUNS: readonly Changes[] = [...WITHOUT_NAMES, { item: '{name}{value}', join: '' }, { item: '{value}|', join: '' }]
const BOOLEANS: readonly List['booleans'][] = [['1', '0'], ['1', ''], ['True', 'False'], ['Y', 'N'], undefined]
/** What a JSON value prints, and which count. */
const JSON_RULES: readonly Changes[] = [
  ...['.', '[]', '.[]', undefined].map((flatten) => ({ flatten })),
  ...[true, undefined].flatMap((scalars) => [{ scalars }, { scalars, flatten: undefined }]),
  ...BOOLEANS.map((booleans) => ({ booleans })),
  ...[true, 'quoted' as const, undefined].map((spelt) => ({ spelt })),
]

/**
 * Lists that one writes who takes one rule of a list for another: how it is sorted, how it is encoded, whether what is empty counts; less
 * likely how an item prints, and what stands between.
 */
export function listsLike(list: List): readonly ListEdit[] {
  const likely = [
    ...(list.names === undefined ? SORTS.map((sort) => edit(list, { sort })) : []),
    ...(list.each === 'headers' ? [] : ENCODES.map((encode) => edit(list, { encode }))),
    ...(list.each === 'query' ? [edit(list, { decode: list.decode === false ? undefined : false })] : []),
    edit(list, { skipEmpty: list.skipEmpty === true ? undefined : true }),
    ...(list.each === 'json' ? JSON_RULES.map((rules) => edit(list, rules)) : []),
    ...(list.with === undefined && list.named === undefined ? RUNS.map((run) => edit(list, run)) : []),
  ]
  const rare = [
    ...endedLike(list),
    ...JOINS.map((join) => edit(list, { join })),
    ...[...ITEMS, ...(list.encode === undefined ? ENCODED : [])].map((item) => edit(list, { item })),
    ...(/^[^{A-Za-z0-9]/.test(list.item) ? JOINS.map((mark) => edit(list, { item: mark + list.item.slice(1) })) : []),
    ...[...(list.before === undefined ? [] : [undefined]), '?', '&', '|', '\n'].map((before) => edit(list, { before })),
  ].map((one) => ({ ...one, rare: true }))
  return [...likely, ...rare].filter(({ text }) => JSON.stringify(text) !== JSON.stringify(list))
}

/** What stands behind each item and not between them, or the other way round. */
function endedLike(list: List): readonly ListEdit[] {
  const { item, join = '' } = list
  const mark = item.slice(-1)
  if (join !== '') return [edit(list, { item: `${item}${join}`, join: '' })]
  return mark === '}' ? [edit(list, { item: `${item}\n` })] : [edit(list, { item: item.slice(0, -1), join: mark })]
}

function edit(list: List, changes: Changes): ListEdit {
  const names = Object.keys(changes) as (keyof List)[]
  const text = Object.fromEntries(Object.entries({ ...list, ...changes }).filter(([, value]) => value !== undefined)) as unknown as List
  const said = (one: List) =>
    names
      .filter((name) => JSON.stringify(text[name]) !== JSON.stringify(list[name]))
      .map((name) => (one[name] === undefined ? `without "${name}"` : `with "${name}": ${JSON.stringify(one[name])}`))
      .join(', ')
  return { text, how: `${said(text)}, and the scheme ${said(list)}`, rare: false }
}
