import { usageError } from '../exit-codes.js'

/** The words of one command, and what was said about its end. */
export interface ShellWords {
  readonly words: readonly string[]
  readonly notes: readonly string[]
}

const BLANK = /[ \t\r\n]/
const OPERATOR = /[|&;<>()]/

/**
 * Splits the text of one command as a POSIX shell does, with the `$'...'` of bash, in which browsers copy. Nothing is expanded: a
 * variable or a command in it is an error, since its value is not here.
 *
 * @throws CommandError (usage) for an open quote, or something that only a shell could fill in
 */
export function shellWords(text: string): ShellWords {
  return new Splitter(text).split()
}

class Splitter {
  readonly #text: string
  readonly #words: string[] = []
  readonly #notes: string[] = []
  #at = 0
  #word: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  split(): ShellWords {
    while (this.#at < this.#text.length && this.#step()) this.#at += 1
    this.#endWord()
    return { words: this.#words, notes: this.#notes }
  }

  /** Takes what begins at the current character; false at the end of the command. */
  #step(): boolean {
    const character = this.#text[this.#at] as string
    if (BLANK.test(character)) this.#endWord()
    else if (character === '#' && this.#word === undefined) this.#comment()
    else if (character === "'") this.#single()
    else if (character === '"') this.#double()
    else if (character === '\\') this.#escape()
    else if (character === '$' && this.#text[this.#at + 1] === "'") this.#ansi()
    else if (character === '$' || character === '`') this.#expansion(character)
    else if (OPERATOR.test(character)) return this.#operator(character)
    else if (character === '^' && this.#text[this.#at + 1] === '"')
      throw usageError('this is a command for cmd.exe; copy it as "cURL (bash)"')
    else this.#add(character)
    return true
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word)
    this.#word = undefined
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end
  }

  #operator(character: string): false {
    const what = character === '&' ? ' (a URL with & needs quotes)' : ''
    if (this.#text.slice(this.#at + 1).trim() !== '') this.#notes.push(`the command ends at ${character}${what}; the rest was left out`)
    return false
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at + 1)
    if (end < 0) throw usageError("the command has a ' that is never closed")
    this.#add(this.#text.slice(this.#at + 1, end))
    this.#at = end
  }

  #escape(): void {
    const next = this.#text[this.#at + 1]
    if (next === undefined) return
    const isContinued = next === '\n' || (next === '\r' && this.#text[this.#at + 2] === '\n')
    this.#at += next === '\r' && isContinued ? 2 : 1
    if (!isContinued) this.#add(next)
  }

  #double(): void {
    this.#add('')
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string
      if (character === '"') return
      if (character === '$' || character === '`') this.#expansion(character)
      else if (character !== '\\') this.#add(character)
      else if ('$`"\\\n'.includes(this.#text[this.#at + 1] ?? 'x')) this.#escape()
      else this.#add('\\')
    }
    throw usageError('the command has a " that is never closed')
  }

  /** `$` before something that names nothing is itself. */
  #expansion(character: string): void {
    if (character === '$' && !/[A-Za-z0-9_({@*#?!$-]/.test(this.#text[this.#at + 1] ?? ' ')) return this.#add('$')
    throw usageError('the command contains a variable or a command, which only a shell can expand: run it as "countersign ... -- curl ..."')
  }

  #ansi(): void {
    this.#add('')
    for (this.#at += 2; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string
      if (character === "'") return
      if (character === '\\') this.#ansiEscape()
      else this.#add(character)
    }
    throw usageError("the command has a $' that is never closed")
  }

  #ansiEscape(): void {
    const rest = this.#text.slice(this.#at + 1, this.#at + 10)
    const numeric = /^(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3}))/.exec(rest)
    if (numeric === null) {
      this.#add(ANSI.get(rest[0] ?? '') ?? `\\${rest[0] ?? ''}`)
      this.#at += 1
      return
    }
    const [whole, hex, short, long, octal] = numeric
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8) & 0xff
    const isOctet = short === undefined && long === undefined
    if ((isOctet && code > 0x7f) || code > 0x10ffff)
      throw usageError(`the command holds \\${whole}, which is not UTF-8 text; put such a body into a file`)
    this.#add(String.fromCodePoint(code))
    this.#at += whole.length
  }
}

const ANSI = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['E', '\x1b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['?', '?'],
])
