/**
 * A test runner for Stryker: node:test files in a process that stays, so that a mutant costs the tests that reach it and nothing else.
 *
 * A kill counts only when it is the mutant's: the test that failed is run again without the mutant. See test/MUTATION.md.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner'
import { Judge } from './judge.js'
import { WorkerProcess } from './worker-process.js'

/** The option that run.js gives: which tests, and which files hold mutants. */
export const strykerValidationSchema = { properties: { inProcess: { type: 'object' } } }

const DRY_DEADLINE_MS = 60_000

class InProcessRunner {
  static inject = tokens(commonTokens.logger, commonTokens.options)
  #log
  #options
  #judge
  #memory

  constructor(log, options) {
    this.#log = log
    this.#options = options.inProcess
    this.#memory = join(process.cwd(), 'mutation-dry-run.json')
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  /** Runs all tests twice. Those that do not pass both times are used for no mutant, and are reported by run.js. */
  async dryRun() {
    for (const file of this.#options.preload) cpSync(file, join('instrumented', file))
    const worker = new WorkerProcess({ root: process.cwd(), preload: this.#options.preload })
    const answer = await worker.ask({
      kind: 'dry',
      files: this.#options.files,
      without: this.#options.without,
      deadlineMs: DRY_DEADLINE_MS,
    })
    worker.end()
    if (answer.ended !== undefined) return { status: DryRunStatus.Error, errorMessage: `${answer.ended} at ${JSON.stringify(answer.at)}` }
    const dry = conclusions(answer)
    writeFileSync(this.#memory, JSON.stringify(dry))
    if (process.env.MUTATION_TRACE !== undefined) writeFileSync(`${process.env.MUTATION_TRACE}.dry`, JSON.stringify(dry))
    for (const { id, message } of dry.left) this.#log.warn(`not used: ${id}: ${message?.split('\n')[0]}`)
    const tests = dry.tests.map(({ id, file, ms }) => ({ id, name: id, fileName: file, timeSpentMs: ms, status: TestStatus.Success }))
    return { status: DryRunStatus.Complete, tests, mutantCoverage: dry.coverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    this.#judge ??= new Judge({
      dry: JSON.parse(readFileSync(this.#memory, 'utf8')),
      start: () => new WorkerProcess({ root: process.cwd(), preload: this.#options.preload }),
      quick: this.#options.quick,
    })
    const verdict = await this.#judge.judge(activeMutant, testFilter, hitLimit)
    const nrOfTests = verdict.tests
    if (verdict.status === 'survived') return { status: MutantRunStatus.Survived, nrOfTests }
    if (verdict.status === 'timeout') return { status: MutantRunStatus.Timeout, reason: verdict.message }
    return { status: MutantRunStatus.Killed, killedBy: [verdict.id], failureMessage: verdict.message ?? '', nrOfTests }
  }

  dispose() {
    this.#judge?.end()
  }
}

/**
 * What the two passes say.
 *
 * @returns `tests` that passed both times; `left`, those that did not; `coverage` for Stryker: static where no test reaches the mutant;
 *   `fresh`: ids of mutants that ran also while packages were loaded, or in the first pass only, so that a process that has run before may hide them
 */
function conclusions({ passes, static: atLoad }) {
  const [first, second] = passes
  const before = new Map(first.tests.map((test) => [test.id, test]))
  const good = (test) => test.status === 'passed' && before.get(test.id)?.status === 'passed'
  const tests = second.tests.filter(good)
  const left = [...second.tests, ...first.tests].filter((test) => test.status === 'failed' || test.status === 'hung')
  const perTest = Object.fromEntries(tests.map(({ id, file }) => [id, covered([first, second], id, file)]))
  const inTests = new Set(Object.values(perTest).flatMap((hits) => Object.keys(hits)))
  const fresh = new Set(Object.keys(atLoad).filter((mutant) => inTests.has(mutant)))
  for (const { id, file } of tests) {
    const again = covered([second], id, file)
    for (const mutant of Object.keys(perTest[id])) if (again[mutant] === undefined) fresh.add(mutant)
  }
  const onlyAtLoad = Object.fromEntries(Object.entries(atLoad).filter(([mutant]) => !inTests.has(mutant)))
  return { tests, left, fresh: [...fresh], coverage: { static: onlyAtLoad, perTest } }
}

/** The hits of a test: its own, those of the hooks of its suites and those of the code of its file. */
function covered(passes, id, file) {
  const hits = {}
  for (const { perTest } of passes) {
    for (const [place, counts] of Object.entries(perTest)) {
      if (place !== id && place !== `file:${file}` && !(place.startsWith('hooks:') && id.startsWith(place.slice('hooks:'.length)))) continue
      for (const [mutant, count] of Object.entries(counts)) hits[mutant] = (hits[mutant] ?? 0) + count
    }
  }
  return hits
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'node-test-in-process', InProcessRunner)]
