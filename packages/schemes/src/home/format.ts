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
 */
export function compileFormat(
  source: string,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
  members?: string,
): Format {
  if (members !== undefined) return compileMembers(source, members, path, shapeOf, problems)
  const pieces = parseTemplate(source, path, problems)
  const tail = pieces.at(-1)
  const mark = pieces.at(-2)
  if (tail !== undefined && !isLiteral(tail) && tail.repeated && mark !== undefined && isLiteral(mark) && pieces.length > 2) {
    return compileTail(source, pieces.slice(0, -2), { slot: tail, mark: mark.literal }, path, shapeOf, problems)
  }
  for (const piece of pieces) {
    if (!isLiteral(piece) && piece.repeated)
      problems.add(path, `"+" in ${piece.source} needs "members", or a "list" without it: nothing says how the next one is told from this`)
  }
  return compileWhole(source, pieces, path, shapeOf, problems)
}

/** A format such as `{timestamp},{signature+}`: what is repeated stands last, with the text before it in front of each. */
function compileTail(
  source: string,
  head: readonly Piece[],
  { slot, mark }: { readonly slot: Slot; readonly mark: string },
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  if (slot.part !== 'signature') problems.add(path, `"+" in ${slot.source} stands only behind {signature}`)
  const front = compileWhole(source, head, path, shapeOf, problems)
  const shape = shapeOf(slot.part)
  if (!excludes(shape.alphabet, mark[0] as string)) {
    problems.add(path, `${slot.source} may hold ${JSON.stringify(mark)}, so that the next one cannot be told from it`)
  }
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
