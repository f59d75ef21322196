import type { List } from '../definition/definition.js'

/** A list with one slip in it, and how the sender writes it then. */
interface ListEdit {
  readonly text: List
  readonly how: string
}

const SORTS: readonly List['sort'][] = [undefined, 'name', 'name-value', 'item']
const ENCODES: readonly List['encode'][] = [undefined, 'rfc3986', 'form', 'uri']

/** Lists that one writes who takes one rule of a list for another: how it is sorted, how it is encoded, whether what is empty counts. */
export function listsLike(list: List): readonly ListEdit[] {
  return [
    ...(list.names === undefined ? SORTS.map((sort) => edit(list, 'sort', sort)) : []),
    ...(list.each === 'query' ? ENCODES.map((encode) => edit(list, 'encode', encode)) : []),
    ...(list.each === 'query' ? [edit(list, 'decode', list.decode === false ? undefined : false)] : []),
    edit(list, 'skipEmpty', list.skipEmpty === true ? undefined : true),
  ].filter(({ text }) => JSON.stringify(text) !== JSON.stringify(list))
}

function edit<Name extends 'sort' | 'encode' | 'decode' | 'skipEmpty'>(list: List, name: Name, value: List[Name]): ListEdit {
  const { [name]: own, ...rest } = list
  if (own === value) return { text: list, how: '' }
  const said = (one: unknown) => (one === undefined ? `without "${name}"` : `with "${name}": ${JSON.stringify(one)}`)
  return { text: value === undefined ? (rest as List) : { ...list, [name]: value }, how: `${said(value)}, and the scheme ${said(own)}` }
}
