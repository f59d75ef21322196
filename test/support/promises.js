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
