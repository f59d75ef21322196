/**
 * Every value of a field as received, in order. Read from rawHeaders, since Node joins some duplicates and drops others.
 *
 * @param name - the field name in lower case
 */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i] as string, name)) values.push(rawHeaders[i + 1] as string)
  }
  return values
}

/**
 * The value of a field that may stand once only.
 *
 * @param name - the field name in lower case
 * @returns the value; undefined when the field is absent; null when it stands more than once, which no caller may accept
 */
export function soleHeader(rawHeaders: readonly string[], name: string): string | undefined | null {
  let value: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!isNamed(rawHeaders[i] as string, name)) continue
    if (value !== undefined) return null
    value = rawHeaders[i + 1] as string
  }
  return value
}

function isNamed(field: string, name: string): boolean {
  return field.length === name.length && (field === name || field.toLowerCase() === name)
}
