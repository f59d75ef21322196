// How long the command takes to start, beside node that does nothing, in turn within each round.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './measure.js'

const MAIN = fileURLToPath(new URL('../../packages/cli/bundle/main.js', import.meta.url))

export const title = 'cli: a run of the command, from its start to its end'

export async function* run({ quick = false } = {}) {
  const env = { ...process.env, S: 'a secret of at least 16 octets' }
  const sides = {
    node: ['-e', '0'],
    version: [MAIN, '--version'],
    help: [MAIN, '--help'],
    sign: [MAIN, 'sign', 'github', '/x', '--body', 'a', '--secret-env', 'S'],
  }
  const figures = Object.fromEntries(Object.keys(sides).map((name) => [name, []]))
  const rounds = quick ? 5 : 21
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, args] of Object.entries(sides)) {
      const began = performance.now()
      const { status } = spawnSync(process.execPath, args, { env })
      if (status !== 0) throw new Error(`${name} ended with ${status}`)
      // The first round warms up.
      if (round > 0) figures[name].push(performance.now() - began)
    }
  }
  const node = median(figures.node)
  const row = (what, name, reach) => {
    const ms = median(figures[name])
    return { what, rival: 'node -e 0', figures: `${ms.toFixed(0)} ms : ${node.toFixed(0)} ms`, ratio: ms / node, reach }
  }
  yield row('countersign --version', 'version', '<= 2')
  yield row('countersign --help', 'help', '')
  yield row('countersign sign github', 'sign', '')
}
