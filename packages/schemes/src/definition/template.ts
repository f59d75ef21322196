import { slotMeant } from './other-syntax.js'
import type { Problems } from './problems.js'

/** A piece of text that stands as it is. */
export interface Literal {
  readonly literal: string
}

/** A named part, its argument, and the pipes that its value runs through. */
export interface Slot {
  readonly part: string
  readonly argument: string | undefined
  /** `?`: may be absent or empty, and then prints nothing. */
  readonly optional: boolean
  /** `+`: may occur several times; only on `signature`. */
  readonly repeated: boolean
  readonly pipes: readonly PipeCall[]
  /** The slot as written, for messages. */
  readonly source: string
  /** Where it stands in its template, from 1. */
  readonly column: number
}

/** A pipe as a template names it. */
export interface PipeCall {
  readonly name: string
  readonly argument: string | undefined
  /** The argument as it is written, for a pipe that takes it apart. */
  readonly written: string | undefined
}

/** What a template is made of. */
export type Piece = Literal | Slot

/** Whether a piece stands for itself. */
export function isLiteral(piece: Piece): piece is Literal {
  return 'literal' in piece
}

/** What stands behind a backslash in the argument of a part or a pipe; `/` for the pipe that takes two. */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\', '|': '|', '{': '{', '}': '}', '/': '/' }

/**
 * Reads a template: literals, and slots in braces. `{{` and `}}` are literal braces.
 *
 * @returns the pieces in order, neighbouring literals merged; an empty list when there were problems
 */
export function parseTemplate(source: string, path: string, problems: Problems): readonly Piece[] {
  const pieces: Piece[] = []
  let literal = ''
  let at = 0
  while (at < source.length) {
    const c = source[at] as string
    if ((c === '{' || c === '}') && source[at + 1] === c) {
      literal += c
      at += 2
      continue
    }
    if (c === '}') {
      problems.add(path, `column ${at + 1}: "}" without "{" in ${quoted(source)}; write "}}" for a literal brace`)
      return []
    }
    if (c !== '{') {
      literal += c
      at += 1
      continue
    }
    const end = slotEnd(source, at + 1)
    if (end < 0) {
      problems.add(
        path,
        `column ${at + 1}: "{" is never closed in ${quoted(source)}; write "{{" for a literal brace, "\\{" and "\\}" in the argument of a pipe`,
      )
      return []
    }
    const slot = parseSlot(source.slice(at + 1, end), source, at + 2, path, problems)
    if (slot === undefined) return []
    if (literal !== '') pieces.push({ literal })
    literal = ''
    pieces.push(slot)
    at = end + 1
  }
  if (literal !== '') pieces.push({ literal })
  return pieces
}

function slotEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === '}') return at
    else if (source[at] === '{') return -1
  }
  return -1
}

function parseSlot(text: string, source: string, column: number, path: string, problems: Problems): Slot | undefined {
  const [head, ...calls] = splitWritten(text, '|')
  const match = /^([A-Za-z][A-Za-z0-9]*)(?::(.*?))?([?+]?)$/s.exec(head as string)
  if (match === null) {
    problems.add(path, `column ${column}: {${text}} names no part in ${quoted(source)}; ${slotMeant(text)}`)
    return undefined
  }
  const pipes: PipeCall[] = []
  for (const written of calls) {
    const call = pipeCall(written)
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(call.name)) {
      problems.add(path, `column ${column}: "${written}" names no pipe in ${quoted(source)}`)
      return undefined
    }
    pipes.push(call)
  }
  const mark = match[3]
  return {
    part: match[1] as string,
    argument: match[2] === undefined ? undefined : unescaped(match[2]),
    optional: mark === '?',
    repeated: mark === '+',
    pipes,
    source: `{${text}}`,
    column,
  }
}

/** Reads `name` or `name:argument`. */
export function pipeCall(text: string): PipeCall {
  const colon = text.indexOf(':')
  if (colon < 0) return { name: text, argument: undefined, written: undefined }
  const written = text.slice(colon + 1)
  return { name: text.slice(0, colon), argument: unescaped(written), written }
}

/** The pieces of a written text between marks; one behind a backslash is none. */
export function splitWritten(text: string, mark: '|' | '/'): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === mark) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** A written text as it is meant. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  let out = ''
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at] as string
    const escaped = c === '\\' ? ESCAPES[text[at + 1] ?? ''] : undefined
    if (escaped === undefined) {
      out += c
    } else {
      out += escaped
      at += 1
    }
  }
  return out
}

/** A template as it is shown in a message. */
export function quoted(source: string): string {
  return JSON.stringify(source)
}
