import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** The repository's folder. */
export const ROOT = dirname(dirname(import.meta.dirname))

const FIXED = {
  'README.md': 'index.md',
  'SECURITY.md': 'security.md',
  'CONTRIBUTING.md': 'contributing.md',
  'CHANGELOG.md': 'changelog.md',
  'packages/axios-auth/KINDS.md': 'axios-auth/kinds.md',
  'packages/schemes/LANGUAGE.md': 'schemes/language.md',
  'packages/schemes/CATALOGUE.md': 'schemes/catalogue.md',
  'test/bench/RESULTS.md': 'measured.md',
  'test/MUTATION.md': 'mutation.md',
}

const FOUND = [
  [/^packages\/([^/]+)\/README\.md$/, '$1/index.md'],
  [/^examples\/([^/]+)\/README\.md$/, 'examples/$1.md'],
  [/^docs\/(.*\.md)$/, '$1'],
]

/** Documents of one wide table, which gets the place of the list of headings. */
const WIDE = new Set(['docs/errors.md', 'packages/schemes/CATALOGUE.md', 'test/bench/RESULTS.md', 'test/MUTATION.md'])

/** Every document that becomes a page: from its path in the repository to the page's in the site. */
export function pages() {
  const below = (folder) => entries(folder).map((entry) => posix.join(folder, entry))
  const folders = ['', 'docs', 'docs/migrate', 'test', 'test/bench', ...below('packages'), ...below('examples')]
  const found = folders
    .flatMap(below)
    .filter((path) => path.endsWith('.md'))
    .sort()
  return new Map(found.flatMap((path) => (pageOf(path) === undefined ? [] : [[path, pageOf(path)]])))
}

function entries(folder) {
  return statSync(join(ROOT, folder), { throwIfNoEntry: false })?.isDirectory() ? readdirSync(join(ROOT, folder)) : []
}

function pageOf(path) {
  if (FIXED[path] !== undefined) return FIXED[path]
  const rule = FOUND.find(([pattern]) => pattern.test(path))
  return rule && path.replace(...rule)
}

/**
 * A document as a page: links to other documents lead to their pages, links and images to other files to copies of these, links
 * to folders are their text alone, and comments are left out. A link to nothing is an error.
 *
 * @returns {{ text: string, files: string[] }} the page, and what it needs beside itself, as paths in the repository
 */
export function pageText(path, known) {
  const files = []
  const link = (whole, label, target) => {
    const [, name, anchor] = /^([^#]*)(#.*)?$/.exec(target)
    if (name === '' || /^[a-z]+:/.test(name)) return whole
    const wanted = posix.normalize(posix.join(posix.dirname(path), name))
    if (known.has(wanted)) return `[${label}](/${known.get(wanted)}${anchor ?? ''})`
    const found = statSync(join(ROOT, wanted), { throwIfNoEntry: false })
    if (found === undefined) throw new Error(`${path} links to ${target}, which is not there`)
    if (found.isDirectory()) return label
    files.push(wanted)
    return `[${label}](/${publicName(wanted)})`
  }
  const body = outsideCode(readFileSync(join(ROOT, path), 'utf8'), (prose) =>
    prose.replace(/<!--[\s\S]*?-->\n?/g, '').replace(/\[([^\]]*)\]\(([^)\s]+)\)/g, link),
  )
  const text = WIDE.has(path) ? `---\naside: false\n---\n\n${body}` : body
  return { text, files }
}

/** The name under which a file that is no page lies in the site. One without an extension, or of Markdown, gets another, so that browsers show it. */
export function publicName(path) {
  return /\.[a-z]+$/.test(path) && !path.endsWith('.md') ? path : `${path}.txt`
}

/** Changes all of a document but its fenced blocks. */
function outsideCode(text, change) {
  return text
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('')
}
