import assert from 'node:assert/strict'

/** A promise, and what settles it. */
export function deferred() {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** What waits at it goes on when somebody opens it. */
export function gate() {
  const { promise, resolve } = deferred()
  return { opened: promise, open: resolve }
}

/** What a call of axios is rejected with. */
export async function failure(promise) {
  return promise.then(
    ({ status }) => assert.fail(`it was answered with ${status}`),
    (error) => error,
  )
}

/** Keeps the process while tests wait for a deadline, whose timer alone does not. @param owner - has `after(fn)`: a test's context, or node:test */
export function keepAlive(owner) {
  const timer = setInterval(() => {}, 1000)
  owner.after(() => clearInterval(timer))
}

/** The rejections that nobody handles, from now on until the test has ended. */
export function unhandledRejections(t) {
  const seen = []
  const note = (reason) => seen.push(reason)
  process.on('unhandledRejection', note)
  t.after(() => process.off('unhandledRejection', note))
  return seen
}
