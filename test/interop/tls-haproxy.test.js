/** tls-pin behind HAProxy: with the configuration that the example ships, and with ones that strip nothing or verify nothing. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { haproxy, headers, rfc9440, tlsPinAuthenticator } from '@countersign/tls-pin'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { assertResumedAlike, judgingServer } from '../support/judging-server.js'
import { fingerprint, pki, spkiPin } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']
const SHIPPED = join(import.meta.dirname, '../../examples/haproxy-tls-pin/haproxy.cfg')

/** What the frontends of the tests set; none of them deletes anything. */
const SETS = `
  http-request set-header X-Zato-TLS-Fingerprint %{+Q}[ssl_c_sha1,hex]
  http-request set-header X-SSL-Client-Verify     %[ssl_c_verify]
  http-request set-header X-SSL-Client-Used       %[ssl_c_used]
  http-request set-header X-SSL-Client-DER        %[ssl_c_der,base64]
  http-request set-header X-SSL-Client-SHA256     %[ssl_c_der,sha2(256),hex]
  http-request set-header X-SSL-Client-SHA1       %[ssl_c_sha1,hex]
  http-request set-header X-SSL-Client-DN         %[ssl_c_s_dn(,0,rfc2253)]
  http-request set-header X-SSL-Client-Slash-DN   %[ssl_c_s_dn]
  http-request set-header X-SSL-Client-CN         %[ssl_c_s_dn(cn)]
  http-request set-header X-SSL-Issuer-DN         %[ssl_c_i_dn(,0,rfc2253)]
  http-request set-header X-SSL-Client-Serial     %[ssl_c_serial,hex]
  http-request set-header X-SSL-Client-Not-Before %[ssl_c_notbefore]
  http-request set-header X-SSL-Client-Not-After  %[ssl_c_notafter]
  http-request set-header Client-Cert             :%[ssl_c_der,base64]: if { ssl_c_used }
`

function configuration({ optional, setting, backend, folder, ca }) {
  const bind = (port, more) => `  bind 127.0.0.1:${port} ssl crt ${folder}/lb.pem ca-file ${ca} ${more}\n  default_backend app\n`
  return `
global
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend how_to
${bind(setting, 'verify required')}${SETS}
frontend anything
${bind(optional, 'verify optional crt-ignore-err all ca-ignore-err all')}${SETS}
backend app
  server app 127.0.0.1:${backend}
`
}

const hex = (text) => text.replaceAll(':', '')

