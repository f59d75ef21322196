/**
 * What `node:test` is to a test file while mutants are judged: it collects the tests of a file and runs them, or some of them, in this process.
 *
 * Only what the tests of this repository use is here; anything else is absent or throws, so that no test passes because it was not understood.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { mock } from 'node:test'

export { mock }

const { setTimeout: later, clearTimeout: never, setImmediate: soon } = globalThis
const running = new AsyncLocalStorage()

/** Errors that belong to no test that runs now: the process is not clean any more. */
export const strays = []

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    const store = running.getStore()
    if (store === undefined || store.ended) strays.push(error)
    else store.fail(error)
  })
}

let place

/**
 * The tests that a file declares while `load` runs.
 *
 * @param file - its path, which begins the id of each test
 * @param load - imports it
 * @returns the root: `{ children, tests }`, tests is a Map from id to test
 */
export async function collect(file, load) {
  const root = { ...suiteOf(file, undefined), id: file, tests: new Map() }
  place = root
  await load()
  place = undefined
  return root
}

function suiteOf(name, parent, options = {}) {
  return { kind: 'suite', name, parent, skip: options.skip, children: [], hooks: { before: [], after: [], beforeEach: [], afterEach: [] } }
}

function declaration(args) {
  const name = typeof args[0] === 'string' ? args[0] : args.find((arg) => typeof arg === 'function')?.name
  const options = args.find((arg) => typeof arg === 'object' && arg !== null) ?? {}
  const fn = args.find((arg) => typeof arg === 'function')
  for (const key of Object.keys(options)) {
    if (!['skip', 'timeout', 'concurrency', 'todo'].includes(key)) throw new Error(`the harness does not know the option ${key} of a test`)
  }
  return { name, options, fn }
}

function unique(root, id) {
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? id : `${id} (${n})`
    if (!root.tests.has(candidate)) return candidate
  }
}

function rootOf(suite) {
  return suite.parent === undefined ? suite : rootOf(suite.parent)
}

function pathOf(suite) {
  return suite.parent === undefined ? suite.name : `${pathOf(suite.parent)} > ${suite.name}`
}

export function test(...args) {
  if (place === undefined) throw new Error('a test was declared after its file had loaded')
  const { name, options, fn } = declaration(args)
  const root = rootOf(place)
  const id = unique(root, `${pathOf(place)} > ${name}`)
  const entry = { kind: 'test', id, name, fn, parent: place, skip: options.skip || options.todo || fn === undefined }
  root.tests.set(id, entry)
  place.children.push(entry)
}

export function describe(...args) {
  const { name, options, fn } = declaration(args)
  const suite = suiteOf(name, place, options)
  place.children.push(suite)
  const outer = place
  place = suite
  const result = fn()
  place = outer
  if (result?.then !== undefined) throw new Error('the harness knows no asynchronous describe')
}

export const it = test
export const suite = describe
const hook = (kind) => (fn) => {
  const context = running.getStore()?.context
  if (place !== undefined) place.hooks[kind].push(fn)
  else if (kind === 'after' && context !== undefined) context.after(fn)
  else throw new Error(`${kind}() was called where the harness does not know it`)
}
export const before = hook('before')
export const after = hook('after')
export const beforeEach = hook('beforeEach')
export const afterEach = hook('afterEach')
export default Object.assign(test, { test, it, describe, suite, before, after, beforeEach, afterEach, mock })

/** What a test gets. */
class Context {
  #hooks = []
  #mock
  constructor(name) {
    this.name = name
    this.signal = new AbortController().signal
  }

  get mock() {
    this.#mock ??= new mock.constructor()
    return this.#mock
  }

  after(fn) {
    this.#hooks.push(fn)
  }

  skip() {
    this.skipped = true
  }

  diagnostic() {}

  async test(...args) {
    const { name, options, fn } = declaration(args)
    if (options.skip) return
    const context = new Context(name)
    await context.run(() => fn(context))
  }

