import { readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'

const DOCUMENT = join(import.meta.dirname, '..', 'MUTATION.md')
const BEGIN = '<!-- figures -->'
const END = '<!-- /figures -->'

/**
 * What a run found out.
 *
 * @param options.results - Stryker's, one for each mutant
 * @returns the counts, the score (killed and timed out of all that are not ignored, per cent), and the mutants that were not killed as lines of src
 */
export function summaryOf({ name, results, sandbox, root, seconds }) {
  const count = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length
  const counts = {
    killed: count('Killed'),
    timeout: count('Timeout'),
    survived: count('Survived'),
    noCoverage: count('NoCoverage'),
    ignored: count('Ignored'),
    errors: count('RuntimeError', 'CompileError'),
  }
  const detected = counts.killed + counts.timeout
  const all = detected + counts.survived + counts.noCoverage
  const places = new Places(root)
  const left = results
    .filter(({ status }) => !['Killed', 'Timeout', 'Ignored'].includes(status))
    .map((mutant) => ({
      ...places.of(mutant, sandbox),
      status: mutant.status,
      mutator: mutant.mutatorName,
      id: mutant.id,
      static: mutant.static,
      tests: mutant.coveredBy?.length ?? 0,
    }))
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
  const date = new Date().toISOString().slice(0, 10)
  const percent = all === 0 ? 100 : Math.floor((10_000 * detected) / all) / 100
  return {
    name,
    date,
    node: process.version,
    seconds: Math.round(seconds),
    mutants: all,
    ...counts,
    score: percent,
    files: byFile(results, sandbox),
    left,
  }
}

function byFile(results, sandbox) {
  const files = {}
  for (const { fileName, status } of results) {
    const file = fileName.replace(`${sandbox}/`, '')
    files[file] ??= {}
    files[file][status] = (files[file][status] ?? 0) + 1
  }
  return files
}

/** Finds the line of src that a mutant of dist is, and shows what it was and what became of it. */
class Places {
  #root
  #files = new Map()

  constructor(root) {
    this.#root = root
  }

  of({ fileName, location: reported, replacement }, sandbox) {
    // Stryker reports lines and columns from 1 on.
    const at = ({ line, column }) => ({ line: line - 1, column: column - 1 })
    const location = { start: at(reported.start), end: at(reported.end) }
    const built = fileName.replace(`${sandbox}/`, '')
    const { lines, map } = this.#read(built)
    const entry = map.findEntry(location.start.line, location.start.column)
    const file = built.replace('/dist/', '/src/').replace(/\.js$/, '.ts')
    return {
      file,
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

/** The figures as a table of Markdown. */
export function table(summaries) {
  const rows = summaries.map((s) =>
    [
      s.name,
      s.mutants,
      s.killed,
      s.timeout,
      s.survived,
      s.noCoverage,
      `${s.score.toFixed(2)} %`,
      `${(s.seconds / 60).toFixed(0)} min`,
      s.date,
      s.node,
    ].join(' | '),
  )
  return [
    '| area | mutants | killed | timed out | survived | not reached | score | took | date | Node |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

/** Puts the rows into MUTATION.md, in the place of older ones of the same areas. */
export function record(summaries) {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const [old, after] = rest.split(END)
  const [head, line, ...rows] = table(summaries).split('\n')
  const names = new Set(summaries.map(({ name }) => name))
  const kept = old.split('\n').filter((row) => /^\| [a-z]/.test(row) && !row.startsWith('| area ') && !names.has(row.split(' ')[1]))
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${[head, line, ...[...kept, ...rows].sort()].join('\n')}\n${END}${after}`)
}
