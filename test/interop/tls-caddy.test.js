/** tls-pin behind Caddy: with the directives that the docstring of `caddy` gives, and with clients that nobody verifies. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { caddy, tlsPinAuthenticator } from '@countersign/tls-pin'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { assertResumedAlike, judgingServer } from '../support/judging-server.js'
import { fingerprint, pki } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']
const SOURCE = join(import.meta.dirname, '../../packages/tls-pin/src/dialects/caddy.ts')

/** What the docstring tells its reader to write of headers. */
const documented = [...readFileSync(SOURCE, 'utf8').matchAll(/header_up [-+]?X-[A-Za-z*-]+(?: \{[a-z0-9._]+\})?/g)].map(([line]) => line)

const FIELDS = `
  header_up X-Client-Cert-Subject {http.request.tls.client.subject}
  header_up X-Client-Cert-Issuer {http.request.tls.client.issuer}
  header_up X-Client-Cert-Serial {http.request.tls.client.serial}`

/** `trusted_ca_cert_file` is what Caddy before 2.8 calls `trust_pool file`; later ones take it, too. */
function site({ port, mode, backend }) {
  const { ca, server } = pki()
  return `
https://localhost:${port} {
 bind 127.0.0.1
 tls ${server.cert} ${server.key} {
  client_auth {
   mode ${mode}
   ${mode === 'request' ? '' : `trusted_ca_cert_file ${ca.cert}`}
  }
 }
 reverse_proxy 127.0.0.1:${backend} {
  ${documented.join('\n  ')}${FIELDS}
 }
}`
}

describe('Caddy', { skip: without('caddy', 'openssl') }, () => {
  const routes = new Map()
  const ports = {}
  let server
  let proxy

  before(async () => {
    const { ca, expected, foreign, expired } = pki()
    const pins = [expected, foreign, expired].map(({ cert }) => fingerprint(cert))
    const names = { CN: 'expected', OU: 'client.api', SERIAL: '0x1001', ISSUER: 'CN=My CA,O=My Company,C=US' }
    const subject = { SUBJECT: 'CN=expected,OU=client.api,O=My Company,ST=My State,C=US' }
    const digest = { trustedProxies, certificate: 'sha256', fields: ['SUBJECT', 'ISSUER', 'SERIAL'], proxyVerifies: true }
    routes.set('/der', tlsPinAuthenticator({ from: caddy({ trustedProxies }), pins }))
    const chained = caddy({ trustedProxies, ca: ca.pem })
    routes.set('/names', tlsPinAuthenticator({ from: chained, conditions: { ...names, ...subject }, allowNameOnly: true }))
    routes.set('/sha256', tlsPinAuthenticator({ from: caddy(digest), pins, conditions: { SERIAL: '0x1001', ...subject } }))
    server = await judgingServer(routes)
    const folder = tempFolder()
    for (const mode of ['require_and_verify', 'verify_if_given', 'request']) ports[mode] = await freePort()
    const sites = Object.entries(ports).map(([mode, port]) => site({ port, mode, backend: server.address().port }))
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, `{\n admin off\n auto_https off\n}${sites.join('\n')}`)
    const args = ['run', '--config', file, '--adapter', 'caddyfile']
    const env = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    proxy = await startProcess(undefined, { command: component('caddy'), args, env, ready: { port: ports.request } })
  })

  after(async () => {
    await proxy?.stop()
    server.close()
    server.closeAllConnections()
  })

  const ask = async (mode, path, client, sent) => (await askTls(ports[mode], { path, client, sent })).text

  test('P34: the expected certificate passes, others and none do not', async () => {
    const { expected, other, awkward } = pki()
    for (const [path, refused] of [
      ['/der', 'ERR_TLS_PIN_MISMATCH'],
      ['/names', 'ERR_TLS_CONDITION'],
      ['/sha256', 'ERR_TLS_PIN_MISMATCH'],
    ]) {
      for (const mode of ['require_and_verify', 'verify_if_given']) {
        assert.equal(await ask(mode, path, expected), 'granted', `${mode} ${path}`)
        assert.equal(await ask(mode, path, other), refused, `${mode} ${path}`)
        assert.equal(await ask(mode, path, awkward), refused, `${mode} ${path}`)
      }
      assert.equal(await ask('verify_if_given', path, undefined), 'absent', path)
      await assert.rejects(ask('require_and_verify', path, undefined), /certificate/, path)
    }
  })

  test('P34: of a client that nobody verified only the pin holds', async () => {
    const { expected, foreign, other, expired } = pki()
    for (const client of [expected, foreign]) assert.equal(await ask('request', '/der', client), 'granted')
    assert.equal(await ask('request', '/der', other), 'ERR_TLS_PIN_MISMATCH')
    assert.equal(await ask('request', '/der', expired), 'ERR_TLS_EXPIRED')
    assert.equal(await ask('request', '/names', foreign), 'ERR_TLS_NOT_VERIFIED')
    await assert.rejects(ask('verify_if_given', '/der', foreign), /certificate|unknown ca/i)
  })

  test('P31: forged headers are replaced, and their look-alikes refused', async () => {
    const { expected, other } = pki()
    const der = Buffer.from(expected.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('base64')
    const forged = [
      ['X-Client-Cert', der],
      ['x-client-cert', der],
      ['X-Client-Cert-Fingerprint', fingerprint(expected.cert)],
      ['Connection', 'X-Client-Cert, X-Client-Cert-Fingerprint, X-Client-Cert-Serial'],
    ]
    for (const path of ['/der', '/sha256']) {
      assert.equal(await ask('verify_if_given', path, other, forged), 'ERR_TLS_PIN_MISMATCH')
      assert.equal(await ask('verify_if_given', path, expected, forged), 'granted')
      assert.equal(await ask('verify_if_given', path, undefined, forged), 'absent')
      assert.equal(await ask('verify_if_given', path, other, [['X_Client_Cert', der]]), 'ERR_TLS_HEADER_LOOKALIKE')
    }
  })

  for (const version of ['TLSv1.2', 'TLSv1.3'])
    test(`P35: resumed sessions, over ${version}`, () => assertResumedAlike(ports.verify_if_given, '/der', version))
})
