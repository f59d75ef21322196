import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folders whose tests `npm test` runs; test/packaging and test/types belong to `npm run check`. */
const FOLDERS = ['packages', 'test/support', 'test/contract', 'test/vectors', 'test/interop', 'test/e2e']
const NEVER = new Set(['node_modules', 'dist', 'bundle', 'coverage', 'fixtures'])

/**
 * The test files to run, as absolute paths in a fixed order. node --test on Node 20 takes no globs, so they are listed here.
 *
 * @param root - the repository's folder
 * @param options.paths - files, or folders to look in, relative to root; none: the folders of `npm test`
 * @param options.long - also `*.long.js`
 * @returns `{ files, left }`: left counts the long ones that were found and not asked for
 * @throws Error where a path does not exist
 */
export function findTests(root, { paths = [], long = false } = {}) {
  const wanted = paths.length > 0 ? paths : FOLDERS.filter((folder) => existsSync(join(root, folder)))
  const found = new Set(wanted.flatMap((path) => below(resolve(root, path))))
  const named = new Set(paths.map((path) => resolve(root, path)))
  const files = [...found].filter((file) => file.endsWith('.test.js') || named.has(file) || long)
  return { files, left: found.size - files.length }
}

function below(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new Error(`there is no ${path}`)
  if (stat.isFile()) return [path]
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return NEVER.has(entry.name) ? [] : below(join(path, entry.name))
    return /\.(test|long)\.js$/.test(entry.name) ? [join(path, entry.name)] : []
  })
}
