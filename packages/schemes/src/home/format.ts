import type { Problems } from '../definition/problems.js'
import { isLiteral, type Piece, parseTemplate, type Slot } from '../definition/template.js'
import { excludes, fits } from '../text/alphabet.js'
import type { Shape } from '../text/shape.js'
import { Captures } from './captured.js'
import { compileMembers, MAX_MEMBERS } from './members-format.js'
import { compileWhole, type Format } from './whole-format.js'

export type { Format } from './whole-format.js'

/**
 * Compiles a format.
 *
 * @param shapeOf - what a captured name is made of
 * @param between - what stands between the signatures of a format that ends with several, where that is not the text before the first
 */
export function compileFormat(
  source: string,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
  members?: string,
  between?: string,
): Format {
  if (members !== undefined) return compileMembers(source, members, path, shapeOf, problems)
  const pieces = parseTemplate(source, path, problems)
  const tail = pieces.at(-1)
  const mark = pieces.at(-2)
  if (tail !== undefined && !isLiteral(tail) && tail.repeated && mark !== undefined) {
    if (between !== undefined) return compileRow(source, pieces.slice(0, -1), { slot: tail, mark: between }, path, shapeOf, problems)
    if (isLiteral(mark) && pieces.length > 2)
      return compileTail(source, pieces.slice(0, -2), { slot: tail, mark: mark.literal }, path, shapeOf, problems)
  }
  for (const piece of pieces) {
    if (!isLiteral(piece) && piece.repeated) problems.add(path, `"+" in ${piece.source} ${needed(source, piece)}`)
  }
  return compileWhole(source, pieces, path, shapeOf, problems)
}

/** What says how the next one is told from this. */
function needed(source: string, { source: slot, part }: Slot): string {
  if (part !== 'signature') return 'stands only behind {signature}'
  if (source === slot) return 'stands behind other text: where whole elements repeat, take it away and write "list": ","'
  const ends = source.endsWith(slot) ? 'the "list" that stands between them, or ' : ''
  return `needs ${ends}"members", or a "list" without it: nothing says how the next one is told from this`
}

/** Whether a format ends with several signatures behind other text, so that a `list` stands between these. */
export function endsWithSeveral(source: string): boolean {
  return source.endsWith('{signature+}') && source !== '{signature+}'
}

interface Several {
  readonly slot: Slot
  readonly mark: string
}

/** A format such as `v1:{signature+}` with a mark of its own between the signatures. */
function compileRow(
  source: string,
  head: readonly Piece[],
  { slot, mark }: Several,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  const front = compileWhole(source, [...head, { ...slot, repeated: false }], path, shapeOf, problems)
  const shape = shapeOf(slot.part)
  refuseHeld(slot, mark, shape, path, problems)
  return {
    names: front.names,
    plain: undefined,
    inner: undefined,
    sole: undefined,
    repeated: slot.part,
    read: (text, into, several) => {
      const [first = '', ...rest] = text.split(mark)
      if (rest.length >= MAX_MEMBERS || !front.read(first, into, [])) return false
      for (const one of [into.get(slot.part) as string, ...rest]) {
        if (one === '' || !fits(one, shape)) return false
        several.push(new Captures().set(slot.part, one))
      }
      return true
    },
    print: (from, several) => {
      const [first, ...rest] = several.map((one) => one.get(slot.part) ?? '')
      return [front.print(new Captures(from).set(slot.part, first ?? ''), []), ...rest].join(mark)
    },
  }
}

function refuseHeld(slot: Slot, mark: string, { alphabet }: Shape, path: string, problems: Problems): void {
  if (!excludes(alphabet, mark[0] as string))
    problems.add(path, `${slot.source} may hold ${JSON.stringify(mark)}, so that the next one cannot be told from it`)
}

/** A format such as `{timestamp},{signature+}`: what is repeated stands last, with the text before it in front of each. */
function compileTail(
  source: string,
  head: readonly Piece[],
  { slot, mark }: Several,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  if (slot.part !== 'signature') problems.add(path, `"+" in ${slot.source} stands only behind {signature}`)
  const front = compileWhole(source, head, path, shapeOf, problems)
  const shape = shapeOf(slot.part)
  refuseHeld(slot, mark, shape, path, problems)
  return {
    names: [...front.names, slot.part],
    plain: undefined,
    inner: undefined,
    sole: undefined,
    repeated: slot.part,
    read: (text, into, several) => {
      const parts = text.split(mark)
      if (parts.length > MAX_MEMBERS) return false
      let first = parts.length
      while (first > 1 && parts[first - 1] !== '' && fits(parts[first - 1] as string, shape)) first -= 1
      for (const part of parts.slice(first)) several.push(new Captures().set(slot.part, part))
      return first < parts.length && front.read(parts.slice(0, first).join(mark), into, several)
    },
    print: (from, several) => front.print(from, []) + several.map((one) => mark + (one.get(slot.part) ?? '')).join(''),
  }
}
