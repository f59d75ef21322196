import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as schemes from '@countersign/schemes'

/**
 * Writes the table of all presets into packages/schemes/CATALOGUE.md, between the markers `<!-- presets -->` and `<!-- /presets -->`:
 * `node test/support/presets-table.js --write`. Without --write it only says whether the file would change, and exits 1 if it would.
 */
const FILE = join(import.meta.dirname, '../../packages/schemes/CATALOGUE.md')
const MARKED = /(<!-- presets -->\n)[\s\S]*?(<!-- \/presets -->)/

/** Every preset: `[the name it is exported under, the scheme]`, in the order of the names. */
export const presets = Object.entries(schemes)
  .filter(([, value]) => typeof value === 'object' && value !== null && 'message' in value)
  .sort(([a], [b]) => (a < b ? -1 : 1))

/** The options with which a preset compiles: a word for every param that a set-up has to give. */
export function anySetUp({ params = {} }) {
  const needed = Object.entries(params).filter(([, value]) => value === null)
  return { params: Object.fromEntries(needed.map(([name]) => [name, 'x'])), allowInsecureScheme: true }
}

/** The table as Markdown. */
export function markdown() {
  const head = ['preset', 'signature', 'algorithm', 'message', 'body', 'fresh', 'once', 'proof', 'page']
  return [head, head.map(() => '---'), ...presets.map(([name, scheme]) => row(name, scheme))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** The document with the table in place. */
export function withTable(document) {
  return document.replace(MARKED, (_, open, close) => `${open}${markdown()}\n${close}`)
}

export function catalogue() {
  return existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
}

function row(name, scheme) {
  const { facts } = schemes.compileScheme(scheme, anySetUp(scheme))
  return [
    `\`${name}\``,
    cell(place(scheme)),
    algorithm(scheme),
    cell(messageOf(scheme.message)),
    bodyOf(scheme, facts),
    facts.timestamp === undefined ? '-' : `${facts.timestamp.toleranceSeconds} s`,
    facts.binds.nonce ? 'nonce' : facts.binds.timestamp ? 'time' : '-',
    scheme.evidence,
    `[docs](${scheme.docs})`,
  ]
}

function bodyOf({ allowUnboundBody }, { binds, branches }) {
  if (binds.body !== 'none' || allowUnboundBody !== undefined) return binds.body
  return branches.some(({ binding }) => binding.body !== 'none') ? 'where signed' : 'refused'
}

function place({ signature, params = {} }) {
  const fill = (text) => text.replace(/\{param:(\w+)\}/g, (slot, name) => params[name] ?? slot)
  if (signature.authorization !== undefined) return `Authorization: ${fill(signature.authorization)}`
  const [kind] = ['header', 'dictionary', 'query', 'form', 'cookie', 'json', 'item'].filter((one) => signature[one] !== undefined)
  const where = [signature[kind]].flat().map(fill).join(', ')
  return kind === 'header' || kind === 'dictionary' ? where : `${kind} ${where}`
}

function algorithm({ algorithm: of = 'sha256', construction }) {
  const names = typeof of === 'string' ? [of] : [...new Set(Object.values(of))]
  return `${construction === 'hash' ? 'no HMAC: ' : ''}${names.map((name) => name.replace(/^\{param:(\w+)\}$/, '$1')).join(', ')}`
}

function messageOf(message) {
  if (typeof message === 'string') return code(message)
  if (message.choose !== undefined) return message.choose.map(({ use }) => messageOf(use)).join(' or ')
  return `${[message.each].flat().join(' and ')}: ${code(message.item)} joined by ${code(message.join)}`
}

function code(text) {
  return `\`${text.replaceAll('\n', '\\n')}\``
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}

if (process.argv[1] === import.meta.filename) {
  const text = catalogue()
  const wanted = withTable(text)
  if (wanted !== text) {
    console.log(FILE)
    if (process.argv.includes('--write')) writeFileSync(FILE, wanted)
    else process.exitCode = 1
  }
}
