// Middlewares called without a server.
import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { median } from '../measure.js'

const application = createRequire(import.meta.url)('express5')()

/** A response that nobody writes to. */
export const RESPONSE = { once: () => undefined, on: () => undefined, off: () => undefined }

/** What an Express 5 application hands to its first middleware, with the fields of a plain object. */
export function expressLike(fields) {
  const request = new IncomingMessage(null)
  Object.assign(request, fields, { originalUrl: fields.url })
  return Object.setPrototypeOf(request, application.request)
}

/** A function that calls a middleware with new requests, which are made beforehand, and answers the nanoseconds of one call. */
export function batch(middleware, make, calls) {
  let passed = 0
  const next = () => {
    passed += 1
  }
  return () => {
    const requests = Array.from({ length: calls }, () => make())
    passed = 0
    const began = process.hrtime.bigint()
    for (const request of requests) middleware(request, RESPONSE, next)
    const took = Number(process.hrtime.bigint() - began) / calls
    if (passed !== calls) throw new Error('not let through')
    return took
  }
}

/** Medians of what functions measure of themselves, each in its turn; the first rounds warm up. */
export function timed(functions, rounds) {
  const figures = Object.fromEntries(Object.keys(functions).map((name) => [name, []]))
  for (let round = -5; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(functions)) {
      const figure = run()
      if (round >= 0) figures[name].push(figure)
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]))
}
