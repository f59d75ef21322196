// What a decision costs on request 2..n of a connection that stays open, beside one look at the certificate of the socket.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { authRequest } from '@countersign/core'
import { haproxy, headers, nginx, socket, tlsPinAuthenticator } from '@countersign/tls-pin'
import { fingerprint, pki, spkiPin } from '../support/pki.js'
import { median } from './measure.js'

const trustedProxies = ['127.0.0.1/32']
/** Few, so that what is measured is not the memory of a machine that has forgotten the first when the last is there. */
const REQUESTS = 100
const WARM_UP = 20
/** What proxies and clients send besides. */
const COMMON = {
  'User-Agent': 'curl/8.5.0',
  Accept: '*/*',
  'Accept-Encoding': 'gzip, deflate, br',
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Proto': 'https',
  'X-Request-Id': '6f1d7c2e-2f7c-4c7e-9a51-0b8f4c1f3a55',
  'Content-Type': 'application/json',
}

export const title = 'tls-pin, requests 2..n of a connection; the unit is one socket.getPeerX509Certificate().fingerprint256'

export async function* run({ quick = false } = {}) {
  const { expected } = pki()
  const sha256 = fingerprint(expected.cert)
  const hex = sha256.replaceAll(':', '')
  const verified = { 'X-SSL-Client-Verify': '0', 'X-SSL-Client-Used': '1' }
  const behindProxy = (name, from, sent, reach, pins = sha256) => ({ name, options: { from, pins }, sent: { ...COMMON, ...sent }, reach })
  const cases = [
    { name: 'the socket, SHA-256', options: { from: socket(), pins: sha256 }, sent: COMMON, isTls: true, reach: '<= 0.15' },
    {
      name: 'the socket, public key',
      options: { from: socket(), pins: `sha256/${spkiPin(expected.cert)}` },
      sent: COMMON,
      isTls: true,
      reach: '<= 0.15',
    },
    behindProxy(
      'a fingerprint header, haproxy',
      haproxy({ trustedProxies, certificate: 'sha256' }),
      { ...verified, 'X-SSL-Client-SHA256': hex },
      '<= 0.7',
    ),
    behindProxy(
      'a fingerprint header, headers',
      headers({ prefix: 'X-Zato-TLS-', trustedProxies }),
      { 'X-Zato-TLS-Fingerprint256': hex },
      '<= 0.7',
    ),
    behindProxy(
      'a whole certificate, haproxy',
      haproxy({ trustedProxies }),
      { ...verified, 'X-SSL-Client-DER': expected.der.toString('base64') },
      '<= 2',
    ),
    behindProxy(
      'a whole certificate, nginx',
      nginx({ trustedProxies }),
      { 'X-SSL-Client-Verify': 'SUCCESS', 'X-SSL-Client-Escaped-Cert': encodeURIComponent(expected.pem) },
      '<= 2',
    ),
  ]
  for (const { name, options, sent, isTls = false, reach } of cases) {
    const figures = await measure(tlsPinAuthenticator(options), sent, isTls, quick ? 10 : 60)
    yield {
      what: name,
      rival: 'the unit',
      figures: `${figures.ours.toFixed(0)} ns : ${figures.unit.toFixed(0)} ns`,
      ratio: figures.ours / figures.unit,
      reach,
    }
  }
}

/** Requests come over one connection, and each is judged once: its header values are strings that nobody has hashed yet. */
async function measure(pin, sent, isTls, rounds) {
  const unit = await open(true, {})
  const mine = await open(isTls, sent)
  const figures = { ours: [], unit: [] }
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    const peer = (await unit.requests(1))[0].socket
    const requests = (await mine.requests(REQUESTS)).map((message) => authRequest(message, message.url))
    const start = process.hrtime.bigint()
    let granted = 0
    for (const request of requests) if (pin.authenticate(request).kind === 'granted') granted += 1
    const middle = process.hrtime.bigint()
    for (let i = 0; i < REQUESTS; i += 1) peer.getPeerX509Certificate().fingerprint256
    const end = process.hrtime.bigint()
    if (granted !== REQUESTS) throw new Error(`${granted} of ${REQUESTS} were granted`)
    // The first rounds warm up.
    if (round < WARM_UP) continue
    figures.ours.push(Number(middle - start) / REQUESTS)
    figures.unit.push(Number(end - middle) / REQUESTS)
  }
  unit.close()
  mine.close()
  return { ours: median(figures.ours), unit: median(figures.unit) }
}

async function open(isTls, headersToSend) {
  const { ca, server: lb, expected } = pki()
  const keys = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) })
  const seen = []
  const listener = (req, res) => {
    seen.push(req)
    res.end()
  }
  const server = isTls ? https.createServer({ ...keys(lb), ca: ca.pem, requestCert: true }, listener) : http.createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { Agent, request } = isTls ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...(isTls ? { ...keys(expected), ca: ca.pem, servername: 'localhost' } : {}) })
  const { port } = server.address()
  return {
    async requests(count) {
      seen.length = 0
      for (let i = 0; i < count; i += 1) {
        const call = request({ host: '127.0.0.1', port, agent, headers: headersToSend })
        call.end()
        const [response] = await once(call, 'response')
        await response.resume().toArray()
      }
      return [...seen]
    },
    close() {
      agent.destroy()
      server.close()
    },
  }
}
