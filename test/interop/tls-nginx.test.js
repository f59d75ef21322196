/** tls-pin behind nginx: with the configuration that the example ships, and with ones that verify little. */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { headers, nginx, tlsPinAuthenticator } from '@countersign/tls-pin'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { assertResumedAlike, judgingServer } from '../support/judging-server.js'
import { createAuthority, fingerprint, pki } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']
const SHIPPED = join(import.meta.dirname, '../../examples/haproxy-tls-pin/nginx.conf')

const SETS = `
      proxy_set_header X-SSL-Client-Verify       $ssl_client_verify;
      proxy_set_header X-SSL-Client-Escaped-Cert $ssl_client_escaped_cert;
      proxy_set_header X-SSL-Client-Fingerprint  $ssl_client_fingerprint;
      proxy_set_header X-SSL-Client-S-DN         $ssl_client_s_dn;
      proxy_set_header X-SSL-Client-I-DN         $ssl_client_i_dn;
      proxy_set_header X-SSL-Client-Serial       $ssl_client_serial;
      proxy_set_header X-SSL-Client-V-Start      $ssl_client_v_start;
      proxy_set_header X-SSL-Client-V-End        $ssl_client_v_end;
      proxy_set_header X-Zato-TLS-Fingerprint    $ssl_client_fingerprint;
      proxy_set_header X-Zato-TLS-Verify         $ssl_client_verify;`

function configuration({ ports, backend }) {
  const server = (port, mode) => `
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate lb.cert.pem;
    ssl_certificate_key lb.key.pem;
    ssl_client_certificate ca.cert.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:${mode}:1m;
    ssl_verify_client ${mode};
    underscores_in_headers on;
    location / {${SETS}
      proxy_pass http://127.0.0.1:${backend};
    }
  }`
  return `
daemon off;
worker_processes 1;
pid test.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body2; proxy_temp_path proxy2; fastcgi_temp_path fastcgi2; uwsgi_temp_path uwsgi2; scgi_temp_path scgi2;
${server(ports.optional, 'optional')}
${server(ports.noCa, 'optional_no_ca')}
}`
}

