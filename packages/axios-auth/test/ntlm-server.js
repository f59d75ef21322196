/**
 * A server that signs in connections with NTLMv2, written from [MS-NLMP] for the tests: it shares no line with the client, and knows
 * passwords by their hashes alone.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'

/** MD4 of the passwords as they are printed in [MS-NLMP] section 4.2.2.1.2 and in the blog that ntlm-vectors.js names. */
export const USERS = new Map([
  ['EXAMPLE\\ALICE', { password: 'Password', hash: Buffer.from('a4f49c406510bdcab6824ee7c30fd852', 'hex') }],
  ['EXAMPLE\\BOB', { password: 'P@ssw0rd', hash: Buffer.from('e19ccf75ee54e06b06a5907af13cef42', 'hex') }],
  ['\\CAROL@EXAMPLE.COM', { password: 'Password', hash: Buffer.from('a4f49c406510bdcab6824ee7c30fd852', 'hex') }],
])

const FLAGS = 0xa2898205

const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('md5', key)).digest()
const utf16 = (text) => Buffer.from(text, 'utf16le')

function avPair(id, value) {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, value])
}

/** A type 2 message with the given challenge. */
export function type2(serverChallenge, { flags = FLAGS, time = true } = {}) {
  const now = Buffer.alloc(8)
  now.writeBigUInt64LE(BigInt(Date.now() + 11_644_473_600_000) * 10_000n)
  const pairs = [avPair(2, utf16('EXAMPLE')), avPair(1, utf16('SERVER')), ...(time ? [avPair(7, now)] : []), avPair(0, Buffer.alloc(0))]
  const info = Buffer.concat(pairs)
  const name = utf16('EXAMPLE')
  const head = Buffer.alloc(56)
  head.write('NTLMSSP\0', 0, 'latin1')
  head.writeUInt32LE(2, 8)
  for (const [at, length, start] of [
    [12, name.length, 56],
    [40, info.length, 56 + name.length],
  ]) {
    head.writeUInt16LE(length, at)
    head.writeUInt16LE(length, at + 2)
    head.writeUInt32LE(start, at + 4)
  }
  head.writeUInt32LE(flags >>> 0, 20)
  serverChallenge.copy(head, 24)
  head.set([6, 1, 0xb0, 0x1d, 0, 0, 0, 15], 48)
  return Buffer.concat([head, name, info])
}

/** Judges a type 3 message. @returns `{ user, mic, bindings, targetName }`, or `{ problem }` */
export function judge(message, { negotiate, challenge, serverChallenge }) {
  const field = (at) => message.subarray(message.readUInt32LE(at + 4), message.readUInt32LE(at + 4) + message.readUInt16LE(at))
  const lm = field(12)
  if (lm.some((octet) => octet !== 0)) {
    const isV2 = lm.length === 24
    if (!isV2) return { problem: 'an LM response' }
  }
  const response = field(20)
  const [domain, user] = [field(28).toString('utf16le'), field(36).toString('utf16le')]
  if (response.length < 48) return { problem: 'no NTLMv2 response' }
  const known = USERS.get(`${domain}\\${user}`.toUpperCase())
  if (known === undefined) return { problem: `unknown user ${domain}\\${user}` }
  const key = hmac(known.hash, utf16(user.toUpperCase() + domain))
  const blob = response.subarray(16)
  const proof = hmac(key, serverChallenge, blob)
  if (!timingSafeEqual(proof, response.subarray(0, 16))) return { problem: 'the proof is wrong' }
  const pairs = new Map()
  for (let at = 28; blob.readUInt16LE(at) !== 0; at += 4 + blob.readUInt16LE(at + 2)) {
    pairs.set(blob.readUInt16LE(at), blob.subarray(at + 4, at + 4 + blob.readUInt16LE(at + 2)))
  }
  const saysMic = ((pairs.get(6)?.readUInt32LE() ?? 0) & 2) !== 0
  if (saysMic) {
    const bare = Buffer.from(message)
    bare.fill(0, 72, 88)
    const mic = hmac(hmac(key, proof), negotiate, challenge, bare)
    if (!timingSafeEqual(mic, message.subarray(72, 88))) return { problem: 'the MIC is wrong' }
  }
  return { user: `${domain}\\${user}`, mic: saysMic, bindings: pairs.get(10), targetName: pairs.get(9)?.toString('utf16le'), lm }
}

