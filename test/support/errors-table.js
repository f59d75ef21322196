import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, subpaths } from './packages.js'

/**
 * Writes each package's codes of refusals and errors into its README, between the markers `<!-- codes -->` and `<!-- /codes -->`:
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

if (process.argv[1] === import.meta.filename) {
  for (const pkg of packages()) {
    const path = join(pkg.folder, 'README.md')
    const text = readFileSync(path, 'utf8')
    const wanted = withTable(text, await codesOf(pkg)) ?? text
    if (wanted === text) continue
    console.log(path)
    if (process.argv.includes('--write')) writeFileSync(path, wanted)
    else process.exitCode = 1
  }
}
