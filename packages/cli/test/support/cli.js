import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runProgram } from '@countersign/cli'
import { component } from '../../../../test/support/components.js'
import { within } from '../../../../test/support/raw-http.js'

/** The command as it is installed. */
export const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url))
const DEADLINE_MS = 30_000

/** The environment of this process without what would change output, and with `env`. */
function environment(env) {
  const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_TEST_CONTEXT: _context, CI: _ci, ...rest } = process.env
  return { ...rest, ...env }
}

/**
 * Runs the command as a process, with no terminal anywhere.
 *
 * @returns `{ code, stdout, stderr }`
 */
export async function cli(args, { env, input = '', cwd, node = [] } = {}) {
  const child = spawn(process.execPath, [...node, MAIN, ...args], { cwd, env: environment(env), timeout: DEADLINE_MS })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code, signal] = await once(child, 'close')
  if (signal !== null) throw new Error(`countersign ${args.join(' ')} was ended by ${signal}:\n${output.stdout}${output.stderr}`)
  return { code, ...output }
}

/** The same in this process, for what reads no stdin: many times faster. */
export async function inProcess(args, { env } = {}) {
  const output = { stdout: '', stderr: '' }
  const stream = (name) => ({
    isTTY: false,
    write: (text) => {
      output[name] += text
    },
  })
  const streams = { stdin: { isTTY: false }, stdout: stream('stdout'), stderr: stream('stderr'), env: environment(env) }
  const code = await within(runProgram(args, streams), `the end of countersign ${args.join(' ')}`, DEADLINE_MS)
  return { code, ...output }
}

/** Runs it with --json, as a process where it gets input, and answers the exit code and what stdout holds. */
export async function cliJson(args, options) {
  const { code, stdout, stderr } = await (options?.input === undefined ? inProcess : cli)([...args, '--json'], options)
  return { code, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) }
}

/** Runs a script of bash, and answers what it printed. */
export async function bash(script, env, cwd) {
  const child = spawn(component('bash') ?? 'bash', ['-c', script], { cwd, env: environment(env), timeout: DEADLINE_MS })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`bash ended with ${code}:\n${script}\n${said}`)
  return output
}

/**
 * Runs the command in a pseudo-terminal (script of util-linux).
 *
 * @returns `{ waitFor(RegExp), type(text), ended, output() }`; `ended` resolves with the exit code
 */
export function inTerminal(t, args, env) {
  const quoted = [process.execPath, MAIN, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  // Without exec a shell that stays beside the command takes Ctrl-C as well, and its exit code is what is seen.
  const child = spawn(component('script'), ['-qefc', `exec ${quoted}`, '/dev/null'], {
    env: environment({ TERM: 'xterm', ...env }),
    timeout: DEADLINE_MS,
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  const waiting = new Set()
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    for (const look of waiting) look()
  })
  const ended = once(child, 'close').then(([code]) => code)
  const waitFor = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output)
        if (match === null) return
        waiting.delete(look)
        clearTimeout(late)
        resolve(match)
      }
      const late = setTimeout(() => reject(new Error(`${pattern} was not shown:\n${output}`)), DEADLINE_MS)
      ended.then(() => {
        clearTimeout(late)
        if (waiting.has(look)) reject(new Error(`the command ended before it showed ${pattern}:\n${output}`))
      })
      waiting.add(look)
      look()
    })
  return { waitFor, ended, output: () => output, type: (text) => child.stdin.write(text), kill: (signal) => child.kill(signal) }
}