/** The channel bindings of a certificate whose signature uses SHA-256 (RFC 5929 section 4.1). */
function bindingsOf(pem) {
  const digest = Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(':', ''), 'hex')
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), digest])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(data.length)
  return createHash('md5').update(Buffer.alloc(16)).update(length).update(data).digest()
}

/**
 * Starts the server on 127.0.0.1, or on the unix socket `options.path`.
 *
 * `options`: `tls` (options of https.createServer), `mic` and `bindings` (whether they are asked for), `time`, `flags` (of type 2),
 * `fields` (of a 401 without a message; default `['Negotiate', 'NTLM']`), `scheme` (which carries the messages; default `NTLM`),
 * `closes` (the connection, with its refusal of another scheme), and `on`, functions that may answer instead of the server and
 * then return true: `on.type1(req, res, state)`, `on.type3`, `on.signedIn`, `on.anonymous`.
 *
 * @returns `{ port, origin, log, sockets, close() }`; log has `{ type, status, user, socket, method, url, length, fields }` of each request
 */
export async function ntlmServer(t, options = {}) {
  const log = []
  const states = new Map()
  let opened = 0
  const { on = {} } = options
  const expected = options.tls === undefined ? undefined : bindingsOf(options.tls.cert)

  const listener = async (req, res) => {
    const state = states.get(req.socket)
    const entry = {
      type: typeOf(req),
      method: req.method,
      url: req.url,
      socket: state.id,
      user: state.user,
      headers: req.headers,
      fields: req.rawHeaders,
    }
    log.push(entry)
    res.once('finish', () => {
      entry.status = res.statusCode
    })
    let length = 0
    try {
      for await (const chunk of req) length += chunk.length
    } catch {
      return
    }
    entry.length = length
    entry.user = state.user
    const refuse = (...fields) => {
      res.writeHead(401, [...fields.flatMap((value) => ['WWW-Authenticate', value]), 'Content-Type', 'text/html'])
      res.end('<p>Unauthorized</p>')
    }
    const message = Buffer.from(req.headers.authorization?.split(' ')[1] ?? '', 'base64')
    entry.scheme = req.headers.authorization?.split(' ')[0]
    // Where messages come in Negotiate alone, those in NTLM are nothing.
    if (entry.type !== 0 && state.user === undefined && entry.scheme !== (options.scheme ?? 'NTLM')) {
      if (options.closes) res.shouldKeepAlive = false
      return refuse(...(options.fields ?? ['Negotiate', 'NTLM']))
    }
    if (entry.type === 1) {
      if (await on.type1?.(req, res, state, entry)) return
      state.user = undefined
      state.negotiate = message
      state.serverChallenge = randomBytes(8)
      state.challenge = type2(state.serverChallenge, options)
      return refuse(`${entry.scheme} ${state.challenge.toString('base64')}`)
    }
    if (entry.type === 3) {
      if (await on.type3?.(req, res, state, entry)) return
      entry.verdict = state.challenge === undefined ? { problem: 'no challenge on this connection' } : judge(message, state)
      state.challenge = undefined
      const { problem, user, mic, bindings } = entry.verdict
      const lacks = (options.mic && !mic) || (options.bindings && (bindings === undefined || !bindings.equals(expected)))
      if (problem !== undefined || lacks) return refuse(...(options.fields ?? ['Negotiate', 'NTLM']))
      state.user = user
      entry.user = user
      return res.end(`${user} ${length}`)
    }
    if (state.user !== undefined) {
      if (await on.signedIn?.(req, res, state, entry)) return
      return res.end(`${state.user} ${length}`)
    }
    if (await on.anonymous?.(req, res, state, entry)) return
    refuse(...(options.fields ?? ['Negotiate', 'NTLM']))
  }
  const server = options.tls === undefined ? http.createServer(listener) : https.createServer(options.tls, listener)
  server.keepAliveTimeout = 0
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket) => {
    opened += 1
    states.set(socket, { id: opened, user: undefined })
    socket.on('error', () => {})
    socket.once('close', () => states.delete(socket))
  })
  server.listen(options.path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address()
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  t.after(close)
  return {
    port,
    path: options.path,
    origin: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    log,
    sockets: states,
    close,
    get opened() {
      return opened
    },
    get types() {
      return log.map(({ type }) => type)
    },
  }
}

function typeOf(req) {
  const { authorization } = req.headers
  if (authorization === undefined) return 0
  if (!/^(?:NTLM|Negotiate) /.test(authorization)) return authorization
  return Buffer.from(authorization.split(' ')[1], 'base64').readUInt32LE(8)
}
