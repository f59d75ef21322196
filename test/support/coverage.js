import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packages, ROOT } from './packages.js'

/**
 * Runs the tests with c8 (`npm run test:coverage`, settings in .c8rc.json): each source counts, whether a test loads it or not,
 * apart from those that hold nothing but types, of which nothing is left to run.
 */
function typesOnly({ folder }) {
  return readdirSync(join(folder, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => {
      const built = join(folder, 'dist', `${path.slice(0, -3)}.js`)
      return existsSync(built) && withoutComments(readFileSync(built, 'utf8')) === ''
    })
    .map((path) => relative(ROOT, join(folder, 'src', path)))
}

function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s*export \{\};?\s*$/gm, '')
    .trim()
}

const excludes = packages()
  .flatMap(typesOnly)
  .map((path) => `--exclude=${path}`)
const c8 = join(ROOT, 'node_modules/c8/bin/c8.js')
const args = [c8, ...excludes, process.execPath, join(ROOT, 'test/run.js'), ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1
