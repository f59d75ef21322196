// Whether a time tells what is compared, in the manner of dudect (Reparaz, Balasch, Verbauwhede: "dude, is my code constant time?",
// DATE 2017): samples of a fixed and of a random class in random turns, cropped, and Welch's t-test between the two.
import { randomBytes } from 'node:crypto'

/** Above this the two classes differ: the threshold of the paper. */
export const LEAKS = 4.5
const BATCH = 10_000
/** Slower samples are those into which the machine put something of its own. */
const KEPT = 0.9

/**
 * Welch's t between the times of two classes of inputs.
 *
 * @param {() => unknown} fixed - makes an input of the fixed class; each time a new value, so that no cache knows it
 * @param {() => unknown} random - makes an input of the random class
 * @param {(input: unknown) => unknown} run - what is timed; awaited when it answers a promise
 * @param {{ samples: number }} options
 * @returns {Promise<{ t: number, samples: number, kept: number, means: [number, number] }>} means in nanoseconds
 */
export async function welchT(fixed, random, run, { samples }) {
  const made = [fixed, random]
  const classes = [new Moments(), new Moments()]
  let limit
  let taken = 0
  for (let done = -BATCH; done < samples; done += BATCH) {
    const turns = randomBytes(BATCH)
    const inputs = Array.from(turns, (turn) => made[turn & 1]())
    const times = await timed(inputs, run)
    // The first batch warms up and says what is usual.
    if (limit === undefined) limit = [...times].sort((a, b) => a - b)[Math.floor(BATCH * KEPT)]
    else {
      for (let i = 0; i < BATCH; i += 1) if (times[i] < limit) classes[turns[i] & 1].add(times[i])
      taken += BATCH
    }
  }
  const [a, b] = classes
  const t = (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count)
  return { t, samples: taken, kept: a.count + b.count, means: [a.mean, b.mean] }
}

async function timed(inputs, run) {
  const times = new Float64Array(inputs.length)
  for (let i = 0; i < inputs.length; i += 1) {
    const start = process.hrtime.bigint()
    const result = run(inputs[i])
    if (result instanceof Promise) await result
    times[i] = Number(process.hrtime.bigint() - start)
  }
  return times
}

/** Mean and variance as they come (Welford). */
class Moments {
  count = 0
  mean = 0
  #squares = 0

  add(value) {
    this.count += 1
    const before = value - this.mean
    this.mean += before / this.count
    this.#squares += before * (value - this.mean)
  }

  get variance() {
    return this.#squares / (this.count - 1)
  }
}
