// What a registry of many clients takes: octets beside its records, and time to load beside JSON.parse of the same file.
import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fileClients, memoryClients } from '@countersign/core'
import { median } from './measure.js'

const CLIENTS = 100_000

export const title = 'clients: a registry of 100,000 with one API key each'

export async function* run({ quick = false } = {}) {
  yield memory()
  yield* await loading(quick ? 3 : 9)
}

function records() {
  return Array.from({ length: CLIENTS }, (_, i) => ({
    id: `client-${i}`,
    groups: [`group-${i % 10}`],
    credentials: [{ kind: 'api-key', id: 'k1', sha256: hash('sha256', `key of client ${i}`, 'hex') }],
  }))
}

function memory() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const used = () => {
    for (let i = 0; i < 4; i += 1) collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const text = JSON.stringify(records())
  const held = []
  const taken = (make) => {
    const before = used()
    held.push(make())
    const octets = (used() - before) / CLIENTS
    held.pop()
    return octets
  }
  const plain = taken(() => JSON.parse(text))
  const registry = taken(() => memoryClients({ clients: JSON.parse(text) }))
  const beyond = registry - plain
  return {
    what: 'octets for each client beyond its record',
    rival: 'the records as JSON.parse makes them',
    figures: `${registry.toFixed(0)} : ${plain.toFixed(0)} octets`,
    ratio: `${beyond.toFixed(0)} octets`,
    reach: '<= 250 octets',
  }
}

async function loading(rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const path = join(folder, 'clients.json')
  writeFileSync(path, JSON.stringify({ revision: 1, clients: records() }))
  const figures = { parse: [], load: [], block: [] }
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const text = readFileSync(path, 'utf8')
      const began = performance.now()
      JSON.parse(text)
      const parse = performance.now() - began
      const { load, block } = await loaded(path)
      // The first round warms up.
      if (round === 0) continue
      figures.parse.push(parse)
      figures.load.push(load)
      figures.block.push(block)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  const parse = median(figures.parse)
  const rival = `JSON.parse of its text`
  const row = (what, ms, reach) => ({ what, rival, figures: `${ms.toFixed(0)} ms : ${parse.toFixed(0)} ms`, ratio: ms / parse, reach })
  return [
    row('fileClients: reading, judging and indexing the file', median(figures.load), '<= 4'),
    row('fileClients: the longest time that nothing else ran', median(figures.block), '<= 1'),
  ]
}

async function loaded(path) {
  let block = 0
  let isOver = false
  let last = performance.now()
  const turn = () => {
    const now = performance.now()
    block = Math.max(block, now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const began = performance.now()
  await fileClients(path)
  const load = performance.now() - began
  isOver = true
  return { load, block }
}
