/** tls-pin behind HAProxy and then Apache httpd, which removes the headers that a client names in Connection (RFC 9110 section 7.6.1). */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { haproxy, headers, tlsPinAuthenticator } from '@countersign/tls-pin'
import { apacheBasics, withoutApache } from '../support/apache.js'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { judgingServer } from '../support/judging-server.js'
import { fingerprint, pki } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']
const MODULES = ['mpm_event', 'authz_core', 'proxy', 'proxy_http']
const skip = withoutApache('proxy_http') || without('haproxy', 'openssl')

const haproxyConfiguration = ({ port, next, bundle, ca }) => `
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend anything
  bind 127.0.0.1:${port} ssl crt ${bundle} ca-file ${ca} verify optional crt-ignore-err all ca-ignore-err all
  http-request del-header X-SSL- -m beg
  http-request del-header X-Cert- -m beg
  http-request set-header X-SSL-Client-Verify    %[ssl_c_verify]
  http-request set-header X-SSL-Client-Used      %[ssl_c_used]
  http-request set-header X-SSL-Client-DER       %[ssl_c_der,base64]
  http-request set-header X-SSL-Client-SHA256    %[ssl_c_der,sha2(256),hex]
  http-request set-header X-SSL-Client-Not-After %[ssl_c_notafter]
  http-request set-header X-Cert-Fingerprint     %[ssl_c_der,sha2(256),hex]
  http-request set-header X-Cert-Verify          %[ssl_c_verify]
  http-request set-header X-Cert-Used            %[ssl_c_used]
  default_backend next
backend next
  server next 127.0.0.1:${next}
`

describe('HAProxy, Apache httpd', { skip }, () => {
  const routes = new Map()
  const running = []
  let server
  let port

  before(async () => {
    const { ca, server: lb, expected, expired } = pki()
    const pins = [fingerprint(expected.cert), fingerprint(expired.cert)]
    const marked = headers({ prefix: 'X-Cert-', trustedProxies, verifiedWhen: { VERIFY: '0', USED: '1' } })
    routes.set('/der', tlsPinAuthenticator({ from: haproxy({ trustedProxies }), pins }))
    routes.set('/sha256', tlsPinAuthenticator({ from: haproxy({ trustedProxies, certificate: 'sha256', fields: ['NOTAFTER'] }), pins }))
    routes.set('/headers', tlsPinAuthenticator({ from: marked, pins }))
    server = await judgingServer(routes)
    const folder = tempFolder()
    const next = await freePort()
    port = await freePort()
    const apache = `${apacheBasics({ folder, ports: [next], modules: MODULES })}ProxyPass / http://127.0.0.1:${server.address().port}/\n`
    writeFileSync(join(folder, 'apache.conf'), apache)
    writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfiguration({ port, next, bundle: lb.bundle, ca: ca.cert }))
    const run = async (name, args, at) =>
      running.push(await startProcess(undefined, { command: component(name), args, ready: { port: at } }))
    await run('apache2', ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'], next)
    await run('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], port)
  })

  after(async () => {
    await Promise.all(running.map((process) => process.stop()))
    server.close()
    server.closeAllConnections()
  })

  async function ask(path, client, removed = []) {
    return (await askTls(port, { path, client, sent: [['Connection', ['close', ...removed].join(', ')]] })).text
  }

  test('S10: who has the word of the proxy removed does not bring an expired, still pinned certificate back', async () => {
    const { expected, expired } = pki()
    for (const [path, names] of [
      ['/der', ['X-SSL-Client-Verify', 'X-SSL-Client-Used']],
      ['/sha256', ['X-SSL-Client-Verify', 'X-SSL-Client-Used', 'X-SSL-Client-Not-After']],
      ['/headers', ['X-Cert-Verify', 'X-Cert-Used']],
    ]) {
      assert.equal(await ask(path, expected), 'granted', path)
      assert.equal(await ask(path, expired), 'ERR_TLS_NOT_VERIFIED', path)
      assert.equal(await ask(path, expired, names), 'ERR_TLS_HEADER_MISSING', path)
      assert.equal(await ask(path, expired, names.slice(0, 1)), 'ERR_TLS_HEADER_MISSING', path)
      for (const name of names.slice(1)) assert.notEqual(await ask(path, expired, [name]), 'granted', `${path} ${name}`)
      for (const name of names) assert.equal(await ask(path, expected, [name]), 'ERR_TLS_HEADER_MISSING', `${path} ${name}`)
    }
  })
})
