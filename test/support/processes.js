import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const POLL_MS = 20
const STOP_MS = 3_000
/** How long the last output of an ended process is waited for. */
const DRAIN_MS = 500
/** As much of a process's output as an error message can use. */
const OUTPUT_OCTETS = 256 * 1024

const running = new Set()
const handedOut = new Set()

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL')
})

/**
 * Starts a program in a process group of its own, and waits until it is ready.
 *
 * @param owner - whatever has `after(fn)`, such as a test's context: the program is stopped when the test has ended. Without one call `stop()`; at
 * the end of this process the program is killed in any case.
 * @param options.command - path of the program; `options.args`, `options.cwd`, `options.env` (added to this process's own)
 * @param options.ready - `{ port }` accepts a connection on 127.0.0.1, `{ path }` does on a unix socket, `{ line: RegExp }` was printed
 * (stdout and stderr together); none: as soon as it runs
 * @param options.deadlineMs - default 10000
 * @returns `{ pid, output(), stop(signal?), exited, waitForLine(RegExp, deadlineMs?) }`: `exited` is a promise of `{ code, signal }`
 * @throws Error with the program's output where it ended, or was not ready, before the deadline
 */
export async function startProcess(owner, { command, args = [], cwd, env, ready = {}, deadlineMs = 10_000 }) {
  installSignalHandlers()
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const handle = track(child, command)
  owner?.after?.(() => handle.stop())
  try {
    await Promise.race([once(child, 'spawn'), handle.failed])
    await Promise.race([waitUntilReady(handle, ready, deadlineMs), handle.failed])
  } catch (error) {
    await handle.stop('SIGKILL')
    throw error
  }
  return handle
}

/**
 * A port of 127.0.0.1 that was free a moment ago, for programs that cannot be told to choose one (servers of our own listen on port 0).
 * It is not handed out twice by this process.
 */
export async function freePort() {
  for (;;) {
    const port = LOWEST_PORT + (nextPort % PORTS)
    nextPort += 1
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
}

async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}

/** Below those that the system gives to connections, any of which could be taken before the program is up. */
const LOWEST_PORT = 10_000
const PORTS = 22_000
/** Processes that run side by side begin at different places. */
let nextPort = process.pid * 101

/**
 * Calls `probe` until it answers something that is neither undefined nor false, and returns that.
 *
 * @throws Error that names `what` when the deadline has passed
 */
export async function waitFor(what, probe, deadlineMs = 10_000) {
  const end = performance.now() + deadlineMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Whether something accepts connections there: `{ port, host? }` or `{ path }` of a unix socket. */
export function accepts(address) {
  return new Promise((resolve) => {
    const socket = connect(address.path === undefined ? { host: '127.0.0.1', ...address } : address)
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => resolve(false))
    socket.once('close', (hadError) => resolve(!hadError))
  })
}

function track(child, command) {
  let output = ''
  const watchers = new Set()
  running.add(child)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-OUTPUT_OCTETS)
      for (const watcher of watchers) watcher()
    })
  }
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL')
      const drained = setTimeout(resolve, DRAIN_MS, { code, signal })
      child.once('close', () => {
        clearTimeout(drained)
        resolve({ code, signal })
      })
    })
  }).finally(() => running.delete(child))
  const failed = Promise.race([
    once(child, 'error').then(([error]) => Promise.reject(error)),
    exited.then(({ code, signal }) => Promise.reject(new Error(`${command} ended (${signal ?? code}) before it was ready:\n${output}`))),
  ])
  failed.catch(() => {})
  const handle = { pid: child.pid, exited, failed, output: () => output }
  handle.waitForLine = (pattern, deadlineMs = 10_000) => waitForLine(handle, watchers, pattern, deadlineMs)
  handle.stop = (signal = 'SIGTERM') => stop(child, exited, signal)
  return handle
}

function waitForLine(handle, watchers, pattern, deadlineMs) {
  return new Promise((resolve, reject) => {
    const check = () => {
      const match = pattern.exec(handle.output())
      if (match === null) return
      settle()
      resolve(match)
    }
    const late = setTimeout(() => {
      settle()
      reject(new Error(`${pattern} was not printed within ${deadlineMs} ms:\n${handle.output()}`))
    }, deadlineMs)
    const settle = () => {
      clearTimeout(late)
      watchers.delete(check)
    }
    const ended = ({ code, signal }) => {
      settle()
      reject(new Error(`the program ended (${signal ?? code}) before it printed ${pattern}:\n${handle.output()}`))
    }
    watchers.add(check)
    check()
    handle.exited.then(ended)
  })
}

async function waitUntilReady(handle, ready, deadlineMs) {
  if (ready.line !== undefined) await handle.waitForLine(ready.line, deadlineMs)
  if (ready.port === undefined && ready.path === undefined) return
  const address = ready.path === undefined ? { port: ready.port } : { path: ready.path }
  let ended = false
  const note = () => {
    ended = true
  }
  handle.exited.then(note, note)
  try {
    await waitFor(`a connection to ${ready.path ?? ready.port}`, () => ended || accepts(address), deadlineMs)
  } catch (error) {
    throw new Error(`${error.message}:\n${handle.output()}`)
  }
}

async function stop(child, exited, signal) {
  if (child.pid === undefined || !running.has(child)) return exited
  signalGroup(child, signal)
  const late = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_MS)
  try {
    return await exited
  } finally {
    clearTimeout(late)
  }
}

function signalGroup(child, signal) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has gone already.
  }
}

let installed = false

function installSignalHandlers() {
  if (installed) return
  installed = true
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      for (const child of running) signalGroup(child, 'SIGKILL')
      process.kill(process.pid, signal)
    })
  }
}
