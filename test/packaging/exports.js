import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { packages, subpaths } from '../support/packages.js'

/**
 * The names that the packages export, kept in exports.json so that no name comes or goes unplanned:
 * `node test/packaging/exports.js --write` after a build. Types are written as `type Name`.
 */
export const SNAPSHOT = join(import.meta.dirname, 'exports.json')

/** The exported names of every subpath of the built packages: `{ specifier: [name, ...] }`. */
export async function exportedNames() {
  const names = []
  for (const { specifier, url, symbols } of exportedSymbols()) {
    const module = await import(url)
    names.push([specifier, symbols.map(({ name }) => (name in module ? name : `type ${name}`)).sort()])
  }
  return Object.fromEntries(names)
}

/** The same with what is known of each: `[{ specifier, url, symbols: [{ name, documentation }] }]`. */
export function exportedSymbols() {
  const entries = packages().flatMap(subpaths)
  const missing = entries.filter(({ types }) => !existsSync(types)).map(({ specifier }) => specifier)
  if (missing.length > 0) throw new Error(`not built: ${missing.join(', ')}`)
  const program = ts.createProgram({
    rootNames: entries.map(({ types }) => types),
    options: { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, noEmit: true, skipLibCheck: true, types: ['node'] },
  })
  const checker = program.getTypeChecker()
  return entries.map(({ specifier, types, url }) => ({ specifier, url, symbols: symbolsOf(checker, program.getSourceFile(types)) }))
}

/** What exports.json holds. */
export function snapshot() {
  return JSON.parse(readFileSync(SNAPSHOT, 'utf8'))
}

function symbolsOf(checker, file) {
  const symbol = checker.getSymbolAtLocation(file)
  // A file that exports nothing (`export {}`) has no symbol.
  if (symbol === undefined) return []
  return checker.getExportsOfModule(symbol).map((item) => {
    const target = item.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(item) : item
    return { name: item.name, documentation: ts.displayPartsToString(target.getDocumentationComment(checker)) }
  })
}

if (process.argv[1] === import.meta.filename) {
  const text = `${JSON.stringify(await exportedNames(), null, 2)}\n`
  if (process.argv.includes('--write')) writeFileSync(SNAPSHOT, text)
  else process.stdout.write(text)
}
