import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { sign, slack } from '@countersign/schemes'
import { startProcess } from './processes.js'

const WORKER = fileURLToPath(new URL('../e2e/fleet-worker.js', import.meta.url))
const SECRET = 'a secret of the fleet, 32 octets'

/** Starts one process of a fleet behind a Redis, as fleet-worker.js says; answers `{ port, stop(signal) }`. */
export async function fleetProcess(owner, kind, redisPort, options = {}) {
  const args = ['--expose-gc', WORKER, kind, String(redisPort), JSON.stringify(options)]
  const child = await startProcess(owner, { command: process.execPath, args, ready: { line: /^port \d+/m } })
  return { port: Number(/^port (\d+)/m.exec(child.output())[1]), pid: child.pid, stop: child.stop, output: child.output }
}

/** A signed request as it goes on the wire; two with the same body and time are the same. */
export function signedRequest(body, nowMs = Date.now()) {
  const octets = Buffer.from(body)
  const out = sign(slack, { method: 'POST', url: '/signed', headers: {}, body: octets }, { secret: SECRET, now: () => nowMs })
  const headers = Object.entries({ Host: 'fleet', ...out.headers, 'Content-Length': octets.length })
  return `POST /signed HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** A request with an API key as it goes on the wire. */
export function keyedRequest(key) {
  return `GET /keyed HTTP/1.1\r\nHost: fleet\r\nX-API-Key: ${key}\r\n\r\n`
}

/** A connection on which requests follow each other without waiting for the answers. */
export class Pipeline {
  #socket
  #rest = ''
  #waiting = []

  constructor(port) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    this.#socket.on('data', (text) => this.#read(text))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection was closed'))
    })
  }

  /** Sends requests; answers their statuses in order. */
  send(requests) {
    const statuses = requests.map(() => this.#answer())
    this.#socket.write(requests.join(''))
    return Promise.all(statuses).then((answers) => answers.map(({ status }) => status))
  }

  /** Sends a request; answers the body of its answer. */
  async text(request) {
    const answer = this.#answer()
    this.#socket.write(request)
    return (await answer).body
  }

  #answer() {
    if (this.#socket.closed) throw new Error('the connection was closed')
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async close() {
    if (this.#socket.closed) return
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  #read(text) {
    this.#rest += text
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = this.#rest.slice(0, end)
      const chunked = /^transfer-encoding: chunked/im.test(head)
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      const stop = chunked ? this.#rest.indexOf('0\r\n\r\n', end + 4) + 5 : end + 4 + length
      if (stop === 4 || this.#rest.length < stop) return
      const body = this.#rest.slice(end + 4, stop)
      this.#rest = this.#rest.slice(stop)
      this.#waiting.shift()?.resolve({ status: Number(head.slice(9, 12)), body })
    }
  }
}
