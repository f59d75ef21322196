/** A request as some text describes it. */
export interface HttpRequest {
  readonly method: string
  /** Absolute where the text says the origin; else path and query. */
  readonly url: string
  /** Names and values in turn, as on the wire; each character is an octet. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
  /** What was taken to be meant, or could not be told; for people. */
  readonly notes: readonly string[]
}

/** A method or the name of a field: a token (RFC 9110 section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Text as the octets of its UTF-8, one character each, as header fields are handled. */
export function octetText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** Why a value cannot stand in a field; undefined when it can (RFC 9110 section 5.5). */
export function fieldProblem(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return 'is not the name of a field'
  return /[\0\r\n]/.test(value) ? 'contains a line break or NUL' : undefined
}

/** The first value of a field. @param name - lower case */
export function fieldOf(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if ((headers[i] as string).toLowerCase() === name) return headers[i + 1]
  return undefined
}
