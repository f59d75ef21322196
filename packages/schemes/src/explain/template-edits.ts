import { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import { slotsLike, takenFor } from './slot-edits.js'

/** A template as texts: a slot as it is written, a literal with its braces doubled. */
type Texts = readonly { readonly text: string; readonly slot: boolean }[]

/** More slots than that are no slip of one who writes a template. */
const MOST_SLOTS = 9

/** What senders put between the parts of a string. */
const BETWEEN = ['\n', '', '.', ':', '|', '&']
/** What else may stand for a mark of a literal. */
const MARKS = [...BETWEEN, ',', '-', '=', ';', '/', '_', '+', ' ', '\r\n', '\\n']
/** More marks than that are no separators. */
const MOST_MARKS = 4

/** Templates with one slip in them. */
export interface Slips {
  /** What is tried with the other usual causes. */
  readonly likely: readonly string[]
  /** What is tried behind all single causes. */
  readonly rare: readonly string[]
}

/**
 * A template with one slip, each once: two slots have changed places, one is taken for another or is left out, something else
 * stands between them; less likely around them, one stands elsewhere, one more is there.
 *
 * @param more - slots that a sender may sign as well
 * @param fronts - words that may stand in front, such as a version
 */
export function templatesLike(template: string, more: readonly string[], fronts: readonly string[]): Slips {
  const texts = textsOf(template)
  const slots = texts.flatMap(({ slot }, at) => (slot ? [at] : []))
  if (slots.length === 0 || slots.length > MOST_SLOTS) return { likely: [], rare: [] }
  const exchanged = (others: (slot: string) => readonly string[]) =>
    slots.flatMap((a) => others(texts[a]?.text ?? '').map((other) => whole(texts, (text, at) => (at === a ? other : text))))
  const likely = new Set([
    ...swapped(texts, slots),
    ...exchanged(takenFor),
    ...lacking(texts, slots),
    ...BETWEEN.map((mark) => slots.map((at) => texts[at]?.text).join(mark)),
    template.endsWith('\n') ? template.slice(0, -1) : `${template}\n`,
    ...otherSyntax(template),
  ])
  for (const none of [template, '']) likely.delete(none)
  const rare = new Set([
    ...(template.includes('{secret}') ? [`{secret}${template}`, `${template}{secret}`] : []),
    ...marked(texts),
    ...framed(template, texts, fronts),
    ...exchanged((slot) => slotsLike(slot, separatorOf(texts))),
    ...moved(texts, slots),
    ...chunksMoved(template, texts),
    ...longer(
      texts,
      slots,
      more.filter((one) => !template.includes(one)),
    ),
  ])
  for (const known of [template, '', ...likely]) rare.delete(known)
  return { likely: [...likely], rare: [...rare] }
}

/** What of another language's templates and strings stands for itself here: `\n` where a line feed is meant, quotes. */
function otherSyntax(template: string): readonly string[] {
  return [template.replaceAll('\\r', '\r').replaceAll('\\n', '\n'), template.replace(/^(["'])(.*)\1$/s, '$2')]
}

function textsOf(template: string): Texts {
  return parseTemplate(template, '', new Problems('')).map((piece) =>
    isLiteral(piece) ? { text: piece.literal.replace(/[{}]/g, '$&$&'), slot: false } : { text: piece.source, slot: true },
  )
}

function whole(texts: Texts, change: (text: string, at: number) => string): string {
  return texts.map(({ text }, at) => change(text, at)).join('')
}

function swapped(texts: Texts, slots: readonly number[]): readonly string[] {
  return slots.flatMap((a) =>
    slots.filter((b) => a < b).map((b) => whole(texts, (text, at) => texts[at === a ? b : at === b ? a : at]?.text ?? text)),
  )
}

/** Without one of its slots, and without the literal in front of it or behind it. */
function lacking(texts: Texts, slots: readonly number[]): readonly string[] {
  return slots.flatMap((a) =>
    [a, a - 1, a + 1].map((beside) => whole(texts, (text, at) => (at === a || (at === beside && texts[at]?.slot === false) ? '' : text))),
  )
}

/** The marks of its literals, the braces of a JSON text not among them. */
function marksOf(texts: Texts): readonly string[] {
  const literals = texts.flatMap(({ text, slot }) => (slot ? [] : [...text]))
  return [...new Set(literals)].filter((mark) => /[^A-Za-z0-9{}"]/.test(mark)).slice(0, MOST_MARKS)
}

/** What stands between most of its slots. */
function separatorOf(texts: Texts): string {
  const between = texts.slice(1, -1).flatMap(({ text, slot }) => (slot ? [] : [text]))
  return marksOf(texts).find((mark) => between.some((text) => text.includes(mark))) ?? ''
}

/** One mark for another, wherever it stands. */
function marked(texts: Texts): readonly string[] {
  return marksOf(texts).flatMap((mark) =>
    MARKS.map((other) => whole(texts, (text, at) => (texts[at]?.slot === true ? text : text.replaceAll(mark, other)))),
  )
}

/** More or less in front of it and at its end. */
function framed(template: string, texts: Texts, fronts: readonly string[]): readonly string[] {
  const marks = [...new Set([...marksOf(texts), '\n'])]
  const last = texts.length - 1
  return [
    ...marks.map((mark) => template + mark),
    ...(texts[0]?.slot === false ? [whole(texts, (text, at) => (at === 0 ? '' : text))] : []),
    ...(texts[last]?.slot === false ? [whole(texts, (text, at) => (at === last ? '' : text))] : []),
    ...fronts.flatMap((front) => [...new Set([...marks, '.', ':', '=', ''])].map((mark) => `${front}${mark}${template}`)),
  ]
}

/** One slot stands elsewhere, and what is between them stays. */
function moved(texts: Texts, slots: readonly number[]): readonly string[] {
  const written = slots.map((at) => texts[at]?.text ?? '')
  return reordered(written).map((order) =>
    whole(texts, (text, at) => (texts[at]?.slot === true ? (order[slots.indexOf(at)] ?? text) : text)),
  )
}

/** The same of all that stands between two marks, such as a name with its value. */
function chunksMoved(template: string, texts: Texts): readonly string[] {
  return marksOf(texts).flatMap((mark) => {
    const chunks = chunksOf(texts, mark)
    if (chunks.length < 2 || chunks.length > MOST_SLOTS || chunks.join(mark) !== template) return []
    const fewer = chunks.map((_chunk, out) => chunks.filter((_one, at) => at !== out))
    return [...reordered(chunks), ...fewer].map((order) => order.join(mark))
  })
}

function chunksOf(texts: Texts, mark: string): readonly string[] {
  const chunks = ['']
  for (const { text, slot } of texts) {
    const [first = '', ...rest] = slot ? [text] : text.split(mark)
    chunks.push(`${chunks.pop()}${first}`, ...rest)
  }
  return chunks
}

function reordered(items: readonly string[]): readonly (readonly string[])[] {
  return items.flatMap((item, from) => {
    const rest = items.filter((_one, at) => at !== from)
    return rest.map((_one, to) => [...rest.slice(0, to), item, ...rest.slice(to)]).concat([[...rest, item]])
  })
}

/** One slot more, or an empty one, with the separator of the others. */
function longer(texts: Texts, slots: readonly number[], more: readonly string[]): readonly string[] {
  const mark = separatorOf(texts)
  return [...more, ''].flatMap((one) => [
    ...slots.map((a) => whole(texts, (text, at) => (at === a ? `${one}${mark}${text}` : text))),
    whole(texts, (text, at) => (at === slots.at(-1) ? `${text}${mark}${one}` : text)),
  ])
}
