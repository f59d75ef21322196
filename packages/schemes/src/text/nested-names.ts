/** Whether parsers put a value beside that of a name, or in its place: the handler would find another than was signed. */
export function isNested(key: string, name: string): boolean {
  const plain = plainName(key)
  if (plain === undefined || key === name || !plain.startsWith(name)) return false
  return plain.length === name.length || plain[name.length] === '[' || name.endsWith(']')
}

/**
 * The other names under which parsers put a pair: those of `a[b]=1`, to whom `[a]=1` is `a=1` and `a[b][]=1` is beside `a[b]=1`, and
 * URLSearchParams, to which a query may begin with its mark. None where its name is the only one.
 */
export function nestedIn(key: string): readonly string[] {
  const plain = plainName(key)
  if (plain === undefined) return NONE
  const names = plain === key ? [] : [plain]
  let end = plain.indexOf('[')
  for (let depth = 0; depth < MOST_BRACKETS && end >= 0; depth += 1) {
    names.push(plain.slice(0, end))
    const close = plain.indexOf(']', end)
    if (close < 0 || close + 1 === plain.length) return names
    if (plain[close + 1] !== '[') return [...names, plain.slice(0, close + 1)]
    end = close + 1
  }
  return names
}

const NONE: readonly string[] = []

/** More levels than the name of any signed parameter has. */
const MOST_BRACKETS = 16

/** A name without a mark before it and brackets around its first part; undefined where it has neither, nor any bracket. */
function plainName(key: string): string | undefined {
  const name = key.startsWith('?') ? key.slice(1) : key
  const open = name.indexOf('[')
  if (open !== 0) return open < 0 && name === key ? undefined : name
  const close = name.indexOf(']')
  if (close < 0) return name === key ? undefined : name
  return name.slice(1, close) + (name[close + 1] === '[' ? name.slice(close + 1) : '')
}
