import { relative } from 'node:path'
import { inspect } from 'node:util'

const LATE = 'generated asynchronous activity after the test ended'
/** What node:test gives as the reason for tests that --name leaves out. */
const NOT_NAMED = 'test name does not match pattern'

/**
 * Counts the events of node:test and writes one line for each file, each failure in full, and at the end what was skipped and why.
 *
 * Beyond what node:test itself counts, these are failures: a file without a test, an error after a test had ended, and with `ci` a skipped test whose
 * reason does not start with `long:`.
 *
 * @param options.write - takes text
 * @param options.root - the folder that file names are shown relative to
 * @param options.ci - whether skipped tests fail
 * @param options.verbose - also writes the name of each test
 */
export class Report {
  passed = 0
  failed = 0
  skipped = []
  #options
  #file
  #path = []
  #counts = { tests: 0, failed: 0 }
  #milliseconds = new Map()
  #failures = []

  constructor(options) {
    this.#options = options
  }

  /** Takes one event of the stream that node:test's `run` returns. */
  take({ type, data }) {
    if (type === 'test:stdout' || type === 'test:stderr') this.#options.write(data.message)
    if (type === 'test:diagnostic' && data.message.includes(LATE)) this.#fail('an error after its test', data.message)
    if (data.name === undefined || data.skip === NOT_NAMED) return
    const isFile = data.nesting === 0 && data.name === data.file
    if (type === 'test:complete' && isFile) this.#milliseconds.set(data.file, data.details.duration_ms)
    if (type === 'test:start' && !isFile) this.#path = [...this.#path.slice(0, data.nesting), data.name]
    if (type !== 'test:pass' && type !== 'test:fail') return
    this.#enter(data.file)
    if (isFile) this.#judgeFile(type, data)
    else this.#judge(type, data, [...this.#path.slice(0, data.nesting), data.name].join(' > '))
  }

  /** Writes what remains to be said. */
  end({ left }) {
    const { write, ci } = this.#options
    this.#leave()
    if (this.passed + this.failed === 0) this.#fail('no test was run', 'neither passed nor failed')
    if (this.#failures.length > 0) write(`\nFailed:\n${this.#failures.map((name) => `  ${name}\n`).join('')}`)
    if (this.skipped.length > 0) write(`\nSkipped${ci ? ' (with CI=true only `long:` may be)' : ''}:\n`)
    for (const { name, reason } of this.skipped) write(`  ${name}: ${reason}\n`)
    if (left > 0) write(`\nNot run: ${left} long test file${left === 1 ? '' : 's'} (npm run test:long)\n`)
  }

  /** The plain last line. */
  summary() {
    const skipped = this.skipped.length
    return `${this.passed} passed, ${this.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  }

  #judgeFile(type, data) {
    if (type === 'test:fail') this.#fail('the file itself', data.details.error)
    else if (!data.skip) this.#fail('the file itself', 'it has no test')
  }

  #judge(type, data, name) {
    const isSuite = data.details.type === 'suite'
    if (data.skip !== undefined || data.todo !== undefined) this.#skip(name, data)
    else if (type === 'test:fail') this.#judgeFailure(name, data.details.error, isSuite)
    else if (!isSuite) this.#pass(name, data.details.duration_ms)
  }

  #judgeFailure(name, error, isSuite) {
    // Whatever made a subtest fail has been counted with the subtest.
    if (error?.failureType === 'subtestsFailed') return
    this.#fail(isSuite ? `${name} (suite)` : name, error)
  }

  #pass(name, milliseconds) {
    this.passed += 1
    this.#counts.tests += 1
    if (this.#options.verbose) this.#options.write(`      ${name} (${Math.round(milliseconds)} ms)\n`)
  }

  #skip(name, { skip, todo }) {
    const reason = typeof skip === 'string' ? skip : skip === undefined ? `to do: ${todo}` : 'no reason given'
    if (this.#options.ci && !reason.startsWith('long:')) this.#fail(name, `skipped: ${reason}`)
    else this.skipped.push({ name: `${this.#shown(this.#file)}: ${name}`, reason })
  }

  #fail(name, error) {
    this.failed += 1
    this.#counts.failed += 1
    const where = this.#file === undefined ? '' : `${this.#shown(this.#file)}: `
    this.#failures.push(`${where}${name}`)
    this.#options.write(`\nFAILED ${where}${name}\n${indent(describe(error))}\n\n`)
  }

  #enter(file) {
    if (file === this.#file) return
    this.#leave()
    this.#file = file
    this.#counts = { tests: 0, failed: 0 }
  }

  #leave() {
    if (this.#file === undefined) return
    const { tests, failed } = this.#counts
    const milliseconds = this.#milliseconds.get(this.#file)
    const time = milliseconds === undefined ? '' : `, ${(milliseconds / 1000).toFixed(1)} s`
    const outcome = failed > 0 ? `${failed} failed, ${tests} passed` : `${tests} passed`
    this.#options.write(`${failed > 0 ? 'FAIL' : 'ok  '}  ${this.#shown(this.#file)}  ${outcome}${time}\n`)
    this.#file = undefined
  }

  #shown(file) {
    return relative(this.#options.root, file)
  }
}

function describe(error) {
  if (typeof error === 'string') return error
  const cause = error?.cause ?? error
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4 })
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
