import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join } from 'node:path'

const DOCUMENT = join(import.meta.dirname, '..', 'MUTATION.md')
const RESULTS = join(import.meta.dirname, 'results')
const BEGIN = '<!-- figures -->'
const END = '<!-- /figures -->'
const COUNTED = {
  Killed: 'killed',
  Timeout: 'timeout',
  Survived: 'survived',
  NoCoverage: 'noCoverage',
  RuntimeError: 'survived',
  CompileError: 'survived',
}
const NOTHING = { killed: 0, timeout: 0, survived: 0, noCoverage: 0 }

/**
 * What a run found out, for each file of src: `{ killed, timeout, survived, noCoverage, date, node, left }`, where left has a line for each
 * mutant that was not killed. What Stryker calls an error counts as survived.
 *
 * @param options.results - Stryker's, one for each mutant
 * @param options.sandbox - where the mutated files are, restored
 */
export function summaryOf({ name, results, sandbox, seconds }) {
  const date = new Date().toISOString().slice(0, 10)
  const places = new Places(sandbox)
  const files = {}
  for (const mutant of results) {
    // By --without-static.
    if (mutant.status === 'Ignored') continue
    const count = COUNTED[mutant.status]
    if (count === undefined) throw new Error(`a mutant is ${mutant.status}`)
    const place = places.of(mutant)
    files[place.file] ??= { ...NOTHING, date, node: process.version, left: [] }
    const file = files[place.file]
    file[count] += 1
    if (count === 'survived' || count === 'noCoverage')
      file.left.push({ ...place, status: mutant.status, mutator: mutant.mutatorName, tests: mutant.coveredBy?.length ?? 0 })
  }
  for (const { left } of Object.values(files)) left.sort((a, b) => a.line - b.line || a.column - b.column)
  return { name, seconds: Math.round(seconds), files }
}

/** The sums over the files of an area. */
export function totalOf({ name, files }) {
  const total = { name, ...NOTHING }
  const dates = new Set()
  const nodes = new Set()
  for (const file of Object.values(files)) {
    for (const count of Object.keys(NOTHING)) total[count] += file[count]
    dates.add(file.date)
    nodes.add(file.node)
  }
  const all = total.killed + total.timeout + total.survived + total.noCoverage
  const score = all === 0 ? 0 : Math.floor((10_000 * (total.killed + total.timeout)) / all) / 100
  return { ...total, all, score, files: Object.keys(files).length, date: [...dates].sort().join(', '), node: [...nodes].sort().join(', ') }
}

/** The sums as a table of Markdown. */
export function table(summaries) {
  const head = ['area', 'files', 'mutants', 'killed', 'timed out', 'survived', 'not reached', 'score', 'date', 'Node']
  const rows = summaries
    .map(totalOf)
    .map((t) => [t.name, t.files, t.all, t.killed, t.timeout, t.survived, t.noCoverage, `${t.score.toFixed(2)} %`, t.date, t.node])
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Puts what was found out about files in the place of what was known of them, and the sums into MUTATION.md. */
export function record(summary, areas) {
  mkdirSync(RESULTS, { recursive: true })
  const path = join(RESULTS, `${summary.name}.json`)
  const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).files : {}
  const files = Object.fromEntries(Object.entries({ ...known, ...summary.files }).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify({ name: summary.name, files }, null, 1)}\n`)
  const all = areas.map((name) => join(RESULTS, `${name}.json`)).filter(existsSync)
  const [before, rest] = readFileSync(DOCUMENT, 'utf8').split(BEGIN)
  const [, after] = rest.split(END)
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${table(all.map((file) => JSON.parse(readFileSync(file, 'utf8'))))}\n${END}${after}`)
}

/** Finds the line of src that a mutant of dist is, and shows what it was and what became of it. */
class Places {
  #root
  #files = new Map()

  constructor(root) {
    this.#root = root
  }

  of({ fileName, location: reported, replacement }) {
    // Stryker reports lines and columns from 1 on.
    const at = ({ line, column }) => ({ line: line - 1, column: column - 1 })
    const location = { start: at(reported.start), end: at(reported.end) }
    const built = fileName.replace(`${this.#root}/`, '')
    const { lines, map } = this.#read(built)
    const entry = map.findEntry(location.start.line, location.start.column)
    const source = join(dirname(built), map.payload.sources[0])
    return {
      file: source,
      line: (entry.originalLine ?? 0) + 1,
      column: (entry.originalColumn ?? 0) + 1,
      was: cut(lines, location),
      became: short(replacement ?? ''),
    }
  }

  #read(built) {
    if (!this.#files.has(built)) {
      const path = join(this.#root, built)
      const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
      this.#files.set(built, { lines: readFileSync(path, 'utf8').split('\n'), map })
    }
    return this.#files.get(built)
  }
}

function cut(lines, { start, end }) {
  const text = lines.slice(start.line, end.line + 1)
  text[text.length - 1] = text.at(-1).slice(0, end.column)
  text[0] = text[0].slice(start.column)
  return short(text.join('\n'))
}

function short(text) {
  const flat = text.replace(/\s+/g, ' ')
  return flat.length > 160 ? `${flat.slice(0, 80)} ... ${flat.slice(-70)}` : flat
}
