import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'

const TIMEOUT_MS = 120_000

/**
 * Judges a sample again as anyone would, without the runner: `node --test` on whole files, in a new process each, with the mutant on from the start.
 *
 * @param options.results - Stryker's
 * @param options.sandbox - where the instrumented files are kept beside the restored ones
 * @param options.size - how many of the killed mutants, and of the survivors, are taken, evenly over the list
 * @returns `{ kills, killsConfirmed, survivors, survivorsConfirmed, differing }`; a kill is confirmed where the file of the test that killed it fails with
 *   the mutant and passes without, a survivor where each file with a test that reaches it passes
 */
export function confirm({ results, sandbox, size }) {
  cpSync(join(sandbox, 'instrumented'), sandbox, { recursive: true })
  const passes = remembered((file) => run(sandbox, [file]))
  const killed = sample(
    results.filter(({ status, killedBy }) => status === 'Killed' && killedBy?.length > 0),
    size,
  )
  const survived = sample(
    results.filter(({ status, coveredBy }) => status === 'Survived' && coveredBy?.length > 0),
    size,
  )
  const wrongKills = killed.filter((mutant) => {
    const file = fileOf(mutant.killedBy[0])
    return !passes(file) || run(sandbox, [file], mutant.id)
  })
  const wrongSurvivors = survived.filter((mutant) => {
    const files = [...new Set(mutant.coveredBy.map(fileOf))].filter(passes)
    return !run(sandbox, files, mutant.id)
  })
  return {
    kills: killed.length,
    killsConfirmed: killed.length - wrongKills.length,
    survivors: survived.length,
    survivorsConfirmed: survived.length - wrongSurvivors.length,
    differing: [...wrongKills, ...wrongSurvivors].map(({ fileName, location, replacement, status, killedBy }) => ({
      fileName,
      location,
      replacement,
      status,
      killedBy,
    })),
  }
}

function fileOf(id) {
  return id.split(' > ')[0]
}

function sample(list, size) {
  const step = Math.max(1, list.length / size)
  return Array.from({ length: Math.min(size, list.length) }, (_, index) => list[Math.floor(index * step)])
}

function remembered(fn) {
  const known = new Map()
  return (key) => {
    if (!known.has(key)) known.set(key, fn(key))
    return known.get(key)
  }
}

function run(sandbox, files, mutant) {
  const env = { ...process.env, NODE_ENV: undefined, ...(mutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant }) }
  return spawnSync(process.execPath, ['--test', ...files], { cwd: sandbox, env, timeout: TIMEOUT_MS, stdio: 'ignore' }).status === 0
}
