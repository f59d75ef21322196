import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { authRequest } from '@countersign/core'
import { pki } from './pki.js'
import { askTwice, keysOf } from './tls-client.js'

/**
 * A server behind a proxy, on a port of its own: the authenticator of a path judges, and the body of the answer is the code of its refusal, or the
 * kind of its verdict.
 *
 * @param routes - Map from path to authenticator
 */
export async function judgingServer(routes) {
  const server = createServer(async (req, res) => {
    const { kind, code } = await routes.get(req.url).authenticate(authRequest(req, req.url))
    res.end(code ?? kind)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/**
 * P35: asserts that who resumes a TLS session is judged as on the first connection.
 *
 * @param port - of the proxy, where a certificate is no must
 * @param path - of an authenticator that is pinned to the expected client of `pki()`
 */
export async function assertResumedAlike(port, path, version) {
  const { expected, other } = pki()
  for (const [client, want] of [
    [keysOf(expected), 'granted'],
    [keysOf(other), 'ERR_TLS_PIN_MISMATCH'],
    [{}, 'absent'],
  ]) {
    const told = await askTwice(port, path, { ...client, minVersion: version, maxVersion: version })
    assert.deepEqual(
      told.map(({ isResumed }) => isResumed),
      [false, true],
      version,
    )
    for (const { text } of told) assert.match(text, new RegExp(`\\b${want}\\b`), version)
  }
}
