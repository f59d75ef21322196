import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The repository's folder. */
export const ROOT = dirname(dirname(import.meta.dirname))

/**
 * Every package below packages/: `{ name, folder, manifest }`, sorted by folder.
 * One whose index.ts exports nothing yet is a frame, and left out: there is nothing to pack or to document.
 */
export function packages() {
  return readdirSync(join(ROOT, 'packages'))
    .sort()
    .map((entry) => {
      const folder = join(ROOT, 'packages', entry)
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return { name: manifest.name, folder, manifest }
    })
    .filter(({ folder }) => readFileSync(join(folder, 'src/index.ts'), 'utf8').trim() !== 'export {}')
}

/** A package's subpaths that are code: `{ subpath, specifier, types, url }`, with types the path of its declarations and url that of its module. */
export function subpaths({ name, folder, manifest }) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, target]) => ({
      subpath,
      specifier: name + subpath.slice(1),
      types: join(folder, target.types),
      url: pathToFileURL(join(folder, target.default)).href,
    }))
}
