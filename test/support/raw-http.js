/** An HTTP/1.1 client on a bare socket: it can send odd octets, slow bodies and half requests, cut connections, and sees every octet. */
import net from 'node:net'
import tls from 'node:tls'

const DEADLINE_MS = 10_000

/** Rejects when an event does not come: a test waits for events, never for time. */
export function within(promise, what, ms = DEADLINE_MS) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Lets the event loop turn, without a clock. */
export async function turns(count) {
  for (let i = 0; i < count; i += 1) await new Promise(setImmediate)
}

/** The head of a request as text. Header values that are arrays become one line each. */
export function head({ method = 'GET', path = '/', headers = {}, version = '1.1' } = {}) {
  const lines = [`${method} ${path} HTTP/${version}`]
  const fields = { host: '127.0.0.1', ...headers }
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) lines.push(`${name}: ${one}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** One connection. `write` sends octets as they are, `response()` resolves with the next complete answer. */
export class Connection {
  constructor(port, { tls: secure } = {}) {
    this.socket = secure === undefined ? net.connect(port, '127.0.0.1') : tls.connect({ port, host: '127.0.0.1', ...secure })
    this.socket.setNoDelay(true)
    this.received = Buffer.alloc(0)
    this.waiting = []
    this.error = undefined
    this.ready = new Promise((resolve, reject) => {
      this.socket.once(secure === undefined ? 'connect' : 'secureConnect', resolve)
      this.socket.once('error', reject)
    })
    this.ready.catch(() => {})
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.isClosed = false
    this.isEnded = false
    this.socket.on('data', (octets) => {
      this.received = Buffer.concat([this.received, octets])
      this.#serve()
    })
    this.socket.on('end', () => {
      this.isEnded = true
      this.#serve()
    })
    this.socket.on('error', (error) => {
      this.error = error
    })
    this.socket.on('close', () => {
      this.isClosed = true
      this.#serve()
    })
  }

  /** Sends octets or text (latin1), and resolves when the kernel has them or the connection is gone. */
  async write(octets) {
    await this.ready
    return new Promise((resolve) => {
      if (this.socket.destroyed || this.socket.writableEnded) resolve()
      else this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets, () => resolve())
    })
  }

  /** Sends octets as chunks of Transfer-Encoding: chunked; `last` ends the body. */
  async chunk(octets, { last = false } = {}) {
    const body = Buffer.from(octets)
    const parts = body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]
    if (last) parts.push(Buffer.from('0\r\n\r\n'))
    await this.write(Buffer.concat(parts))
  }

  /** The next answer: `{ status, headers: [[name, value]...], get(name), all(name), body, interim }`; undefined when the connection closed without one. */
  response({ to = 'GET' } = {}) {
    const promise = new Promise((resolve) => {
      this.waiting.push({ to, resolve, interim: [] })
    })
    this.#serve()
    return within(promise, 'an answer')
  }

  cut() {
    this.socket.resetAndDestroy()
  }

  close() {
    this.socket.destroy()
  }

  #serve() {
    while (this.waiting.length > 0) {
      const [first] = this.waiting
      const parsed = parse(this.received, first.to, this.isEnded || this.isClosed)
      if (parsed === undefined) {
        if (!this.isClosed) return
        this.waiting.shift()
        first.resolve(undefined)
        continue
      }
      this.received = this.received.subarray(parsed.size)
      if (parsed.status < 200) {
        first.interim.push(parsed.status)
        continue
      }
      this.waiting.shift()
      first.resolve({ ...parsed, interim: first.interim })
    }
  }
}

/** One request over one connection: sends, awaits the answer, closes. */
export async function exchange(port, { body, tls: secure, ...request } = {}) {
  const connection = new Connection(port, { tls: secure })
  const octets = body === undefined ? undefined : Buffer.from(body)
  const isFramed = Object.keys(request.headers ?? {}).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name))
  const length = octets === undefined || isFramed ? {} : { 'content-length': octets.length }
  const answer = connection.response({ to: request.method })
  await connection.write(
    Buffer.concat([Buffer.from(head({ ...request, headers: { ...length, ...request.headers } }), 'latin1'), octets ?? Buffer.alloc(0)]),
  )
  try {
    return await answer
  } finally {
    connection.close()
  }
}

function parse(octets, method, isOver) {
  const end = octets.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [line, ...fields] = octets.toString('latin1', 0, end).split('\r\n')
  const status = Number(line.split(' ')[1])
  const headers = fields.map((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon), field.slice(colon + 1).trim()]
  })
  const all = (name) => headers.filter(([field]) => field.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  const get = (name) => all(name)[0]
  const start = end + 4
  const answer = (body, size) => ({ status, headers, all, get, body, text: body.toString(), json: () => JSON.parse(body.toString()), size })
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return answer(Buffer.alloc(0), start)
  if (get('transfer-encoding') === 'chunked') return chunked(octets, start, answer)
  const length = get('content-length')
  if (length === undefined) return isOver ? answer(octets.subarray(start), octets.length) : undefined
  const total = start + Number(length)
  return octets.length < total ? undefined : answer(octets.subarray(start, total), total)
}

function chunked(octets, start, answer) {
  const parts = []
  let at = start
  for (;;) {
    const eol = octets.indexOf('\r\n', at)
    if (eol === -1) return undefined
    const size = Number.parseInt(octets.toString('latin1', at, eol), 16)
    if (octets.length < eol + 2 + size + 2) return undefined
    if (size === 0) return answer(Buffer.concat(parts), eol + 4)
    parts.push(octets.subarray(eol + 2, eol + 2 + size))
    at = eol + 2 + size + 2
  }
}
