import { dirname } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { findTests } from './support/run-files.js'
import { Report } from './support/run-report.js'

/**
 * Runs the tests: `node test/run.js [--long] [--verbose] [--name=PATTERN] [file or folder ...]`.
 *
 * --long also runs `*.long.js`, and sets COUNTERSIGN_LONG=1 for tests that have a short and a long form. The last line is
 * `N passed, N failed`, and `, N skipped` where there were any; the exit code is 1 on any failure, and where nothing was run.
 */
const ROOT = dirname(import.meta.dirname)
const FILE_TIMEOUT_MS = 170_000
const LONG_FILE_TIMEOUT_MS = 3_600_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false }, name: { type: 'string' } },
})
if (values.long) process.env.COUNTERSIGN_LONG = '1'

const { files, left } = found()
const report = new Report({
  root: ROOT,
  ci: process.env.CI === 'true',
  verbose: values.verbose,
  write: (text) => process.stdout.write(text),
})
const started = performance.now()
if (files.length > 0) {
  const timeout = values.long ? LONG_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS
  const names = values.name === undefined ? {} : { testNamePatterns: [values.name] }
  for await (const event of run({ files, concurrency: 2, timeout, ...names })) report.take(event)
}
report.end({ left })
process.stdout.write(
  `\n${files.length} file${files.length === 1 ? '' : 's'} in ${((performance.now() - started) / 1000).toFixed(1)} s\n${report.summary()}\n`,
)
process.exitCode = report.failed > 0 ? 1 : 0

function found() {
  try {
    return findTests(ROOT, { paths: positionals, long: values.long })
  } catch (error) {
    process.stdout.write(`${error.message}\n0 passed, 1 failed\n`)
    process.exit(1)
  }
}
