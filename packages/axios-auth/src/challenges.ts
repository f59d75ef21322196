/** One challenge of WWW-Authenticate (RFC 9110 section 11.3). */
export interface Challenge {
  /** The auth-scheme in lower case. */
  readonly scheme: string
  /** What stands in place of parameters, such as the message of a Negotiate or NTLM challenge. */
  readonly token68?: string
  /** Values by name in lower case, quoted pairs resolved. A character stands for an octet of the wire. */
  readonly params: ReadonlyMap<string, string>
}

interface OpenChallenge {
  readonly scheme: string
  token68?: string
  readonly params: Map<string, string>
}

/** More challenges of a field, and more parameters of one, than any server has: such a field is not read. */
const MOST = 100

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y
const QUOTED = /"(?:[^"\\\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]|\\[\t\x20-\x7e\x80-\xff])*"/y
const BLANKS = /[ \t]*/y
const BETWEEN = /[ \t,]*/y

/**
 * Reads the challenges of every WWW-Authenticate field of an answer: several fields, several in one, or both.
 *
 * A field that does not follow the grammar is left out as a whole, and so is one with a parameter that a challenge has twice: nothing
 * says which half of it the server meant. So is one of more than 100 challenges or parameters. Takes a time that is linear in the length.
 *
 * @param values - the fields' values as received, one character per octet
 * @see RFC 9110 sections 5.6.1, 11.2, 11.3 and 11.6.1
 */
export function readChallenges(values: readonly string[]): readonly Challenge[] {
  return values.flatMap((value) => new FieldReader(value).challenges() ?? [])
}

/**
 * Reads a field that holds parameters alone, such as Authentication-Info (RFC 7615 section 3).
 *
 * @returns values by name in lower case; undefined when the field holds anything else, or a parameter twice
 */
export function readAuthParams(value: string): ReadonlyMap<string, string> | undefined {
  return new FieldReader(value).params()
}

class FieldReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  challenges(): readonly Challenge[] | undefined {
    const found: OpenChallenge[] = []
    for (;;) {
      this.#take(BETWEEN)
      if (this.#atEnd) return found
      const name = this.#take(TOKEN)
      if (name === '') return undefined
      const current = found.at(-1)
      if (this.#opensValue()) {
        if (current === undefined || current.token68 !== undefined || !this.#value(name, current.params)) return undefined
        continue
      }
      const opened = this.#opened(name)
      if (opened === undefined || found.length === MOST) return undefined
      found.push(opened)
    }
  }

  params(): ReadonlyMap<string, string> | undefined {
    const params = new Map<string, string>()
    for (;;) {
      this.#take(BETWEEN)
      if (this.#atEnd) return params
      const name = this.#take(TOKEN)
      if (name === '' || !this.#opensValue() || !this.#value(name, params)) return undefined
    }
  }

  /** A challenge whose scheme was read: nothing behind it, a token68, or the first of its parameters still to come. */
  #opened(scheme: string): OpenChallenge | undefined {
    const opened: OpenChallenge = { scheme: scheme.toLowerCase(), params: new Map() }
    const gap = this.#take(BLANKS)
    if (this.#atElementEnd) return opened
    if (!gap.startsWith(' ')) return undefined
    const token68 = this.#take(TOKEN68)
    if (token68 !== '') opened.token68 = token68
    else if (!this.#firstParam(opened.params)) return undefined
    this.#take(BLANKS)
    return this.#atElementEnd ? opened : undefined
  }

  #firstParam(params: Map<string, string>): boolean {
    const name = this.#take(TOKEN)
    return name !== '' && this.#opensValue() && this.#value(name, params)
  }

  #opensValue(): boolean {
    const start = this.#at
    this.#take(BLANKS)
    if (this.#text[this.#at] === '=') {
      this.#at += 1
      return true
    }
    this.#at = start
    return false
  }

  /** Reads a token or quoted-string that ends its list element. */
  #value(name: string, params: Map<string, string>): boolean {
    this.#take(BLANKS)
    const quoted = this.#take(QUOTED)
    const value = quoted === '' ? this.#take(TOKEN) : unquoted(quoted)
    const key = name.toLowerCase()
    if ((quoted === '' && value === '') || params.has(key) || params.size === MOST) return false
    params.set(key, value)
    this.#take(BLANKS)
    return this.#atElementEnd
  }

  get #atEnd(): boolean {
    return this.#at === this.#text.length
  }

  get #atElementEnd(): boolean {
    return this.#atEnd || this.#text[this.#at] === ','
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}

function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner
}
