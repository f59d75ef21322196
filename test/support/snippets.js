import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { pages } from '../../docs/site/pages.js'
import { packages, ROOT, subpaths } from './packages.js'

/** What readers have already, and no example declares. */
const GIVEN = [
  'app',
  'router',
  'handler',
  'api',
  'database',
  'redis',
  'cluster',
  'sentinel',
  'passport',
  'deploy',
  'refusals',
  'tokens',
  'tokenUrl',
]
const GIVEN_IN_READMES = ['clients', 'keys', 'secret', 'verify', 'value', 'storeKey', 'request', 'partner', 'express', 'scopes']
const GIVEN_CLASSES = ['BearerStrategy', 'Redis']
const GIVEN_MORE = ['log', 'otherAuthenticator', 'digestStrategy', 'createClient', 'slack', 'axios', 'headers', 'text']

/** What applications declare of their frameworks. */
const AMBIENT = `declare namespace Express {
  interface Request { auth: any }
  interface User { id: string }
}
`

/** A block that declares one name more than once shows several ways. */
const SHOWS_SEVERAL_WAYS = 2451

/**
 * The JavaScript of a document: `{ path, line, info, text }` for each block. `info` is what stands behind `js`: `before` for the lines of
 * another package, `run=<name>` for a block that a test runs.
 */
export function snippets(path, language = 'js') {
  const document = readFileSync(join(ROOT, path), 'utf8')
  const fenced = new RegExp(`^\`\`\`${language}(?: ([^\\n]*))?\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
  return [...document.matchAll(fenced)].map(({ index, 1: info = '', 2: text }) => ({
    path,
    line: document.slice(0, index).split('\n').length + 1,
    info,
    text,
  }))
}

/** The block that is marked `run=<name>`. */
export function runnable(path, name) {
  const found = snippets(path).filter(({ info }) => info === `run=${name}`)
  if (found.length !== 1) throw new Error(`${path} has ${found.length} blocks marked run=${name}`)
  return found[0].text
}

/** Every document with JavaScript, and its blocks but those of other packages. */
export function documents() {
  return [...pages().keys()]
    .map((path) => ({ path, blocks: snippets(path).filter(({ info }) => info !== 'before') }))
    .filter(({ blocks }) => blocks.length > 0)
}

/** What the compiler says of blocks, as `path:line: text`. Names count that earlier blocks of the document import or declare. */
export async function complaints(list) {
  const files = new Map([[join(ROOT, 'test/packaging/given.d.ts'), given()]])
  const origins = new Map()
  for (const { blocks } of list) {
    const own = await exportsOf(blocks[0].path)
    for (const [index, block] of blocks.entries()) {
      const head = preludeOf(blocks.slice(0, index), own, block.text)
      const name = join(ROOT, dirname(block.path), `snippet-${origins.size}.mjs`)
      files.set(name, `${head}\n${block.text}\nexport {}\n`)
      origins.set(name, { ...block, skipped: head.split('\n').length })
    }
  }
  return compile(files).flatMap(({ file, start, code, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ')
    // Examples are JavaScript, which looks at what has no type without a word.
    if (code === SHOWS_SEVERAL_WAYS || text.endsWith("on type 'unknown'.")) return []
    const origin = file && origins.get(file.fileName)
    if (!origin) return [`${file?.fileName ?? ''} ${text}`]
    const line = origin.line + file.getLineAndCharacterOfPosition(start).line - origin.skipped
    return [`${origin.path}:${line}: ${text}`]
  })
}

function given() {
  const values = [...GIVEN, ...GIVEN_IN_READMES, ...GIVEN_MORE].map((name) => `declare const ${name}: any`)
  const classes = GIVEN_CLASSES.map((name) => `declare const ${name}: new (...args: any[]) => any`)
  return [...values, ...classes, AMBIENT].join('\n')
}

/** What stands before a block: imports and variables of earlier ones, and the exports of the document's own package. */
function preludeOf(earlier, own, text) {
  const lines = new Map()
  const wanted = (name) => new RegExp(`\\b${name}\\b`).test(text) && !declaredIn(text).includes(name)
  for (const [name, from] of [...own, ...earlier.flatMap((block) => importsOf(block.text))]) {
    if (wanted(name)) lines.set(name, `import { ${name} } from '${from}'`)
  }
  for (const name of earlier.flatMap((block) => variablesOf(block.text))) {
    if (wanted(name) && !lines.has(name)) lines.set(name, `/** @type {any} */ var ${name}`)
  }
  return [...lines.values()].join('\n')
}

function importsOf(text) {
  return [...text.matchAll(/^import \{ ([^}]+) \} from '([^']+)'/gm)].flatMap(([, names, from]) =>
    names.split(', ').map((name) => [name, from]),
  )
}

function variablesOf(text) {
  const names = [...text.matchAll(/\b(?:const|let|var|function|class) (\w+)/g)].map(([, name]) => name)
  const taken = [...text.matchAll(/\b(?:const|let) \{ ([^}]+) \}/g)].flatMap(([, inner]) =>
    inner.split(', ').map((part) => part.split(': ').at(-1)),
  )
  return [...names, ...taken]
}

function declaredIn(text) {
  const whole = [...text.matchAll(/^import (\w+) from/gm)].map(([, name]) => name)
  return [...variablesOf(text), ...importsOf(text).map(([name]) => name), ...whole]
}

async function exportsOf(path) {
  const pkg = packages().find(({ folder }) => join(ROOT, path).startsWith(`${folder}/`))
  const [main] = pkg === undefined ? [] : subpaths(pkg).filter(({ subpath }) => subpath === '.')
  return main === undefined ? [] : Object.keys(await import(main.url)).map((name) => [name, main.specifier])
}

/** What a strict compiler says of texts in TypeScript that make one program. */
export function strictComplaints(texts) {
  const files = new Map(texts.map((text, i) => [join(ROOT, `snippet-${i}.mts`), `${text}\nexport {}\n`]))
  return compile(files, { strict: true, exactOptionalPropertyTypes: true }).map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, ' '),
  )
}

function compile(files, further = {}) {
  const options = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    types: ['node'],
    paths: Object.fromEntries(
      [
        ['express', 'types-express5'],
        ['koa', 'types-koa3'],
      ].map(([name, types]) => [name, [join(ROOT, `node_modules/${types}/index.d.ts`)]]),
    ),
    allowJs: true,
    checkJs: true,
    // A variable of the environment may be unset: the guard says so when it is made.
    strict: false,
    skipLibCheck: true,
    noEmit: true,
    ...further,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getCurrentDirectory = () => ROOT
  return ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
}
