/**
 * Mutation testing: `npm run test:mutation -- [area ...] [--mutate=GLOB ...] [--incremental] [--quick] [--without-static] [--record] [--confirm=N] [--concurrency=N] [--verbose]`.
 *
 * Without an area all of areas.js. --mutate takes files of src or dist, and mutates these alone. --incremental judges anew only what changed
 * since the last run of the area with it. --quick leaves out the second look at survivors in a new process, --without-static what runs
 * only while a package is loaded: both are for working, not for the figures. --record keeps the figures of the files in results/ and
 * writes the sums into MUTATION.md. --confirm judges N killed mutants and N survivors again with node --test. The exit code is 1 where an
 * area has less than 90 %.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { findTests } from '../support/run-files.js'
import { AREAS } from './areas.js'
import { confirm } from './confirm.js'
import { makeSandbox, removeSandbox } from './sandbox.js'
import { record, summaryOf, table, totalOf } from './summary.js'

const ROOT = dirname(dirname(import.meta.dirname))
const RESULTS = join(ROOT, '.tmp', 'mutation')
const LOWEST_SCORE = 90

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string', multiple: true },
    incremental: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'without-static': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    confirm: { type: 'string', default: '0' },
    concurrency: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})
for (const name of positionals) {
  if (AREAS[name] === undefined) throw new Error(`there is no area ${name}; there are ${Object.keys(AREAS).join(', ')}`)
}

mkdirSync(RESULTS, { recursive: true })
const summaries = []
for (const name of positionals.length > 0 ? positionals : Object.keys(AREAS)) summaries.push(await runArea(name))
process.stdout.write(`\n${table(summaries)}\n`)
process.exitCode = summaries.every((summary) => totalOf(summary).score >= LOWEST_SCORE) ? 0 : 1

async function runArea(name) {
  const area = AREAS[name]
  const sandbox = makeSandbox(ROOT)
  const started = performance.now()
  process.chdir(sandbox)
  try {
    const mutated = matching(sandbox, (values.mutate ?? area.mutate).map(ofDist))
    if (mutated.length === 0) throw new Error('no file is to be mutated')
    const results = await new Stryker(settings({ name, area, sandbox, mutated })).runMutationTest()
    const summary = summaryOf({ name, results, sandbox, seconds: (performance.now() - started) / 1000 })
    if (Number(values.confirm) > 0) summary.confirmed = confirm({ results, sandbox, size: Number(values.confirm) })
    writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(summary, null, 2)}\n`)
    if (values.record) record(summary, Object.keys(AREAS))
    process.stdout.write(`${relative(ROOT, join(RESULTS, `${name}.json`))} has each survivor\n`)
    return summary
  } finally {
    process.chdir(ROOT)
    removeSandbox(sandbox)
  }
}

function settings({ name, area, sandbox, mutated }) {
  const left = new RegExp(area.notThese.join('|') || '^$')
  const files = findTests(sandbox, { paths: area.tests }).files.map((file) => relative(sandbox, file))
  return {
    testRunner: 'node-test-in-process',
    plugins: [join(sandbox, 'test/mutation/plugin.js')],
    inProcess: { files: files.filter((file) => !left.test(file)), preload: mutated, without: area.without, quick: values.quick },
    mutate: mutated,
    ignorePatterns: ['node_modules', 'packages/*/src', 'packages/*/node_modules'],
    inPlace: true,
    coverageAnalysis: 'perTest',
    ignoreStatic: values['without-static'],
    concurrency: Number(values.concurrency),
    incremental: values.incremental,
    incrementalFile: join(RESULTS, `${name}.incremental.json`),
    reporters: values.verbose ? ['json', 'progress-append-only'] : ['json'],
    jsonReporter: { fileName: join(RESULTS, `${name}.report.json`) },
    fileLogLevel: 'off',
    logLevel: values.verbose ? 'info' : 'warn',
    allowConsoleColors: false,
    disableTypeChecks: false,
    // The runner has deadlines of its own for each test; those of Stryker are never to come first.
    timeoutMS: 1_800_000,
    dryRunTimeoutMinutes: 30,
    thresholds: { high: 90, low: 90, break: null },
  }
}

/** packages/core/src/x.ts is tested as packages/core/dist/x.js. */
function ofDist(pattern) {
  return pattern.replace(/^(packages\/[^/]+)\/src\//, '$1/dist/').replace(/\.ts$/, '.js')
}

/** The files of dist that a pattern names, in which `*` stands for a name or a part of one and `**` for folders. */
function matching(sandbox, patterns) {
  const expressions = patterns.map((pattern) => {
    const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
    return new RegExp(`^${text}$`)
  })
  const dist = readdirSync(join(sandbox, 'packages')).map((name) => join('packages', name, 'dist'))
  const files = dist.flatMap((folder) => readdirSync(join(sandbox, folder), { recursive: true }).map((file) => join(folder, String(file))))
  return files.filter((file) => file.endsWith('.js') && expressions.some((expression) => expression.test(file))).sort()
}
