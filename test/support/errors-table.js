import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packages, ROOT, subpaths } from './packages.js'

/**
 * Writes each package's codes of refusals and errors into its README, between the markers `<!-- codes -->` and `<!-- /codes -->`, and the
 * indexes of all codes into README and docs/errors.md:
 * `node test/support/errors-table.js --write`. Without --write it only says which files would change, and exits 1 if there are any.
 */
const MARKED = /(<!-- codes -->\n)[\s\S]*?(<!-- \/codes -->)/

/** The code tables that a package exports, under names such as `coreCodes`: all rows, sorted by status, where they have one, then code. */
export async function codesOf(pkg) {
  const rows = new Map()
  for (const { url } of subpaths(pkg).filter(({ types }) => existsSync(types))) {
    for (const [name, value] of Object.entries(await import(url))) {
      if (!/^[a-z][A-Za-z]*Codes$/.test(name)) continue
      for (const [code, row] of Object.entries(value)) if (code.startsWith('ERR_')) rows.set(code, row)
    }
  }
  return [...rows].sort(([a, x], [b, y]) => (x.status ?? 0) - (y.status ?? 0) || (a < b ? -1 : 1))
}

/** The table as Markdown; empty where there are no codes. */
export function markdown(rows) {
  if (rows.length === 0) return ''
  // Errors that no answer carries have no status.
  const answered = rows.some(([, { status }]) => status !== undefined)
  const lines = rows.map(([code, { status, when, fix }]) => {
    const cells = [`\`${code}\``, ...(answered ? [status ?? ''] : []), cell(when), cell(fix)]
    return `| ${cells.join(' | ')} |`
  })
  const head = ['code', ...(answered ? ['status'] : []), 'when', 'what to do']
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines, ''].join('\n')
}

/** A README's text with the table in place, or undefined where it has no markers. */
export function withTable(readme, rows) {
  return MARKED.test(readme) ? readme.replace(MARKED, (_, open, close) => open + markdown(rows) + close) : undefined
}

function cell(text) {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}

/**
 * Every code of all packages: `{ code, row, places }`, sorted by code, where a place is a package whose README has the code in its table,
 * with the heading above that table: `{ name, folder, anchor }`.
 */
export async function allCodes() {
  const found = new Map()
  for (const pkg of packages()) {
    const place = placeOf(pkg)
    for (const [code, row] of place === undefined ? [] : await codesOf(pkg)) {
      const entry = found.get(code) ?? { code, row, places: [] }
      entry.places.push(place)
      found.set(code, entry)
    }
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

function placeOf({ name, folder }) {
  const [, above] = /([\s\S]*)<!-- codes -->/.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
  if (above === undefined) return undefined
  const heading = [...above.matchAll(/^## (.*)$/gm)].at(-1)[1]
  return { name: name.replace('@countersign/', ''), folder: basename(folder), anchor: heading.toLowerCase().replaceAll(' ', '-') }
}

/** The documents that hold an index of all codes, between `<!-- errors -->` and `<!-- /errors -->`: what stands there for each. */
export async function indexes() {
  const codes = await allCodes()
  return new Map([
    ['docs/errors.md', table(codes)],
    ['README.md', byPackage(codes)],
  ])
}

function table(codes) {
  const lines = codes.map(({ code, row, places }) => {
    const links = places.map((place) => `[${place.name}](../${linkTo(place)})`).join(', ')
    return `| \`${code}\` | ${row.status ?? ''} | ${cell(row.when)} | ${links} |`
  })
  return ['| code | status | when | what to do |', '|---|---|---|---|', ...lines, ''].join('\n')
}

/** One line for each package that is the first to have codes of its own. */
function byPackage(codes) {
  const lines = new Map()
  for (const { code, places } of codes) {
    const key = `[${places[0].name}](${linkTo(places[0])})`
    lines.set(key, [...(lines.get(key) ?? []), `\`${code}\``])
  }
  const rows = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([link, names]) => `| ${link} | ${names.join(' ')} |`)
  return ['| package | codes |', '|---|---|', ...rows, ''].join('\n')
}

function linkTo({ folder, anchor }) {
  return `packages/${folder}/README.md#${anchor}`
}

/** A document's text with the index in place; as it is where it has no markers. */
export function withIndex(text, index) {
  return text.replace(/(<!-- errors -->\n)[\s\S]*?(<!-- \/errors -->)/, (_, open, close) => open + index + close)
}

if (process.argv[1] === import.meta.filename) {
  const wanted = new Map()
  for (const pkg of packages()) {
    const path = join(pkg.folder, 'README.md')
    wanted.set(path, withTable(readFileSync(path, 'utf8'), await codesOf(pkg)))
  }
  for (const [name, index] of await indexes()) {
    const path = join(ROOT, name)
    wanted.set(path, withIndex(readFileSync(path, 'utf8'), index))
  }
  for (const [path, text] of wanted) {
    if (text === undefined || text === readFileSync(path, 'utf8')) continue
    process.stdout.write(`${path}\n`)
    if (process.argv.includes('--write')) writeFileSync(path, text)
    else process.exitCode = 1
  }
}
