/**
 * The process in which test files run again and again, each time with another mutant switched on. Speaks with worker-process.js over IPC.
 *
 * A test file is imported anew for each run (`?run=N`), so that what it keeps at module level is of this run alone; what is imported by it,
 * the packages and the support files, is loaded once.
 */
import { register } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { configureGlobal } from 'fast-check'

const harnessUrl = new URL('./harness.js', import.meta.url).href
const fewExamplesUrl = new URL('./few-examples.js', import.meta.url).href
register('./hooks.js', import.meta.url, { data: { 'node:test': harnessUrl, 'fast-check': fewExamplesUrl } })
const { collect, runTests, strays } = await import(harnessUrl)

// The same examples in each run: whether a mutant is killed is no matter of luck. To shrink a counterexample is of no use here.
configureGlobal({ seed: 20_261_122, endOnFailure: true })

const coverage = { static: {}, perTest: {} }
const stryker = { mutantCoverage: coverage }
globalThis.__stryker__ = stryker

const { root, preload } = JSON.parse(process.env.MUTATION_WORKER)
let loaded = false
let runs = 0

process.on('disconnect', () => process.exit())
process.on('message', async (message) => {
  const reply = message.kind === 'dry' ? await dry(message) : await run(message)
  process.send({ kind: 'result', ...reply, strays: strays.length, rss: process.memoryUsage.rss() })
})
process.send({ kind: 'ready' })

/** Code that runs when a package is loaded is told apart from code that a test runs. */
async function load() {
  if (loaded) return
  loaded = true
  stryker.currentTestId = undefined
  for (const file of preload) await import(pathToFileURL(join(root, file)).href)
}

function fileRoot(file) {
  runs += 1
  tell('file', file)
  return collect(file, () => import(`${pathToFileURL(join(root, file)).href}?run=${runs}`))
}

function tell(what, id, deadlineMs = 20_000) {
  stryker.currentTestId = what === 'start' ? id : `${what}:${id}`
  process.send({ kind: 'at', what, id, deadlineMs })
}

/** Both passes over all tests: what each covers, how long it takes, and whether it passes a second time. */
async function dry({ files, deadlineMs, without }) {
  await load()
  coverage.perTest = {}
  const passes = []
  for (let pass = 0; pass < 2; pass += 1) {
    coverage.perTest = {}
    const tests = []
    for (const file of files) tests.push(...(await dryFile(file, deadlineMs, without)))
    passes.push({ tests, perTest: coverage.perTest })
  }
  return { passes, static: coverage.static }
}

async function dryFile(file, deadlineMs, without) {
  const fileTests = await fileRoot(file)
  const selected = new Set([...fileTests.tests.keys()].filter((id) => !without.some((pattern) => new RegExp(pattern).test(id))))
  const results = await runTests(fileTests, {
    selected,
    deadlineOf: () => deadlineMs,
    on: (what, id) => tell(what, id, deadlineMs),
    bail: false,
  })
  return results.map((result) => ({ ...result, file }))
}

/** Groups of tests, with a mutant or, where `mutant` is undefined, without; ends at the first failure. */
async function run({ mutant, fromStart, hitLimit, groups }) {
  stryker.activeMutant = fromStart ? mutant : undefined
  await load()
  Object.assign(stryker, { activeMutant: mutant, hitCount: hitLimit === undefined ? undefined : 0, hitLimit })
  let failure
  for (const [index, group] of groups.entries()) {
    failure = await runGroup(group)
    if (failure !== undefined) {
      failure.group = index
      break
    }
  }
  const hits = stryker.hitCount
  Object.assign(stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
  coverage.perTest = {}
  return { failure, hits }
}

async function runGroup({ file, ids, deadlines }) {
  let fileTests
  try {
    fileTests = await fileRoot(file)
  } catch (error) {
    return { id: ids[0], status: 'failed', message: `${file} does not load: ${error?.stack ?? error}` }
  }
  const deadlineOf = (id) => deadlines[id] ?? Math.max(...Object.values(deadlines))
  const results = await runTests(fileTests, {
    selected: new Set(ids),
    deadlineOf,
    on: (what, id) => tell(what, id, deadlineOf(id) + 3000),
    bail: true,
  })
  return results.find(({ status }) => status === 'failed' || status === 'hung')
}