  async run(fn) {
    const failures = []
    await attempt(failures, fn)
    for (const each of this.#hooks) await attempt(failures, () => each(this))
    this.#mock?.reset()
    if (failures.length > 0) throw failures[0]
  }
}

async function attempt(failures, fn) {
  try {
    await fn()
  } catch (error) {
    failures.push(error ?? new Error('it threw nothing'))
  }
}

/**
 * Runs tests of a file, one after the other, and stops after the first that fails.
 *
 * @param root - what `collect` returned
 * @param options.selected - a Set of ids; absent: all
 * @param options.deadlineOf - ms that a test of this id has
 * @param options.on - is told of `(what, id)`: 'start' before a test, and 'hooks' before the hooks of a suite
 * @param options.bail - stop at the first failure
 * @returns a list of `{ id, status: 'passed' | 'skipped' | 'failed' | 'hung', ms, message }`
 */
export async function runTests(root, { selected, deadlineOf, on, bail }) {
  const state = { results: [], selected, deadlineOf, on, bail, stopped: false }
  await runSuite(root, state, false)
  return state.results
}

function chosen(state, entry) {
  if (entry.kind === 'test') return state.selected === undefined || state.selected.has(entry.id)
  return entry.children.some((child) => chosen(state, child))
}

function testsBelow(state, entry) {
  if (entry.kind === 'test') return chosen(state, entry) ? [entry] : []
  return entry.children.flatMap((child) => testsBelow(state, child))
}

async function runSuite(suite, state, skipped) {
  if (!chosen(state, suite)) return
  const skip = skipped || Boolean(suite.skip)
  const first = testsBelow(state, suite)[0]
  if (!skip) await runHooks(suite, 'before', first.id, state)
  for (const child of suite.children) {
    if (state.stopped) break
    if (child.kind === 'suite') await runSuite(child, state, skip)
    else if (chosen(state, child)) await runTest(child, state, skip)
  }
  if (!skip) await runHooks(suite, 'after', state.results.at(-1)?.id ?? first.id, state)
}

async function runHooks(suite, kind, id, state) {
  if (suite.hooks[kind].length === 0) return
  state.on('hooks', pathOf(suite))
  const context = { name: suite.name, after: (fn) => suite.hooks.after.push(fn) }
  const outcome = await guarded(state.deadlineOf(id), context, async () => {
    for (const fn of suite.hooks[kind]) await fn(context)
  })
  if (outcome.status !== 'passed') note(state, { id, ms: 0, ...outcome, message: `${kind} hook: ${outcome.message}` })
}

function note(state, result) {
  state.results.push(result)
  if (state.bail && (result.status === 'failed' || result.status === 'hung')) state.stopped = true
}

async function runTest(entry, state, skipped) {
  if (skipped || entry.skip) return note(state, { id: entry.id, status: 'skipped', ms: 0 })
  state.on('start', entry.id)
  const started = performance.now()
  const context = new Context(entry.name)
  const outcome = await guarded(state.deadlineOf(entry.id), context, () => context.run(() => withEach(entry, context)))
  const status = outcome.status === 'passed' && context.skipped ? 'skipped' : outcome.status
  note(state, { ...outcome, id: entry.id, status, ms: performance.now() - started })
}

async function withEach(entry, context) {
  const chain = []
  for (let suite = entry.parent; suite !== undefined; suite = suite.parent) chain.unshift(suite)
  const failures = []
  await attempt(failures, async () => {
    for (const suite of chain) for (const fn of suite.hooks.beforeEach) await fn(context)
    await entry.fn(context)
  })
  for (const suite of chain.reverse()) for (const fn of suite.hooks.afterEach) await attempt(failures, () => fn(context))
  if (failures.length > 0) throw failures[0]
}

/** Runs a function until it settles, something that it started throws, or its time is over. */
function guarded(deadlineMs, context, fn) {
  return new Promise((resolve) => {
    const store = { ended: false, context }
    const end = (status, message) => {
      if (store.ended) return
      store.ended = true
      never(deadline)
      resolve({ status, message })
    }
    store.fail = (error) => end('failed', textOf(error))
    const deadline = later(() => end('hung', 'did not end in its time'), deadlineMs)
    running.run(store, async () => {
      try {
        await fn()
        await new Promise((resolve) => soon(resolve))
        end('passed')
      } catch (error) {
        end('failed', textOf(error))
      }
    })
  })
}

function textOf(error) {
  try {
    return String(error?.stack ?? error).slice(0, 1000)
  } catch {
    return 'an error that cannot be told'
  }
}
