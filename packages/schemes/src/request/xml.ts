import { SchemeRefusal } from '../refusal.js'
import { type Json, pointed } from './json.js'

/** Deeper nesting than any vendor signs; the reader recurses. */
const MAX_DEPTH = 20

/** XML 1.0 in UTF-8, the one that is read here. */
const DECLARATION = /<\?xml version=(?:"1\.0"|'1\.0')(?: encoding=(?:"utf-8"|'utf-8'))?(?: standalone=(?:"yes"|"no"|'yes'|'no'))? ?\?>/iy
const BLANKS = /[ \t\r\n]*/y
const OPEN = /<([A-Za-z_][A-Za-z0-9_.-]*)[ \t\r\n]*(\/?)>/y
const TEXT = /[^<]*/y
const CDATA = '<![CDATA['

/** An element, and where what it holds stands in the text. */
interface XmlElement {
  readonly name: string
  /** From its first character to behind its last. */
  readonly whole: readonly [from: number, to: number]
  /** What stands between its tags; undefined where it is one tag, `<a/>`. */
  readonly inner: readonly [from: number, to: number] | undefined
  readonly content: string | readonly XmlElement[]
}

/**
 * Reads XML as the data that bodies of vendors are made of: elements that hold text, or elements of different names. The value has one
 * member, the root.
 *
 * What parsers read in different ways, or what few of them need, is refused: attributes, prefixes, DTDs, instructions, comments, text
 * beside elements or CDATA, names that differ in case alone or stand twice, blanks around text outside CDATA.
 *
 * @throws SchemeRefusal `ERR_HMAC_MALFORMED` for any other text, `ERR_HMAC_DUPLICATED` for a name that stands more than once
 */
export function parseXml(text: string): Json {
  const root = new XmlReader(text).document()
  return Object.fromEntries([[root.name, jsonOf(root)]])
}

function jsonOf({ content }: XmlElement): Json {
  return typeof content === 'string' ? content : Object.fromEntries(content.map((one) => [one.name, jsonOf(one)]))
}

/** The text with a value at the path of element names; what is there already stays as its sender wrote it. An empty one becomes XML. */
export function withXmlText(text: string, path: readonly string[], value: string): string {
  const chain = (names: readonly string[]) => names.reduceRight((inner, name) => `<${name}>${inner}</${name}>`, escaped(value))
  if (text === '') return chain(path)
  const root = new XmlReader(text).document()
  if (root.name !== path[0]) throw malformed(`begins with the element ${root.name}, and the scheme writes into ${path[0]}`)
  let at = root
  let depth = 1
  for (; depth < path.length; depth += 1) {
    const next = typeof at.content === 'string' ? undefined : at.content.find(({ name }) => name === path[depth])
    if (next === undefined) break
    at = next
  }
  const missing = path.slice(depth)
  if (typeof at.content === 'string' ? missing.length > 0 && at.content !== '' : missing.length === 0)
    throw malformed(`has another element at ${path.slice(0, depth).join('/')} than the scheme writes into`)
  if (missing.length === 0 && at.content === value) return text
  const { whole, inner } = at
  if (inner === undefined) return text.slice(0, whole[0]) + chain([at.name, ...missing]) + text.slice(whole[1])
  return text.slice(0, missing.length === 0 ? inner[0] : inner[1]) + chain(missing) + text.slice(inner[1])
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The names of a path such as `/xml/sign`; undefined when it is none. */
export function elementPath(path: string): readonly string[] | undefined {
  return /^(?:\/[A-Za-z_][A-Za-z0-9_.-]*)+$/.test(path) ? path.slice(1).split('/') : undefined
}

/** The text of the element at a path; undefined when there is none. */
export function xmlText(xml: Json, path: readonly string[]): string | undefined {
  const value = pointed(xml, path)
  if (value === undefined || typeof value === 'string') return value
  throw malformed(`has elements where the scheme has the text of ${path.join('/')}`)
}

class XmlReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): XmlElement {
    this.#take(DECLARATION)
    this.#take(BLANKS)
    const root = this.#element(0)
    this.#take(BLANKS)
    if (this.#at < this.#text.length) throw malformed('goes on behind its root')
    return root
  }

