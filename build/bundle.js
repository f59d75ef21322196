// Puts what each entry point of a package loads into a few files: a process starts with a file, not with hundreds. tsc checks the
// types and writes the declarations; the tests of whole packages import what is written here, which is what is shipped. With --readable
// nothing is made shorter, so that what counts lines finds them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const ROOT = dirname(import.meta.dirname)

/**
 * Entry points that most processes load, by package: all that they hold becomes one file. Without that, it is one for each set of entry
 * points that share it, and a file costs half a millisecond of a start.
 */
const TOGETHER = { core: ['base', 'express', 'koa'], schemes: ['verifier'] }

/**
 * Of Node's modules, those that are taken from the process in place of an import, which would make a namespace of all that they export
 * and so load WebCrypto, Blob and parseArgs. Not among them: node:fs, node:http and what else tests and tracers replace functions of.
 */
const TAKEN = new Set(['node:buffer', 'node:crypto', 'node:diagnostics_channel', 'node:module', 'node:stream', 'node:timers', 'node:util'])
const NAMED_IMPORT = /^import \{([^}]*)\} from '(node:[a-z/_]+)'$/gm

/**
 * What is loaded late, by a `require` that a module makes for itself. Bundlers of others follow the name alone, and one that makes CommonJS leaves
 * no import.meta.url: so where there is a `require`, it is asked. Until this build is done it has another name of the same length.
 * One that every module has, as with `node -e`, in the REPL, or where somebody put it on globalThis, is another's: it looks elsewhere.
 */
const LATE_REQUIRE = /^const require = createRequire\(import\.meta\.url\)$/m
const LATE = /\brequire\(('[a-z-]+')\)/g
const STAND_IN = /\bREQUIRE\b/g

/** What entry points load; they are written after it. */
const SHARED = /-[0-9A-Z]{8}\.js(\.map)?$/

const isShort = !process.argv.includes('--readable')

for (const name of readdirSync(join(ROOT, 'packages'))) {
  const folder = join(ROOT, 'packages', name)
  const { exports, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const targets = [...Object.values(exports).map((target) => target.default), ...Object.values(bin)].filter(Boolean)
  const together = TOGETHER[name] ?? []
  const bundle = join(folder, 'bundle')
  if (process.argv.includes('--clean')) {
    rmSync(bundle, { recursive: true, force: true })
    continue
  }
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries(targets.map((target) => entryOf(target))),
    outdir: 'bundle',
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    minifyWhitespace: isShort,
    minifySyntax: isShort,
    lineLimit: isShort ? 140 : undefined,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [sources(folder, targets, together)],
    // Without it, what only stands there to be reached would be left out.
    ignoreAnnotations: together.length > 0,
  })
  replace(bundle, outputFiles.map(named))
}

/** A file of the output, with the right name for the stand-in. */
function named({ path, contents }) {
  const text = Buffer.from(contents)
  return { path, contents: path.endsWith('.js') ? Buffer.from(text.toString().replace(STAND_IN, 'require')) : text }
}

/** What is the same stays untouched, and what is left over goes last, so that a process that starts meanwhile finds all of its files. */
function replace(bundle, files) {
  const isShared = ({ path }) => SHARED.test(path)
  for (const { path, contents } of [...files].sort((a, b) => isShared(b) - isShared(a))) {
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path) || !readFileSync(path).equals(contents)) writeFileSync(path, contents)
  }
  const made = new Set(files.map(({ path }) => path))
  for (const entry of readdirSync(bundle, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !made.has(path)) rmSync(path)
  }
}

/** `./bundle/x.js` is made of src/x.ts. */
function entryOf(target) {
  const name = target.replace(/^\.\/bundle\//, '').replace(/\.js$/, '')
  return [name, `src/${name}.ts`]
}

/**
 * How a source is read. An entry point reaches all that are to be together, so that what is in these has one set of entry points that
 * share it: all. What is imported of TAKEN is taken from the process.
 */
function sources(folder, targets, together) {
  const entries = new Set(targets.map((target) => join(folder, entryOf(target)[1])))
  const imports = together.map((name) => `import ${JSON.stringify(join(folder, 'src', `${name}.ts`))}\n`).join('')
  const setup = ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = lateRequires(readFileSync(path, 'utf8')).replace(NAMED_IMPORT, taken)
      return { contents: entries.has(path) ? text + imports : text, loader: 'ts' }
    })
  }
  return { name: 'sources', setup }
}

function lateRequires(text) {
  if (!LATE_REQUIRE.test(text)) return text
  const found = "(typeof REQUIRE === 'function' && REQUIRE !== globalThis.require ? REQUIRE($1) : require($1))"
  return text.replace(LATE, found).replace(LATE_REQUIRE, "const require = createRequire(import.meta.url ?? 'file:///')")
}

/** The same names in the same lines, so that the source map stays true. */
function taken(statement, names, module) {
  if (!TAKEN.has(module)) return statement
  const values = names.replace(/\btype \w+(?: as \w+)?,?/g, '').replaceAll(' as ', ': ')
  return `const {${values}} = process.getBuiltinModule('${module}')`
}
