import type { JsonTree } from './json-tree.js'

const SCALARS: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' }

/** What str() makes of the dict that json.loads gives: `{'a': 1}`. Numbers stand as they were written. */
export function pythonDict(tree: JsonTree): string {
  if (tree.kind === 'scalar') return SCALARS[tree.text] ?? tree.text
  if (tree.kind === 'string') return quoted(tree.value)
  if (tree.kind === 'list') return `[${tree.items.map(pythonDict).join(', ')}]`
  return `{${tree.members.map(([name, member]) => `${quoted(name)}: ${pythonDict(member)}`).join(', ')}}`
}

/** What str() makes of bytes: `b'...'`. */
export function pythonBytes(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
  return `b${quoted(text).replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Single quotes, unless the text holds one and no double quote. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(/[\\\n\r\t]/g, (c) => ESCAPES[c] ?? c)
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark
}