  #element(depth: number): XmlElement {
    if (depth === MAX_DEPTH) throw malformed(`is nested deeper than ${MAX_DEPTH}`)
    const from = this.#at
    const open = this.#take(OPEN)
    if (open === null) throw malformed(`holds at character ${from + 1} something else than a plain element, such as <name>`)
    const [, name, slash] = open as unknown as [string, string, string]
    if (slash !== '') return { name, whole: [from, this.#at], inner: undefined, content: '' }
    const start = this.#at
    const content = this.#content(depth)
    const end = this.#at
    if (!this.#text.startsWith(`</${name}`, end)) throw malformed(`does not close the element ${name}`)
    this.#at = end + name.length + 2
    this.#take(BLANKS)
    if (this.#text[this.#at] !== '>') throw malformed(`does not close the element ${name}`)
    this.#at += 1
    return { name, whole: [from, this.#at], inner: [start, end], content }
  }

  /** Text alone, CDATA alone, or elements. */
  #content(depth: number): string | readonly XmlElement[] {
    if (this.#text.startsWith(CDATA, this.#at)) return this.#cdata()
    const text = (this.#take(TEXT) as RegExpExecArray)[0]
    if (this.#text.startsWith('</', this.#at)) return plain(decoded(text))
    const elements: XmlElement[] = []
    const names = new Set<string>()
    for (let between = text; ; between = (this.#take(TEXT) as RegExpExecArray)[0]) {
      if (!/^[ \t\r\n]*$/.test(between)) throw malformed('has text beside elements')
      if (this.#text.startsWith('</', this.#at)) return elements
      const element = this.#element(depth + 1)
      const lower = element.name.toLowerCase()
      if (names.has(lower)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the element ${element.name} stands more than once in another`)
      names.add(lower)
      elements.push(element)
    }
  }

  #cdata(): string {
    const start = this.#at + CDATA.length
    const end = this.#text.indexOf(']]>', start)
    if (end < 0) throw malformed('does not end its CDATA')
    this.#at = end + 3
    return checked(this.#text.slice(start, end))
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at = pattern.lastIndex
    return found
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text outside CDATA, with its references replaced: the five names, and numbers of what senders write by its number. */
function decoded(text: string): string {
  if (text.includes(']]>')) throw malformed('has the end of CDATA in its text')
  if (!text.includes('&')) return checked(text)
  checked(text)
  return text.replace(/&([a-z]{2,4};|#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};)?/g, (_reference, name = '') => {
    const key = name.slice(0, -1)
    const character = Object.hasOwn(ENTITIES, key) ? (ENTITIES[key] as string) : numbered(key)
    if (character === undefined) throw malformed('has a reference that is none of &amp; &lt; &gt; &quot; &apos; and numbers')
    return character
  })
}

/**
 * What has to be escaped, and what is beyond ASCII. Nobody writes a letter, a digit or a point by its number, and parsers are known that
 * leave it so: `1&#46;5` is 1 to parseFloat.
 */
function numbered(reference: string): string | undefined {
  if (!reference.startsWith('#')) return undefined
  const code = Number(reference.startsWith('#x') ? `0${reference.slice(1)}` : reference.slice(1))
  if (code > 0x10_ff_ff) return undefined
  const character = String.fromCodePoint(code)
  return /^[ !#-%(-;=?-~]$/.test(character) || (character !== '\r' && FORBIDDEN.test(character)) ? undefined : character
}

/** Parsers take blanks around text off, or do not; those in JavaScript also what String.trim() takes off. */
function plain(text: string): string {
  if (text !== text.trim()) throw malformed('has blanks around the text of an element')
  return text
}

/** XML 1.0 section 2.2; a carriage return is a line feed to some parsers (section 2.11). */
function checked(text: string): string {
  if (FORBIDDEN.test(text)) throw malformed('holds characters that XML does not have, or a carriage return in a text')
  return text
}

const FORBIDDEN = /[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]/u

function malformed(problem: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `the XML of the body ${problem}`)
}
