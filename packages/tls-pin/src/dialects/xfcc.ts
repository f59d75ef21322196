/** One key and its value, as an element of X-Forwarded-Client-Cert holds them. */
export interface XfccPair {
  /** In lower case; keys ignore case. */
  readonly key: string
  /** Without the quotes around it; a backslash inside still stands before what it escapes. */
  readonly value: string
  readonly isQuoted: boolean
}

/** What one proxy added. */
export type XfccElement = readonly XfccPair[]

/** RFC 2253, which Envoy writes subjects in, escapes a semicolon. */
const SWALLOWED = /(?:^|[^\\]);(?:uri|dns)=/i
const KEY = /^[A-Za-z]{1,32}$/
/** Of these an element has at most one; two would let readers disagree about which of them counts. */
const SINGLE: ReadonlySet<string> = new Set(['hash', 'cert', 'chain', 'subject'])

/**
 * Splits X-Forwarded-Client-Cert into elements (`,`) of pairs (`;`) of a key and a value (`=`). Linear in its length.
 *
 * A value is quoted as a whole or not at all. Inside quotes a backslash takes the next character with it, so that neither `\"` nor the
 * `\\` at the end of a distinguished name is taken for the closing quote. A quoted value with `;URI=` or `;DNS=` in it is refused: no
 * proxy writes one, and a quote that a client left open could so swallow the beginning of the element that the next proxy adds, up to
 * a quote in a name of its certificate.
 *
 * @returns undefined when a quote is stray or missing, a pair is empty, or a key that may stand once stands twice in an element
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
export function parseXfcc(text: string): readonly XfccElement[] | undefined {
  const elements: XfccPair[][] = [[]]
  let at = skipBlanks(text, 0)
  for (;;) {
    const equals = text.indexOf('=', at)
    const key = equals === -1 ? '' : text.slice(at, equals)
    if (!KEY.test(key)) return undefined
    const value = readValue(text, equals + 1)
    if (value === undefined) return undefined
    const element = elements.at(-1) as XfccPair[]
    const pair = { key: key.toLowerCase(), value: value.text, isQuoted: value.isQuoted }
    if (SINGLE.has(pair.key) && element.some((other) => other.key === pair.key)) return undefined
    element.push(pair)
    if (value.end === text.length) return elements
    at = value.end + 1
    if (text[value.end] === ',') {
      elements.push([])
      at = skipBlanks(text, at)
    }
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ') at += 1
  return at
}

interface Value {
  readonly text: string
  readonly isQuoted: boolean
  /** Where the separator stands, or the text ends. */
  readonly end: number
}

function readValue(text: string, start: number): Value | undefined {
  if (text[start] === '"') return readQuoted(text, start + 1)
  let end = start
  for (; end < text.length && text[end] !== ';' && text[end] !== ','; end += 1) if (text[end] === '"') return undefined
  return { text: text.slice(start, end), isQuoted: false, end }
}

function readQuoted(text: string, start: number): Value | undefined {
  let at = start
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  const end = at + 1
  if (at >= text.length || (end < text.length && text[end] !== ';' && text[end] !== ',')) return undefined
  const inner = text.slice(start, at)
  return SWALLOWED.test(inner) ? undefined : { text: inner, isQuoted: true, end }
}

/** A quoted value of which every `\"` is a quote; not for Subject, whose backslashes are those of the distinguished name. */
export function unescapedValue({ value, isQuoted }: XfccPair): string {
  return isQuoted ? value.replaceAll('\\"', '"') : value
}
