// How the benches measure: several rounds, both sides in turn within each round, medians. Nothing here asserts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { component } from '../support/components.js'

/** The middle one of an odd number of figures, or the mean of the two in the middle. */
export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * The cost of functions beside each other: nanoseconds a call, medians over rounds in which each has its turn.
 *
 * @param {Record<string, () => unknown>} functions
 * @returns {Record<string, number>}
 */
export function costs(functions, { rounds = 15, calls = 10_000 } = {}) {
  const figures = Object.fromEntries(Object.keys(functions).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(functions)) {
      const start = process.hrtime.bigint()
      for (let i = 0; i < calls; i += 1) run()
      // The first round warms up.
      if (round > 0) figures[name].push(Number(process.hrtime.bigint() - start) / calls)
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]))
}

/** Starts a bench server in a process of its own; it prints its port. */
export async function startServer(file, args) {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const [line] = await once(child.stdout, 'data')
  return {
    port: Number(String(line).trim()),
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/**
 * Requests per second that a server answers with 2xx, under 32 connections. Uses wrk, and autocannon where wrk is not installed.
 *
 * @param {{ port: number, path: string, method: string, headers: Record<string, string>, body?: string, seconds: number }} load
 */
export async function requestsPerSecond(load) {
  const wrk = component('wrk')
  return wrk === undefined ? withAutocannon(load) : withWrk(wrk, load)
}

async function withAutocannon({ port, path, method, headers, body, seconds }) {
  const result = await autocannon({ url: `http://127.0.0.1:${port}${path}`, method, headers, body, connections: 32, duration: seconds })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`the load was not answered: ${result.non2xx} non-2xx, ${result.errors} errors`)
  return result.requests.average
}

async function withWrk(wrk, { port, path, method, headers, body, seconds }) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'))
  try {
    const lines = [
      `wrk.method = ${lua(method)}`,
      ...Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`),
    ]
    if (body !== undefined) lines.push(`wrk.body = ${lua(body)}`)
    const script = join(folder, 'load.lua')
    await writeFile(script, lines.join('\n'))
    const args = ['-t1', '-c32', `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}${path}`]
    const child = spawn(wrk, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk
    if (/Non-2xx|Socket errors/.test(output)) throw new Error(`the load was not answered:\n${output}`)
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
  } finally {
    await rm(folder, { recursive: true })
  }
}

function lua(text) {
  return JSON.stringify(text)
}
