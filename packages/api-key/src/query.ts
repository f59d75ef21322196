/**
 * Every value of a query parameter, as a form would send it: `+` is a space, and percent-encoded octets are UTF-8
 * (application/x-www-form-urlencoded, URL Standard section 5.1). Null: the value does not decode.
 *
 * @param target - path and query as received
 * @param name - the decoded name
 */
export function queryValues(target: string, name: string): (string | null)[] {
  const start = target.indexOf('?')
  if (start === -1) return []
  const fragment = target.indexOf('#', start)
  const query = target.slice(start + 1, fragment === -1 ? undefined : fragment)
  const values: (string | null)[] = []
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const written = equals === -1 ? pair : pair.slice(0, equals)
    if (written === name || decoded(written) === name) values.push(equals === -1 ? '' : decoded(pair.slice(equals + 1)))
  }
  return values
}

function decoded(text: string): string | null {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return null
  }
}
