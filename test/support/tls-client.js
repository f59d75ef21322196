import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import tls from 'node:tls'
import { pki } from './pki.js'
import { within } from './raw-http.js'

/** The octets of a certificate of `pki()` and of its key, as TLS wants them. */
export const keysOf = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) })

/**
 * One GET of https://localhost, on a connection of its own.
 *
 * @param port - on 127.0.0.1
 * @param options.client - a certificate of `pki()`; without one the client has none
 * @param options.sent - further fields, pairs of name and value
 * @param options - else those of https.request
 * @returns `{ status, headers, text }`
 */
export async function askTls(port, { client, sent = [], ...options } = {}) {
  const request = https.request({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: pki().ca.pem,
    agent: false,
    headers: ['Host', 'localhost', ...sent.flat()],
    ...(client === undefined ? {} : keysOf(client)),
    ...options,
  })
  request.end()
  const [response] = await within(once(request, 'response'), 'an answer')
  const text = (await response.setEncoding('utf8').toArray()).join('')
  return { status: response.statusCode, headers: response.headers, text }
}

/**
 * One GET on a connection whose TLS session can be resumed by `session` of the next.
 *
 * @param options - those of tls.connect
 * @returns `{ text, json, isResumed, sessions }`: the whole answer, the object that is its body, if it is one, and the sessions that the server gave
 */
export async function askResumably(port, path, options = {}) {
  const connection = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pki().ca.pem, ...options })
  const sessions = []
  // TLS 1.3 sends its tickets after the handshake, TLS 1.2 none when it resumes.
  connection.on('session', (session) => sessions.push(session))
  await within(once(connection, 'secureConnect'), 'a handshake')
  const isResumed = connection.isSessionReused()
  connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  const text = (await within(connection.setEncoding('utf8').toArray(), 'an answer')).join('')
  const object = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  return { text, json: object === '' ? undefined : JSON.parse(object), isResumed, sessions }
}

/** Connects twice, the second time with the last session of the first: what was answered each time. */
export async function askTwice(port, path, options = {}) {
  const { sessions, ...first } = await askResumably(port, path, options)
  const { text, json, isResumed } = await askResumably(port, path, { ...options, session: sessions.at(-1) })
  return [first, { text, json, isResumed }]
}
