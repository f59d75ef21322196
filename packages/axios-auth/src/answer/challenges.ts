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
  isBroken: boolean
}

/** More challenges of a field, and more parameters of one, than any server has: such a field is not read. */
const MOST = 100

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y
const QUOTED = /"(?:[^"\\\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]|\\[\t\x20-\x7e\x80-\xff])*"/y
const BLANKS = /[ \t]*/y
const BETWEEN = /[ \t,]*/y
/** What is left of an element of a list. */
const REST = /(?:[^",]|"(?:[^"\\]|\\.)*"?)*/sy

/**
 * Reads the challenges of every WWW-Authenticate field of an answer: several fields, several in one, or both.
 *
 * A challenge that does not follow the grammar, or has a parameter twice, is left out as a whole: nothing says which half of it the server
 * meant. Others beside it are read, since Node and fetch join the fields of an answer. A quoted-string that is not closed takes all that
 * follows with it. A field of more than 100 challenges is left out. Takes a time that is linear in the length.
 *
 * @param values - the fields' values as received, one character per octet
 * @see RFC 9110 sections 5.6.1, 11.2, 11.3 and 11.6.1
 */
export function readChallenges(values: readonly string[]): readonly Challenge[] {
  return values.flatMap((value) => new FieldReader(value).challenges())
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

  challenges(): readonly Challenge[] {
    const found: OpenChallenge[] = []
    for (;;) {
      this.#take(BETWEEN)
      if (found.length > MOST) return []
      if (this.#atEnd) return found.filter(({ isBroken }) => !isBroken)
      if (this.#element(found)) continue
      const current = found.at(-1)
      if (current !== undefined) current.isBroken = true
      this.#take(REST)
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

  /** Reads an element of the list: one more parameter of the challenge before it, or the head of the next. False: it is malformed. */
  #element(found: OpenChallenge[]): boolean {
    const name = this.#take(TOKEN)
    if (name === '') return false
    const current = found.at(-1)
    if (this.#opensValue()) return current !== undefined && current.token68 === undefined && this.#value(name, current.params)
    const opened: OpenChallenge = { scheme: name.toLowerCase(), params: new Map(), isBroken: false }
    found.push(opened)
    return this.#head(opened)
  }

  /** What stands behind a scheme: nothing, a token68, or the first of its parameters. */
  #head(opened: OpenChallenge): boolean {
    const gap = this.#take(BLANKS)
    if (this.#atElementEnd) return true
    if (!gap.startsWith(' ')) return false
    const token68 = this.#take(TOKEN68)
    if (token68 !== '') opened.token68 = token68
    else if (!this.#firstParam(opened.params)) return false
    this.#take(BLANKS)
    return this.#atElementEnd
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
