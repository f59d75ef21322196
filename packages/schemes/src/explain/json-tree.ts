/** JSON as it was written: numbers as their text, members in their order. */
export type JsonTree =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonTree])[] }

/** Deeper nesting than any sender writes; the walkers recurse. */
const MAX_DEPTH = 100

/** Reads JSON text that JSON.parse takes; undefined for what it does not, or what is nested too deep. */
export function jsonTree(text: string): JsonTree | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return new TreeReader(text).value(0)
}

/** Walks JSON text that is known to be well-formed. */
class TreeReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonTree | undefined {
    const mark = this.#peek()
    if (mark === '"') return { kind: 'string', value: this.#string() }
    if (mark !== '[' && mark !== '{') return { kind: 'scalar', text: this.#scalar() }
    if (depth >= MAX_DEPTH) return undefined
    this.#at += 1
    return mark === '[' ? this.#list(depth + 1) : this.#object(depth + 1)
  }

  #list(depth: number): JsonTree | undefined {
    const items: JsonTree[] = []
    for (let mark = this.#peek(); mark !== ']'; mark = this.#peek()) {
      if (mark === ',') this.#at += 1
      const item = this.value(depth)
      if (item === undefined) return undefined
      items.push(item)
    }
    this.#at += 1
    return { kind: 'list', items }
  }

  #object(depth: number): JsonTree | undefined {
    const members: (readonly [string, JsonTree])[] = []
    for (let mark = this.#peek(); mark !== '}'; mark = this.#peek()) {
      if (mark === ',') this.#at += 1
      this.#peek()
      const name = this.#string()
      this.#peek()
      this.#at += 1
      const member = this.value(depth)
      if (member === undefined) return undefined
      members.push([name, member])
    }
    this.#at += 1
    return { kind: 'object', members }
  }

  /** The next character that is no blank. */
  #peek(): string {
    while (BLANKS.includes(this.#text[this.#at] as string)) this.#at += 1
    return this.#text[this.#at] as string
  }

  #string(): string {
    let end = this.#at + 1
    while (this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    const quoted = this.#text.slice(this.#at, end + 1)
    this.#at = end + 1
    return JSON.parse(quoted) as string
  }

  #scalar(): string {
    let end = this.#at
    while (end < this.#text.length && !ENDS.includes(this.#text[end] as string)) end += 1
    const text = this.#text.slice(this.#at, end)
    this.#at = end
    return text
  }
}

const BLANKS = ' \t\n\r'
const ENDS = ` \t\n\r,]}`

/** How a JSON writer writes. */
export interface JsonStyle {
  /** What stands behind a comma, where nothing is indented. */
  readonly comma: string
  readonly colon: string
  /** What each level is indented by; undefined: all on one line. */
  readonly indent?: string
  /** What ends a line where levels are indented. Default a line feed. */
  readonly newline?: string
  /** Where levels are indented: lists stay on the line, and what is empty holds a blank. */
  readonly inlineLists?: boolean
  readonly sorted?: boolean
  /** What stands behind it all. */
  readonly end?: string
  /** The characters that are escaped beside those that JSON asks for. */
  readonly escaped?: RegExp
  /** Writes an escaped character. */
  readonly escapeOne?: (character: string) => string
}

/** Writes a tree in a style. */
export function writeJson(tree: JsonTree, style: JsonStyle, level = 0): string {
  if (tree.kind === 'scalar') return tree.text
  if (tree.kind === 'string') return writeString(tree.value, style)
  const inline = style.inlineLists === true && tree.kind === 'list'
  const below = inline ? level : level + 1
  const pieces =
    tree.kind === 'list'
      ? tree.items.map((item) => writeJson(item, style, below))
      : ordered(tree.members, style).map(([name, member]) => writeString(name, style) + style.colon + writeJson(member, style, below))
  return enclosed(pieces, tree.kind === 'list' ? '[]' : '{}', style, inline ? undefined : level)
}

/** @param level - undefined for a list that stays on the line */
function enclosed(pieces: readonly string[], marks: string, style: JsonStyle, level: number | undefined): string {
  const [open, close] = marks
  const { indent, newline = '\n' } = style
  if (pieces.length === 0) return style.inlineLists === true ? `${open} ${close}` : marks
  if (indent === undefined) return open + pieces.join(`,${style.comma}`) + close
  if (level === undefined) return `${open} ${pieces.join(', ')} ${close}`
  const line = newline + indent.repeat(level + 1)
  return `${open}${line}${pieces.join(`,${line}`)}${newline}${indent.repeat(level)}${close}`
}

function ordered<T>(members: readonly (readonly [string, T])[], { sorted }: JsonStyle): readonly (readonly [string, T])[] {
  return sorted === true ? [...members].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) : members
}

function writeString(text: string, { escaped, escapeOne }: JsonStyle): string {
  const quoted = JSON.stringify(text)
  return escaped === undefined || escapeOne === undefined ? quoted : quoted.replace(escaped, escapeOne)
}

/** `\u00e9`; of a character that JSON has escaped already, nothing changes. */
export function lowerEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `\u00E9`. */
export function upperEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
