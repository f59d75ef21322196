import type { Text } from '../definition/definition.js'

/** Pipes that write the JSON of a body in one way or another. */
const WRITES = /^(?:minify|stringify|jcs|sorted(?::outer)?|spaced|escapeUnicode|escapeSlashes)$/
/** How libraries write JSON, the usual ones first; each parses the body once or twice. With `omit` in front all is as it is spelt. */
const STYLES = [
  'stringify',
  'jcs',
  'minify',
  'sorted|spaced|escapeUnicode',
  'sorted|escapeUnicode',
  'sorted|escapeUnicode|escapeSlashes',
  'stringify|escapeUnicode|escapeSlashes',
  'stringify|spaced|escapeUnicode',
  'sorted',
  'sorted:outer|escapeUnicode|escapeSlashes',
  'sorted:outer',
  'stringify|escapeSlashes',
  'stringify|escapeUnicode',
]
const LEAVES_OUT = /^(?:without|omit):/

/** A template with the JSON of the body written in each of the other ways; empty where it prints none. */
export function stylesLike(text: Text): readonly string[] {
  if (typeof text !== 'string') return []
  const [slot, written = ''] = /\{body\|([^{}]*)\}/.exec(text) ?? []
  const pipes = written.split('|')
  if (slot === undefined || !pipes.some((pipe) => WRITES.test(pipe) || LEAVES_OUT.test(pipe))) return []
  const out = pipes.filter((pipe) => LEAVES_OUT.test(pipe)).map((pipe) => pipe.replace('without:', 'omit:'))
  const rest = pipes.filter((pipe) => !WRITES.test(pipe) && !LEAVES_OUT.test(pipe))
  return STYLES.map((style) => text.replace(slot, () => `{${['body', ...out, style, ...rest].join('|')}}`)).filter((one) => one !== text)
}
