#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import nodeModule from 'node:module'

/** Node 22.1 and later keep compiled code between runs. */
const { enableCompileCache } = nodeModule as { enableCompileCache?: () => unknown }

// Whatever reads the output may stop early: `countersign schemes | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const [first, ...rest] = process.argv.slice(2)
if (rest.length === 0 && (first === '--version' || first === '-V')) {
  // Nothing else is loaded for it: scripts ask for the version often.
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  process.stdout.write(`${manifest.version}\n`)
} else {
  enableCompileCache?.()
  const { runProgram } = await import('./program.js')
  process.exitCode = await runProgram(process.argv.slice(2), process)
}