describe('nginx', { skip: without('nginx', 'openssl') }, () => {
  const routes = new Map()
  const ports = {}
  const running = []
  let server

  function route(options) {
    const path = `/${routes.size}`
    routes.set(path, tlsPinAuthenticator(options))
    return path
  }

  before(async () => {
    const { ca, server: lb } = pki()
    const folder = tempFolder()
    copyFileSync(lb.cert, join(folder, 'lb.cert.pem'))
    copyFileSync(lb.key, join(folder, 'lb.key.pem'))
    copyFileSync(ca.cert, join(folder, 'ca.cert.pem'))
    server = await judgingServer(routes)
    const backend = server.address().port
    for (const name of ['shipped', 'optional', 'noCa']) ports[name] = await freePort()
    const shipped = readFileSync(SHIPPED, 'utf8').replace('127.0.0.1:51224', `127.0.0.1:${ports.shipped}`)
    writeFileSync(join(folder, 'shipped.conf'), shipped.replace('127.0.0.1:18081', `127.0.0.1:${backend}`))
    writeFileSync(join(folder, 'test.conf'), configuration({ ports, backend }))
    const command = component('nginx')
    for (const [file, port] of [
      ['shipped.conf', ports.shipped],
      ['test.conf', ports.noCa],
    ]) {
      running.push(await startProcess(undefined, { command, args: ['-p', folder, '-c', file, '-e', 'stderr'], ready: { port } }))
    }
  })

  after(async () => {
    await Promise.all(running.map((process) => process.stop()))
    server.close()
    server.closeAllConnections()
  })

  async function outcome(port, path, client, sent = [], options = {}) {
    const { status, text } = await askTls(port, { path, client, sent, ...options })
    return status === 200 ? text : `${status} ${/<title>(.*)<\/title>/.exec(text)?.[1]}`
  }

  test('the shipped configuration: nginx refuses what the authority did not issue, the pin what it did', async () => {
    const { expected, other, expired, foreign, awkward } = pki()
    const paths = [
      route({ from: nginx({ trustedProxies }), pins: fingerprint(expected.cert) }),
      route({ from: nginx({ trustedProxies, ca: pki().ca.pem }), conditions: 'CN=expected\nSERIAL=1001', allowNameOnly: true }),
    ]
    for (const path of paths) {
      assert.equal(await outcome(ports.shipped, path, expected), 'granted')
      assert.match(await outcome(ports.shipped, path, other), /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
      assert.match(await outcome(ports.shipped, path, awkward), /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
      assert.equal(await outcome(ports.shipped, path, undefined), '400 400 No required SSL certificate was sent')
      assert.equal(await outcome(ports.shipped, path, expired), '400 400 The SSL certificate error')
      assert.equal(await outcome(ports.shipped, path, foreign), '400 400 The SSL certificate error')
    }
  })

  test('P31: forged headers do not reach the server through the shipped configuration', async () => {
    const { expected, other } = pki()
    const path = route({ from: nginx({ trustedProxies }), pins: fingerprint(expected.cert) })
    const forged = [
      ['X-SSL-Client-Escaped-Cert', encodeURIComponent(expected.pem)],
      ['x-ssl-client-escaped-cert', encodeURIComponent(expected.pem)],
      ['X_SSL_Client_Escaped_Cert', encodeURIComponent(expected.pem)],
      ['X-SSL-Client-Verify', 'SUCCESS'],
      ['X-SSL-Client-Fingerprint', fingerprint(expected.cert, 'sha1')],
      ['Connection', 'X-SSL-Client-Verify, X-SSL-Client-Escaped-Cert'],
    ]
    assert.equal(await outcome(ports.shipped, path, other, forged), 'ERR_TLS_PIN_MISMATCH')
    assert.equal(await outcome(ports.shipped, path, expected, forged), 'granted')
  })

  test('P31: look-alikes that nginx was told to let through are refused', async () => {
    const { expected, other } = pki()
    const path = route({ from: nginx({ trustedProxies }), pins: fingerprint(expected.cert) })
    for (const client of [expected, other]) {
      assert.equal(await outcome(ports.optional, path, client, [['X_SSL_Client_Verify', 'SUCCESS']]), 'ERR_TLS_HEADER_LOOKALIKE')
    }
  })

  test('every form in which nginx sends a certificate, and an awkward subject', async () => {
    const { expected, other, awkward } = pki()
    const fields = ['SUBJECT', 'ISSUER', 'SERIAL', 'NOTBEFORE', 'NOTAFTER']
    const names = {
      SUBJECT: '/C=US/ST=My State/O=My Company/OU=client.api/CN=expected',
      ISSUER: 'CN=My CA,O=My Company,C=US',
      SERIAL: '1001',
      CN: 'expected',
    }
    const asked = [
      { from: nginx({ trustedProxies }), pins: fingerprint(expected.cert), conditions: names },
      { from: nginx({ trustedProxies, certificate: 'sha1', fields }), pins: fingerprint(expected.cert, 'sha1'), conditions: names },
      {
        from: headers({ prefix: 'X-Zato-TLS-', trustedProxies, verifiedWhen: { VERIFY: 'SUCCESS' } }),
        conditions: `FINGERPRINT=${fingerprint(expected.cert, 'sha1')}`,
      },
    ]
    for (const options of asked) {
      const path = route(options)
      assert.equal(await outcome(ports.optional, path, expected), 'granted')
      assert.match(await outcome(ports.optional, path, other), /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
    }
    const wanted = {
      CN: 'back\\slash, CN=expected/CN=expected',
      O: 'M\u00fcller, "Sons" & Co/KG; <a=b> # +1',
      OU: ' leading and trailing ',
    }
    for (const certificate of ['pem', 'sha1']) {
      const from = nginx({ trustedProxies, certificate, ...(certificate === 'sha1' ? { fields } : {}) })
      assert.equal(await outcome(ports.optional, route({ from, conditions: wanted, allowNameOnly: true }), awkward), 'granted')
      assert.equal(
        await outcome(ports.optional, route({ from, conditions: 'CN=expected', allowNameOnly: true }), awkward),
        'ERR_TLS_CONDITION',
      )
    }
  })

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const limits = { minVersion: version, maxVersion: version }

    test(`P34: optional and optional_no_ca: only what is verified or pinned passes, over ${version}`, async () => {
      const { expected, other } = pki()
      const stranger = strangerClient()
      const named = route({ from: nginx({ trustedProxies }), conditions: 'CN=expected', allowNameOnly: true })
      const pinned = route({ from: nginx({ trustedProxies }), pins: [expected, stranger].map(({ cert }) => fingerprint(cert)) })
      const ask = (port, path, client) => outcome(port, path, client, [], limits)
      for (const port of [ports.optional, ports.noCa]) {
        assert.equal(await ask(port, named, expected), 'granted')
        assert.equal(await ask(port, pinned, expected), 'granted')
        assert.equal(await ask(port, named, other), 'ERR_TLS_CONDITION')
        assert.equal(await ask(port, pinned, other), 'ERR_TLS_PIN_MISMATCH')
        assert.equal(await ask(port, named, undefined), 'absent')
      }
      assert.equal(await ask(ports.optional, pinned, stranger), '400 400 The SSL certificate error')
      assert.equal(await ask(ports.noCa, named, stranger), 'ERR_TLS_NOT_VERIFIED')
      assert.equal(await ask(ports.noCa, pinned, stranger), 'granted', 'nothing but its issuer is unknown, and it is pinned')
    })

    test(`P35: resumed sessions, over ${version}`, () =>
      assertResumedAlike(ports.optional, route({ from: nginx({ trustedProxies }), pins: fingerprint(pki().expected.cert) }), version))
  }

  let cached
  /** The subject of the expected client, of an authority that nobody knows. */
  function strangerClient() {
    const subject = [
      ['C', 'US'],
      ['O', 'My Company'],
      ['CN', 'expected'],
    ]
    cached ??= createAuthority('stranger-ca', { subject: [['CN', 'Stranger CA']] }).issue('stranger', { subject })
    return cached
  }
})
