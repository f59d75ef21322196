/** Whether parsers put a value beside that of a name, or in its place: the handler would find another than was signed. */
export function isNested(key: string, name: string): boolean {
  return nestedIn(key) === name
}

/**
 * The other name under which parsers put a pair: those of `a[b]=1`, to whom `[a]=1` is `a=1`, and URLSearchParams, to which a query may
 * begin with its mark. Undefined where its name is the only one.
 */
export function nestedIn(key: string): string | undefined {
  if (key.startsWith('?')) return key.slice(1)
  const open = key.indexOf('[')
  if (open !== 0) return open < 0 ? undefined : key.slice(0, open)
  const close = key.indexOf(']')
  return close < 0 ? undefined : key.slice(1, close)
}
