#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import nodeModule from 'node:module'

/** Node 22.1 and later keep compiled code between runs. */
const { enableCompileCache } = nodeModule as { enableCompileCache?: () => unknown }

/** Of `exitCodes`; nothing is loaded for it. */
const OUT_OF_REACH = 3
/** How long a command may go on of which nobody reads the output, ms: one that only ends when it is told to, such as listen, ends then. */
const UNREAD_MS = 1000

let isLost = false

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    setTimeout(() => process.exit(process.exitCode ?? OUT_OF_REACH), UNREAD_MS).unref()
    // Whatever reads the output may stop early: `countersign schemes | head -1`.
    if (code === 'EPIPE' || isLost) return
    isLost = true
    process.exitCode = OUT_OF_REACH
    if (stream === process.stdout) process.stderr.write(`countersign: the output cannot be written: ${code}\n`)
  })
}

const [first, ...rest] = process.argv.slice(2)
if (rest.length === 0 && (first === '--version' || first === '-V')) {
  // Nothing else is loaded for it: scripts ask for the version often.
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  process.stdout.write(`${manifest.version}\n`)
} else {
  enableCompileCache?.()
  const { runProgram } = await import('./program.js')
  const exitCode = await runProgram(process.argv.slice(2), process)
  process.exitCode = isLost ? OUT_OF_REACH : exitCode
}