describe('HAProxy', { skip: without('haproxy', 'openssl') }, () => {
  const routes = new Map()
  const ports = {}
  const running = []
  let server
  /** The names of the fields that came with the last request. */
  let arrived

  /** A route of the backend that answers what an authenticator decides. */
  function route(options) {
    const path = `/${routes.size}`
    routes.set(path, tlsPinAuthenticator(options))
    return path
  }

  before(async () => {
    const { ca, server: lb } = pki()
    const folder = tempFolder()
    writeFileSync(join(folder, 'lb.pem'), readFileSync(lb.bundle))
    writeFileSync(join(folder, 'ca.cert.pem'), ca.pem)
    server = await judgingServer(routes)
    server.on('request', ({ rawHeaders }) => {
      arrived = rawHeaders.filter((_, i) => i % 2 === 0)
    })
    const backend = server.address().port
    for (const name of ['shipped', 'setting', 'optional']) ports[name] = await freePort()
    writeFileSync(join(folder, 'test.cfg'), configuration({ ...ports, backend, folder, ca: ca.cert }))
    const env = { PKI: folder, HAPROXY_PORT: String(ports.shipped), EXPRESS_PORT: String(backend) }
    const command = component('haproxy')
    running.push(await startProcess(undefined, { command, args: ['-db', '-f', SHIPPED], env, ready: { port: ports.shipped } }))
    running.push(await startProcess(undefined, { command, args: ['-db', '-f', join(folder, 'test.cfg')], ready: { port: ports.setting } }))
  })

  after(async () => {
    await Promise.all(running.map((process) => process.stop()))
    server.close()
    server.closeAllConnections()
  })

  async function outcome(port, path, client, sent = [], options = {}) {
    const { status, text } = await askTls(port, { path, client, sent, ...options })
    return status === 200 ? text : status
  }

  test('the shipped configuration: TLS refuses what the authority did not issue, the pin what it did', async () => {
    const { expected, other, expired, foreign, awkward } = pki()
    const paths = [
      route({
        from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }),
        conditions: `FINGERPRINT=${hex(fingerprint(expected.cert, 'sha1'))}`,
      }),
      route({ from: haproxy({ trustedProxies }), pins: fingerprint(expected.cert) }),
      route({ from: haproxy({ trustedProxies }), pins: `sha256/${spkiPin(expected.cert)}` }),
      route({
        from: haproxy({ trustedProxies }),
        conditions: 'CN=expected\nOU=client.api\nISSUER=CN=My CA,O=My Company,C=US',
        allowNameOnly: true,
      }),
    ]
    for (const path of paths) {
      assert.equal(await outcome(ports.shipped, path, expected), 'granted')
      assert.match(await outcome(ports.shipped, path, other), /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
      assert.match(await outcome(ports.shipped, path, awkward), /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
    }
    const alerts = [
      [undefined, /certificate required/],
      [expired, /certificate expired/],
      [foreign, /unknown ca|decrypt error/],
    ]
    for (const [client, message] of alerts) await assert.rejects(outcome(ports.shipped, paths[0], client), message)
  })

  test('P31: forged headers of every spelling do not reach the server through the shipped configuration', async () => {
    const { expected, other } = pki()
    const sha1 = hex(fingerprint(expected.cert, 'sha1'))
    const zato = route({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), pins: sha1 })
    const der = route({ from: haproxy({ trustedProxies }), pins: fingerprint(expected.cert) })
    const forged = [
      ['X-Zato-TLS-Fingerprint', sha1],
      ['x-zato-tls-fingerprint', sha1],
      ['X-ZATO-TLS-FINGERPRINT256', hex(fingerprint(expected.cert))],
      ['X_Zato_TLS_Fingerprint', sha1],
      ['X-Zato-TLS_Fingerprint', sha1],
      ['X-Zato.TLS.Fingerprint', sha1],
      ['X-SSL-Client-DER', expected.der.toString('base64')],
      ['X_SSL_Client_DER', expected.der.toString('base64')],
      ['X-SSL-Client-Verify', '0'],
      ['X-SSL-Client-SHA256', hex(fingerprint(expected.cert))],
      ['Client-Cert', `:${expected.der.toString('base64')}:`],
      ['Connection', 'X-Zato-TLS-Fingerprint, X-SSL-Client-Verify, X-SSL-Client-DER'],
    ]
    for (const path of [zato, der]) {
      assert.equal(await outcome(ports.shipped, path, other, forged), 'ERR_TLS_PIN_MISMATCH')
      assert.deepEqual(
        arrived.filter((name) => /_|\.|fingerprint256|sha256|^client-cert/i.test(name)),
        [],
      )
      assert.equal(await outcome(ports.shipped, path, expected, forged), 'granted')
    }
    assert.equal(await outcome(ports.shipped, zato, expected, [['X-Forwarded-Proto', 'https']]), 403)
  })

  test('P31: a proxy that strips nothing lets look-alikes through, and they are refused', async () => {
    const { expected, other } = pki()
    const sha1 = hex(fingerprint(expected.cert, 'sha1'))
    const path = route({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), pins: sha1 })
    for (const client of [expected, other]) {
      assert.equal(await outcome(ports.setting, path, client, [['X_Zato_TLS_Fingerprint', sha1]]), 'ERR_TLS_HEADER_LOOKALIKE')
      assert.equal(await outcome(ports.setting, path, client, [['X-Zato-TLS_Fingerprint', sha1]]), 'ERR_TLS_HEADER_LOOKALIKE')
    }
    assert.equal(
      await outcome(ports.setting, path, other, [
        ['X-Zato-TLS-Fingerprint', sha1],
        ['x-zato-tls-fingerprint', sha1],
      ]),
      'ERR_TLS_PIN_MISMATCH',
    )
    const twice = [
      ['X-Zato-TLS-CN', 'a'],
      ['X-Zato-TLS-CN', 'b'],
    ]
    assert.equal(await outcome(ports.setting, path, expected, twice), 'ERR_TLS_HEADER_DUPLICATE')
  })

  test('every form in which HAProxy sends a certificate', async () => {
    const { expected, other } = pki()
    const sha256 = fingerprint(expected.cert)
    const fields = ['SUBJECT', 'CN', 'ISSUER', 'SERIAL', 'NOTBEFORE', 'NOTAFTER']
    const names = {
      CN: 'expected',
      SERIAL: '1001',
      ISSUER: '/C=US/O=My Company/CN=My CA',
      SUBJECT: 'CN=expected,OU=client.api,O=My Company,ST=My State,C=US',
    }
    const asked = [
      { from: haproxy({ trustedProxies }), pins: sha256, conditions: { ...names, OU: 'client.api' } },
      { from: haproxy({ trustedProxies, ca: pki().ca.pem }), pins: sha256 },
      { from: haproxy({ trustedProxies, certificate: 'sha256', fields }), pins: sha256, conditions: names },
      {
        from: haproxy({ trustedProxies, certificate: 'sha1', fields: { SUBJECT: 'X-SSL-Client-Slash-DN' } }),
        pins: fingerprint(expected.cert, 'sha1'),
        conditions: { SUBJECT: names.SUBJECT },
      },
      { from: rfc9440({ trustedProxies }), pins: sha256, conditions: names },
    ]
    for (const options of asked) {
      const path = route(options)
      assert.equal(await outcome(ports.setting, path, expected), 'granted')
      assert.equal(await outcome(ports.setting, path, other), 'ERR_TLS_PIN_MISMATCH')
    }
  })

  test('an awkward subject: quotes, commas, slashes and UTF-8, and it forges no name', async () => {
    const { awkward, expected } = pki()
    const wanted = { CN: 'back\\slash, CN=expected/CN=expected', O: 'M\u00fcller, "Sons" & Co/KG; <a=b> # +1' }
    const pins = fingerprint(awkward.cert)
    const der = haproxy({ trustedProxies })
    const digest = haproxy({ trustedProxies, certificate: 'sha256', fields: ['SUBJECT'] })
    const slash = haproxy({ trustedProxies, certificate: 'sha256', fields: { SUBJECT: 'X-SSL-Client-Slash-DN' } })
    assert.equal(await outcome(ports.setting, route({ from: der, pins, conditions: wanted }), awkward), 'granted')
    assert.equal(await outcome(ports.setting, route({ from: digest, pins, conditions: wanted }), awkward), 'granted')
    for (const from of [der, digest, slash]) {
      const path = route({ from, conditions: 'CN=expected', allowNameOnly: true })
      assert.equal(await outcome(ports.setting, path, awkward), 'ERR_TLS_CONDITION')
      assert.equal(await outcome(ports.setting, path, expected), 'granted')
    }
  })

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const limits = { minVersion: version, maxVersion: version }

    test(`P34: with verify optional and errors ignored nothing passes that was not verified, over ${version}`, async () => {
      const { expected, other, expired, foreign } = pki()
      const named = route({ from: haproxy({ trustedProxies }), conditions: 'CN=expected', allowNameOnly: true })
      const pinned = route({ from: haproxy({ trustedProxies }), pins: [expected, expired].map(({ cert }) => fingerprint(cert)) })
      const digest = route({
        from: haproxy({ trustedProxies, certificate: 'sha256' }),
        pins: [expected, expired].map(({ cert }) => fingerprint(cert)),
      })
      const zato = route({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), pins: fingerprint(expected.cert, 'sha1') })
      const table = [
        [expected, 'granted', 'granted', 'granted', 'granted'],
        [other, 'ERR_TLS_CONDITION', 'ERR_TLS_PIN_MISMATCH', 'ERR_TLS_PIN_MISMATCH', 'ERR_TLS_PIN_MISMATCH'],
        [expired, 'ERR_TLS_NOT_VERIFIED', 'ERR_TLS_NOT_VERIFIED', 'ERR_TLS_NOT_VERIFIED', 'ERR_TLS_PIN_MISMATCH'],
        [foreign, 'ERR_TLS_NOT_VERIFIED', /PIN_MISMATCH|NOT_VERIFIED/, /PIN_MISMATCH|NOT_VERIFIED/, 'ERR_TLS_PIN_MISMATCH'],
        [undefined, 'absent', 'absent', 'absent', 'ERR_TLS_HEADER_EMPTY'],
      ]
      for (const [client, ...wanted] of table) {
        const got = []
        for (const path of [named, pinned, digest, zato]) got.push(await outcome(ports.optional, path, client, [], limits))
        for (const [i, want] of wanted.entries()) {
          if (want instanceof RegExp) assert.match(got[i], want)
          else assert.equal(got[i], want)
        }
      }
    })

    test(`P35: resumed sessions, over ${version}`, () =>
      assertResumedAlike(ports.optional, route({ from: haproxy({ trustedProxies }), pins: fingerprint(pki().expected.cert) }), version))
  }
})
