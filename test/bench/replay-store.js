// The replay store in memory at a million live claims, beside one node-cache key for each claim. A pause is that of the quietest
// process of five: what other programs take from the processor is no pause of the store.
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { memoryReplayStore } from '@countersign/core'
import { median } from './measure.js'

const TTL_SECONDS = 360
const CLAIMS_A_TURN = 20

export const title = 'memoryReplayStore'

/** Each store is measured in processes of its own: what the one leaves to the garbage collector is not the other's. */
export async function* run({ quick = false } = {}) {
  const claims = quick ? 100_000 : 1_000_000
  const rounds = quick ? 1 : 5
  const figures = { ours: [], rival: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const side of Object.keys(figures)) figures[side].push(await inChild(side, claims))
  }
  const rival = 'a node-cache key for each claim'
  const all = (side, name) => figures[side].map((one) => one[name])
  const of = (side, name) => (name.endsWith('Pause') ? Math.min(...all(side, name)) : median(all(side, name)))
  const row = (what, name, unit, reach, shown = (figure) => figure.toFixed(1)) => ({
    what: `${what}, ${claims} claims`,
    rival,
    figures: `${shown(of('ours', name))} / ${shown(of('rival', name))} ${unit}`,
    ratio: of('ours', name) / of('rival', name),
    reach,
  })
  yield row('longest turn of the event loop while they are made', 'fillPause', 'ms', '< 10 ms')
  yield row('longest turn while as many end and are made', 'rollPause', 'ms', '< 10 ms')
  yield row('the turn in which all of them end', 'dropPause', 'ms', '< 10 ms')
  yield row('memory of a claim', 'octets', 'octets', '', (figure) => figure.toFixed(0))
  yield row('claims made', 'perSecond', 'a second', '', (figure) => figure.toFixed(0))
}

async function inChild(side, claims) {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), side, String(claims)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the ${side} side ended with ${code}`)
  return JSON.parse(output)
}

const clock = { now: Date.parse('2026-03-01T00:00:00Z') }

const sides = {
  ours: (claims) => {
    const store = memoryReplayStore({ maxClaims: 2 * claims, now: () => clock.now })
    return { claim: (key) => store.claim(key, TTL_SECONDS) !== undefined, end: () => store.claim('last', 1) }
  },
  // What is written by hand: expiry by its sweep, which goes by Date.now.
  rival: (claims) => {
    const NodeCache = createRequire(import.meta.url)('node-cache')
    const realNow = Date.now
    Date.now = () => clock.now
    const cache = new NodeCache({ stdTTL: TTL_SECONDS, checkperiod: 0, useClones: false, maxKeys: 2 * claims })
    let turns = 0
    return {
      claim: (key) => {
        turns += 1
        if (turns % (claims / 2) === 0) cache._checkData(false)
        return !cache.has(`k:${key}`) && cache.set(`k:${key}`, 1)
      },
      end: () => {
        cache._checkData(false)
        Date.now = realNow
      },
    }
  },
}

let made = 0

/** Makes claims, some in each turn of the event loop; answers how long the longest turn took, garbage collection and all. */
async function makeClaims(store, count, stepMs) {
  const started = performance.now()
  let longest = 0
  let last = started
  for (let i = 1; i <= count; i += 1) {
    clock.now += stepMs
    made += 1
    if (!store.claim(hash('sha256', String(made), 'base64url'))) throw new Error('a claim was refused')
    if (i % CLAIMS_A_TURN !== 0) continue
    await new Promise((resolve) => setImmediate(resolve))
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  return { longest, seconds: (performance.now() - started) / 1000 }
}

function memory() {
  global.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function measure(side, claims) {
  const store = sides[side](claims)
  const before = memory()
  const fill = await makeClaims(store, claims, 0)
  const octets = (memory() - before) / claims
  clock.now += TTL_SECONDS * 1000
  const roll = await makeClaims(store, 2 * claims, (TTL_SECONDS * 1000) / claims)
  clock.now += 10 * TTL_SECONDS * 1000
  const started = performance.now()
  store.end()
  await new Promise((resolve) => setImmediate(resolve))
  const dropPause = performance.now() - started
  return { fillPause: fill.longest, rollPause: roll.longest, dropPause, octets, perSecond: (3 * claims) / (fill.seconds + roll.seconds) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [side, claims] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(await measure(side, Number(claims))))
}
