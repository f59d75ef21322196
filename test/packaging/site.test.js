import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { pages, pageText } from '../../docs/site/pages.js'
import { tempFolder } from '../support/folders.js'
import { ROOT } from '../support/packages.js'

const DEADLINE_MS = 120_000

test('the site of the documents has every page, a search index and no dead link', async (t) => {
  const folder = tempFolder(t)
  await promisify(execFile)(process.execPath, [join(ROOT, 'docs/site/build.js'), folder], { cwd: ROOT, timeout: DEADLINE_MS })

  const wanted = [...pages().values()].map((page) => page.replace(/md$/, 'html'))
  assert.ok(wanted.length >= 20, `pages: ${wanted.length}`)
  for (const page of wanted) assert.ok(existsSync(join(folder, page)), page)

  const assets = readdirSync(join(folder, 'assets/chunks'))
  const [index] = assets.filter((name) => name.startsWith('@localSearchIndex'))
  const indexed = readFileSync(join(folder, 'assets/chunks', index), 'utf8')
  // As the index cuts words: at every mark, and without capitals.
  for (const word of ['replayed', 'tokenurl', 'canonical']) assert.ok(indexed.includes(word), word)

  const sites = new Map(wanted.map((page) => [page, readFileSync(join(folder, page), 'utf8')]))
  assert.deepEqual(deadLinks(folder, sites), [])
  assert.match(sites.get('architecture.html'), /<img[^>]+src="[^"]+\.svg"/)
})

test('a link to a file that is not there fails the build', () => {
  const known = new Map([...pages()].filter(([path]) => path !== 'SECURITY.md'))
  assert.throws(() => pageText('README.md', new Map()) && pageText('docs/no-such-page.md', known), /no-such-page/)
})

/** The links within the site that lead nowhere, to a page or to a heading of one, as `page: link`. */
function deadLinks(folder, sites) {
  const dead = []
  for (const [page, html] of sites) {
    for (const [, href] of html.matchAll(/<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue
      const [path, anchor] = href.replaceAll('&amp;', '&').split('#')
      const target = path === '' ? page : posix.join(path.startsWith('/') ? '' : posix.dirname(page), path).replace(/^\//, '')
      const file = target === '' || target.endsWith('/') ? `${target}index.html` : target
      if (!existsSync(join(folder, file))) dead.push(`${page}: ${href}`)
      else if (anchor && !idsOf(sites.get(file)).has(decodeURIComponent(anchor))) dead.push(`${page}: ${href}`)
    }
  }
  return [...new Set(dead)]
}

function idsOf(html) {
  return new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id))
}
