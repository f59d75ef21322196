import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const COPIED = ['packages', 'test', 'package.json', 'README.md', 'SECURITY.md']
const LEFT = new Set(['node_modules', 'bundle', 'coverage', '.tmp', '.tsbuildinfo'])

/**
 * A copy of the tree in which files may be mutated. The packages in it find each other in it, and by `dist` in place of `bundle`: the same code
 * in the files that tsc writes, of which each is loaded once, whether a test imports it by the package's name or by its path.
 *
 * @returns its absolute path; it goes with `removeSandbox`
 */
export function makeSandbox(root) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-mutation-')))
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !LEFT.has(basename(path)) })
  for (const name of readdirSync(join(folder, 'packages'))) byDist(join(folder, 'packages', name, 'package.json'))
  linkModules(root, folder)
  return folder
}

export function removeSandbox(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

function byDist(path) {
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"./bundle/', '"./dist/'))
}

function linkModules(root, folder) {
  const [from, to] = [root, folder].map((path) => join(path, 'node_modules'))
  mkdirSync(join(to, '@countersign'), { recursive: true })
  for (const name of readdirSync(from)) {
    if (name !== '@countersign') symlinkSync(join(from, name), join(to, name))
  }
  for (const name of readdirSync(join(folder, 'packages'))) symlinkSync(join(folder, 'packages', name), join(to, '@countersign', name))
  for (const name of readdirSync(join(root, 'packages'))) {
    const own = join(root, 'packages', name, 'node_modules')
    try {
      symlinkSync(realpathSync(own), join(folder, 'packages', name, 'node_modules'))
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
  }
}
