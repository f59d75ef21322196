import { SchemeRefusal } from '../refusal.js'
import { type Json, pointed } from './json.js'

/** More items than a notification holds. */
const MAX_ITEMS = 100

/** The items of a scope; none where the body has no such list. */
export function itemsAt(json: Json, pointer: readonly string[]): readonly Json[] {
  const star = pointer.indexOf('*')
  const list = pointed(json, star < 0 ? pointer : pointer.slice(0, star))
  if (list === undefined) return []
  const entries = star < 0 ? [list] : Array.isArray(list) ? (list as readonly Json[]) : []
  if (entries.length > MAX_ITEMS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_ITEMS} items`)
  return entries.map((entry) => {
    const item = star < 0 ? entry : pointed(entry, pointer.slice(star + 1))
    if (item === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'an item of the body is not where the scheme has it')
    return item
  })
}

/** Where the items of a scope stand, as pointers into the body. */
export function itemPaths(json: Json, pointer: readonly string[]): readonly (readonly string[])[] {
  const star = pointer.indexOf('*')
  if (star < 0) return [pointer]
  const list = pointed(json, pointer.slice(0, star))
  if (!Array.isArray(list) || list.length === 0) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'the body has no item to sign')
  return list.map((_item, i) => pointer.map((token, at) => (at === star ? String(i) : token)))
}
