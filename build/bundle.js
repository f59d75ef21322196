// Puts what each entry point of a package loads into a few files: a process starts with a file, not with hundreds. tsc checks the
// types and writes the declarations; the tests of whole packages import what is written here, which is what is shipped.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const ROOT = dirname(import.meta.dirname)

for (const folder of readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name))) {
  const { exports, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const targets = [...Object.values(exports).map((target) => target.default), ...Object.values(bin)].filter(Boolean)
  rmSync(join(folder, 'bundle'), { recursive: true, force: true })
  if (process.argv.includes('--clean')) continue
  await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries(targets.map((target) => entryOf(target))),
    outdir: 'bundle',
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 140,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  })
}

/** `./bundle/x.js` is made of src/x.ts. */
function entryOf(target) {
  const name = target.replace(/^\.\/bundle\//, '').replace(/\.js$/, '')
  return [name, `src/${name}.ts`]
}
