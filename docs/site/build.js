import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { pages, pageText, publicName, ROOT } from './pages.js'

/**
 * Builds the site of the documents: `node docs/site/build.js [folder]`, by default into docs/dist. Everything in it is made from the
 * Markdown files of the repository; a link to a page that is not there fails the build.
 */
const out = resolve(process.argv[2] ?? join(ROOT, 'docs/dist'))

// Below the repository, so that the packages that the theme imports are found.
mkdirSync(join(ROOT, '.tmp'), { recursive: true })
const folder = mkdtempSync(join(ROOT, '.tmp/site-'))
try {
  writePages(folder)
  await vitepress(folder, out)
  process.stdout.write(`${out}\n`)
} catch (error) {
  process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? error.stack}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function writePages(target) {
  const known = pages()
  for (const [path, page] of known) {
    const { text, files } = pageText(path, known)
    put(join(target, page), text)
    for (const file of files) cpSync(join(ROOT, file), join(target, 'public', publicName(file)), { recursive: true })
  }
  for (const name of ['config.js', 'theme']) cpSync(join(import.meta.dirname, name), join(target, '.vitepress', name), { recursive: true })
}

function put(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

async function vitepress(source, target) {
  const manifest = createRequire(import.meta.url).resolve('vitepress/package.json')
  const command = join(dirname(manifest), 'bin/vitepress.js')
  await promisify(execFile)(process.execPath, [command, 'build', source, '--outDir', target], { maxBuffer: 2 ** 24 })
}
