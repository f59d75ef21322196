import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const READY_MS = 10_000

/**
 * Starts HAProxy with haproxy.cfg beside this file.
 *
 * @param {{ folder: string, port: number, backend: number }} options
 */
export function startHaproxy({ folder, port, backend }) {
  const env = { ...process.env, PKI: folder, HAPROXY_PORT: String(port), EXPRESS_PORT: String(backend) }
  return startProxy('haproxy', ['-db', '-f', join(import.meta.dirname, 'haproxy.cfg')], port, env)
}

/**
 * Starts nginx with nginx.conf beside this file, with the ports put in.
 *
 * @param {{ folder: string, port: number, backend: number }} options
 */
export function startNginx({ folder, port, backend }) {
  const text = readFileSync(join(import.meta.dirname, 'nginx.conf'), 'utf8')
  writeFileSync(
    join(folder, 'nginx.conf'),
    text.replace('127.0.0.1:51224', `127.0.0.1:${port}`).replace('127.0.0.1:18081', `127.0.0.1:${backend}`),
  )
  return startProxy('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], port, process.env)
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {number} port
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<() => Promise<void>>} stops it
 */
async function startProxy(name, args, port, env) {
  if (await isOpen(port)) throw new Error(`127.0.0.1:${port} is taken; set HAPROXY_PORT and NGINX_PORT to others`)
  const child = spawn(commandOf(name), args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const failed = new Promise((_resolve, reject) => {
    child.once('error', () => reject(new Error(`${name} is not installed`)))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}:\n${output}`)))
  })
  failed.catch(() => {})
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  }
  try {
    await Promise.race([accepts(port), failed])
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

/** Daemons are often outside of the PATH of a user. @param {string} name */
function commandOf(name) {
  return ['/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name
}

/** @param {number} port */
async function accepts(port) {
  const end = performance.now() + READY_MS
  while (!(await isOpen(port))) {
    if (performance.now() > end) throw new Error(`nobody listens on 127.0.0.1:${port}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} whether somebody listens
 */
async function isOpen(port) {
  const socket = connect(port, '127.0.0.1')
  const answer = await new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return answer
}
