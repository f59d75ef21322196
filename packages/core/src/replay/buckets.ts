import { type BinaryToTextEncoding, hash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type NodeCache from 'node-cache'
import { ReplayTable } from './table.js'

// Made at the start: later, what somebody put on Object.prototype could make it fail.
const require = createRequire(import.meta.url)

/** All claims that end within one span of time, spread over small tables by their key. */
interface Bucket {
  readonly tables: (ReplayTable | undefined)[]
  claims: number
  lastEnd: number
  /** Which table is swept next. */
  swept: number
}

interface Slot {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A claim as found: good until the next change. */
export interface FoundClaim {
  readonly bucket: Bucket
  readonly table: ReplayTable
  readonly place: number
}

const CLAIMS_PER_TABLE = 8192
const MOST_TABLES = 1024
const SPANS_PER_TTL = 2
const SHORTEST_SPAN_MS = 250
const SWEPT_AT_ONCE = 16_384

/**
 * Claims in buckets by the time that they end, the buckets held by a node-cache. A bucket goes as a whole when its span is over, so
 * nothing is swept while there is room. Its claims are spread over small tables, since a large one would stop the process while it
 * grows.
 *
 * The span of a bucket is a quarter to a half of the TTL of its claims, so that few are alive at once, whatever the TTLs are.
 */
export class ReplayBuckets {
  readonly #cache: NodeCache
  readonly #tableCount: number
  /** Keeps callers from choosing keys that crowd in one place of a table. */
  readonly #salt = randomBytes(16).toString('base64')
  readonly #digest = new Int32Array(4)
  #digested = ''
  /** The buckets' names and spans, by their end. */
  readonly #slots: Slot[] = []
  #size = 0
  #claimed = 0
  #forgotten = Number.NEGATIVE_INFINITY

  constructor(mostClaims: number) {
    this.#cache = emptyCache()
    this.#tableCount = 2 ** Math.ceil(Math.log2(Math.min(MOST_TABLES, Math.max(1, mostClaims / CLAIMS_PER_TABLE))))
  }

  /** How many claims are held, ended ones too. */
  get size(): number {
    return this.#size
  }

  /** The latest end of all claims that were dropped, milliseconds. */
  get forgottenUntil(): number {
    return this.#forgotten
  }

  /** The claim of a key, ended or not. */
  find(key: string): FoundClaim | undefined {
    const digest = this.#digestOf(key)
    const table = this.#tableOf(digest)
    for (const slot of this.#slots) {
      const bucket = this.#bucket(slot)
      const place = bucket.tables[table]?.find(digest) ?? -1
      if (place !== -1) return { bucket, table: bucket.tables[table] as ReplayTable, place }
    }
    return undefined
  }

  /** Holds a claim under a key that has none, and returns its token, which no other claim of these buckets has ever had. */
  add(key: string, end: number, ttlMs: number): string {
    const digest = this.#digestOf(key)
    const bucket = this.#bucket(this.#slotOf(end, ttlMs))
    const at = this.#tableOf(digest)
    const table = bucket.tables[at] ?? new ReplayTable()
    bucket.tables[at] = table
    this.#claimed += 1
    table.add(digest, end, this.#claimed)
    bucket.claims += 1
    bucket.lastEnd = Math.max(bucket.lastEnd, end)
    this.#size += 1
    return String(this.#claimed)
  }

  /** Takes away a claim that has ended. */
  drop(found: FoundClaim): void {
    this.#forgotten = Math.max(this.#forgotten, found.table.end(found.place))
    this.remove(found)
  }

  remove({ bucket, table, place }: FoundClaim): void {
    table.remove(place)
    bucket.claims -= 1
    this.#size -= 1
  }

  /** Drops the buckets whose span is over. */
  dropPassed(now: number): void {
    for (let slot = this.#slots[0]; slot !== undefined && slot.end <= now; slot = this.#slots[0]) {
      const bucket = this.#bucket(slot)
      this.#slots.shift()
      this.#size -= bucket.claims
      this.#forgotten = Math.max(this.#forgotten, bucket.lastEnd)
      this.#cache.del(slot.name)
    }
  }

  /** Drops ended claims of the buckets whose span has begun: some tables at once, the next ones the next time. */
  sweepBegun(now: number): void {
    let places = SWEPT_AT_ONCE
    for (const slot of this.#slots) {
      if (slot.start > now) continue
      const bucket = this.#bucket(slot)
      for (let visits = 0; visits < this.#tableCount && places > 0; visits += 1) places -= this.#sweepTable(bucket, now)
    }
  }

  #sweepTable(bucket: Bucket, now: number): number {
    const table = bucket.tables[bucket.swept]
    bucket.swept = (bucket.swept + 1) % this.#tableCount
    if (table === undefined) return 0
    const before = table.live
    this.#forgotten = Math.max(this.#forgotten, table.sweep(now))
    bucket.claims -= before - table.live
    this.#size -= before - table.live
    return table.capacity
  }

  #bucket(slot: Slot): Bucket {
    return this.#cache.get<Bucket>(slot.name) as Bucket
  }

  #slotOf(end: number, ttlMs: number): Slot {
    const span = Math.max(SHORTEST_SPAN_MS, (2 ** Math.floor(Math.log2(ttlMs / 1000)) * 1000) / SPANS_PER_TTL)
    const start = Math.floor(end / span) * span
    const name = `${start}+${span}`
    const found = this.#slots.find((slot) => slot.name === name)
    if (found !== undefined) return found
    const slot = { name, start, end: start + span }
    const later = this.#slots.findIndex((other) => other.end > slot.end)
    this.#slots.splice(later === -1 ? this.#slots.length : later, 0, slot)
    const tables = new Array<ReplayTable | undefined>(this.#tableCount).fill(undefined)
    this.#cache.set<Bucket>(name, { tables, claims: 0, lastEnd: Number.NEGATIVE_INFINITY, swept: 0 }, 0)
    return slot
  }

  /** Four words of a digest of the key; good until the next call. 128 bits: what a collision would cost is a refusal, never a replay. */
  #digestOf(key: string): Int32Array {
    // What is looked for is added next, as a rule.
    if (key === this.#digested) return this.#digest
    // As text: a Buffer for each claim costs as much again, and pauses of garbage collection.
    const digest = hash('sha256', this.#salt + key, 'latin1' as BinaryToTextEncoding)
    for (let word = 0; word < 4; word += 1) this.#digest[word] = wordAt(digest, word * 4)
    this.#digested = key
    return this.#digest
  }

  // Not the word that a table goes by.
  #tableOf(digest: Int32Array): number {
    return (digest[3] as number) & (this.#tableCount - 1)
  }
}

function wordAt(digest: string, at: number): number {
  return digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8) | (digest.charCodeAt(at + 2) << 16) | (digest.charCodeAt(at + 3) << 24)
}

function emptyCache(): NodeCache {
  // Loaded here, so that whoever has another store never loads it. It may neither expire nor sweep nor clone by itself: it goes by
  // Date.now, and one sweep of a million keys takes 600 ms.
  const Cache = require('node-cache') as typeof NodeCache
  return new Cache({ stdTTL: 0, checkperiod: 0, useClones: false })
}
