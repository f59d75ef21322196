import { appendFileSync } from 'node:fs'

/** Tests up to this time run first: most mutants are killed by one of them. */
const QUICK_MS = 25
const SLACK_MS = 1000
const FACTOR = 10
/** So many tests that killed most mutants until now run before all others. */
const KILLERS = 8
/** A process is replaced after so many runs, or octets, since each run keeps the test files that it imported. */
const MAX_RUNS = 500
const MAX_RSS = 1_000_000_000
const MAX_TURNS = 6

/** Decides about one mutant after the other. */
export class Judge {
  #tests
  #fresh
  #start
  #worker
  #spare
  #quick
  #kills = new Map()
  #at

  /**
   * @param options.dry - the conclusions of the dry run
   * @param options.start - makes a WorkerProcess
   * @param options.quick - no second look at mutants that survive in a process that was used before
   */
  constructor({ dry, start, quick }) {
    this.#tests = new Map(dry.tests.map((test, index) => [test.id, { ...test, index }]))
    this.#fresh = new Set(dry.fresh)
    this.#start = start
    this.#quick = quick
  }

  end() {
    this.#worker?.end()
    this.#spare?.end()
  }

  /**
   * @param mutant - Stryker's
   * @param filter - the ids of the tests that reach it; undefined: it runs only while packages are loaded, and all tests are to be run
   * @param hitLimit - how often it may be reached before it counts as a loop without end
   * @returns `{ status: 'killed' | 'timeout' | 'survived', id, message, tests }`
   */
  async judge({ id: mutant, fileName, location, mutatorName, replacement }, filter, hitLimit) {
    this.#at = `${fileName}:${location.start.line + 1}:${location.start.column + 1} ${mutatorName} ${replacement}`
    const ids = new Set(filter ?? this.#tests.keys())
    const task = { mutant, hitLimit, ids, fromStart: filter === undefined }
    const verdict = await this.#attempts(task)
    const second = verdict.status === 'survived' && !task.fromStart && !this.#quick && this.#fresh.has(mutant)
    return second ? this.#attempts({ ...task, fromStart: true }) : verdict
  }

  /** Runs with the mutant, until what comes out is confirmed without it. A test that fails without it too is left out and the rest is tried. */
  async #attempts({ mutant, hitLimit, ids, fromStart }) {
    const left = new Set(ids)
    const doubted = new Set()
    for (let turn = 0; turn < MAX_TURNS && left.size > 0; turn += 1) {
      const groups = this.#groups(left)
      const failure = await this.#run({ mutant, hitLimit, groups, fromStart })
      if (failure === undefined) return { status: 'survived', tests: left.size }
      // A new process is slower than one that has run: what was slow in a new one is compared with a new one.
      const without = { groups: [upTo(groups, failure)], fromStart: fromStart && failure.slow }
      if ((await this.#run(without)) === undefined) {
        this.#kills.set(failure.id, (this.#kills.get(failure.id) ?? 0) + 1)
        return { id: failure.id, message: failure.message, tests: left.size, status: failure.slow ? 'timeout' : 'killed' }
      }
      // The process was not clean, or the test fails here by itself: a new process tells which. What is left unclean again cannot judge.
      this.#worker?.end()
      if ((await this.#run(without)) !== undefined || doubted.has(failure.id)) left.delete(failure.id)
      doubted.add(failure.id)
    }
    return { status: 'survived', tests: left.size }
  }

  /** One run in the process that is kept, or with a mutant that is on from the start in one of its own. */
  async #run({ mutant, hitLimit, groups, fromStart = false }) {
    const worker = fromStart ? this.#take() : this.#kept()
    const started = performance.now()
    const answer = await worker.ask({ kind: 'run', mutant, hitLimit, groups, fromStart })
    trace({
      mutant,
      at: this.#at,
      fromStart,
      runs: worker.runs,
      groups: groups.length,
      tests: groups.flatMap(({ ids }) => ids).length,
      ms: performance.now() - started,
      failure: answer.failure?.id,
      message: answer.failure?.message,
      ended: answer.ended,
      strays: answer.strays,
      rss: answer.rss,
    })
    const failure = answer.ended === undefined ? answer.failure : endedAt(answer, groups)
    const unclean = fromStart || answer.strays > 0
    if (unclean || worker.runs > MAX_RUNS || answer.rss > MAX_RSS) worker.end()
    if (failure === undefined) return undefined
    const looped = hitLimit !== undefined && answer.hits > hitLimit
    return { ...failure, slow: looped || failure.status === 'hung' || answer.ended === 'timeout' }
  }

  #kept() {
    if (!this.#worker?.usable) this.#worker = this.#take()
    return this.#worker
  }

  /** A new process; the next one starts meanwhile. */
  #take() {
    const worker = this.#spare ?? this.#start()
    this.#spare = this.#start()
    return worker
  }

  /** The tests by file: those that killed most before, then the quick ones of all files, then the rest; cheap files before others. */
  #groups(ids) {
    const tests = [...ids].map((id) => this.#tests.get(id)).filter(Boolean)
    const killers = new Set(
      tests
        .filter(({ id }) => this.#kills.has(id))
        .sort((a, b) => this.#kills.get(b.id) - this.#kills.get(a.id))
        .slice(0, KILLERS),
    )
    const turnOf = (test) => (killers.has(test) ? 0 : test.ms > QUICK_MS ? 2 : 1)
    const groups = new Map()
    for (const test of tests) {
      const turn = turnOf(test)
      const key = `${turn} ${test.file}`
      const group = groups.get(key) ?? { turn, file: test.file, tests: [], ms: 0 }
      group.tests.push(test)
      group.ms += test.ms
      groups.set(key, group)
    }
    return [...groups.values()].sort((a, b) => a.turn - b.turn || a.ms - b.ms).map(asked)
  }
}

function asked({ file, tests }) {
  const sorted = tests.sort((a, b) => a.index - b.index)
  return {
    file,
    ids: sorted.map(({ id }) => id),
    deadlines: Object.fromEntries(sorted.map(({ id, ms }) => [id, SLACK_MS + FACTOR * ms])),
  }
}

/** One line for each run, in the file that MUTATION_TRACE names: where the time goes. */
function trace(line) {
  if (process.env.MUTATION_TRACE !== undefined) appendFileSync(process.env.MUTATION_TRACE, `${JSON.stringify(line)}\n`)
}

/** Where a process that gave no answer was: the group, and its test. */
function endedAt({ ended, at }, groups) {
  const found = groups.findIndex(({ file, ids }) => ids.includes(at?.id) || (at?.what !== 'start' && at?.id?.startsWith(file)))
  const group = Math.max(found, 0)
  const id = groups[group].ids.includes(at?.id) ? at.id : groups[group].ids[0]
  return { id, group, status: 'failed', message: ended === 'timeout' ? 'the process did not come back' : 'the process ended' }
}

/** The group of a failure, with its tests until the one that failed. */
function upTo(groups, { group, id }) {
  const { file, ids, deadlines } = groups[group]
  return { file, deadlines, ids: ids.slice(0, ids.indexOf(id) + 1) }
}
