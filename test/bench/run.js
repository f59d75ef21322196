// npm run bench [-- name ...] [-- --quick]: runs the benches, prints their tables and writes them to RESULTS.md.
// Each bench exports `title` and `run(options)`, an async generator of rows { what, rival, figures, ratio, reach }. Each runs in a process
// of its own: behind a bench that has filled the heap, others were measured up to half slower than alone.
import { spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

const folder = new URL('.', import.meta.url)
const RESULTS = new URL('RESULTS.md', folder)
const HELPERS = new Set(['run.js', 'measure.js'])

const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const flags = process.argv.slice(2).filter((arg) => arg.startsWith('--'))
const quick = flags.includes('--quick')
const all = (await readdir(folder)).filter((file) => file.endsWith('.js') && !HELPERS.has(file)).map((file) => file.replace(/\.js$/, ''))
const unknown = named.find((name) => !all.includes(name))
if (unknown !== undefined) throw new Error(`there is no bench ${unknown}; there are ${all.sort().join(', ')}`)
const wanted = named.length > 0 ? named : all.sort()

process.exitCode = (wanted.length === 1 ? await runOne(wanted[0]) : wanted.map(runApart).every(Boolean)) ? 0 : 1

/** @returns whether it came to its end */
function runApart(name) {
  return spawnSync(process.execPath, [...process.execArgv, process.argv[1], name, ...flags], { stdio: 'inherit' }).status === 0
}

async function runOne(name) {
  const bench = await import(new URL(`${name}.js`, folder))
  const rows = []
  console.log(`\n${bench.title}`)
  try {
    for await (const row of bench.run({ quick })) {
      rows.push(row)
      console.log(`  ${row.what} / ${row.rival}: ${shown(row.ratio)} ${row.reach && `(reach ${row.reach})`} [${row.figures}]`)
    }
  } catch (error) {
    console.error(error)
    return false
  }
  if (!quick) await record(name, bench.title, rows)
  return true
}

function shown(ratio) {
  return typeof ratio === 'number' ? ratio.toFixed(2) : (ratio ?? '')
}

/** Puts a bench's table in place of its last one. */
async function record(name, title, rows) {
  const head =
    '# Benchmarks\n\nEach row compares `what` with what is named `beside` it, in the same run: `figures` are `what : beside`, medians over rounds, and `ratio` is their quotient. `to reach` is the target, where there is one.\n`npm run bench` regenerates this file.\n'
  const before = await readFile(RESULTS, 'utf8').catch(() => head)
  const date = new Date().toISOString().slice(0, 10)
  const machine = `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0].model.trim()}, ${date}`
  const table = [
    `## ${title}`,
    '',
    machine,
    '',
    '| what | beside | ratio | to reach | figures |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.what} | ${row.rival} | ${shown(row.ratio)} | ${row.reach} | ${row.figures} |`),
  ].join('\n')
  const section = `<!-- ${name} -->\n${table}\n<!-- /${name} -->`
  const pattern = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`)
  const after = pattern.test(before) ? before.replace(pattern, () => section) : `${before}\n${section}\n`
  await writeFile(RESULTS, after)
}
