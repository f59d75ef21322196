/** tls-pin behind Apache httpd, which says what nginx says, and with a header for each key. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { headers, nginx, tlsPinAuthenticator } from '@countersign/tls-pin'
import { apacheBasics, withoutApache } from '../support/apache.js'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { judgingServer } from '../support/judging-server.js'
import { fingerprint, pki } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']
const MODULES = ['mpm_event', 'authz_core', 'headers', 'ssl', 'proxy', 'proxy_http']
const skip = withoutApache('ssl') || without('openssl')

function configuration({ folder, port, backend }) {
  const { ca, server } = pki()
  return `${apacheBasics({ folder, ports: [port], modules: MODULES })}SSLSessionCache none
SSLEngine on
SSLCertificateFile ${server.cert}
SSLCertificateKeyFile ${server.key}
SSLCACertificateFile ${ca.cert}
SSLVerifyClient optional
SSLOptions +StdEnvVars +ExportCertData
RequestHeader set X-SSL-Client-Verify       "%{SSL_CLIENT_VERIFY}s"
RequestHeader set X-SSL-Client-Escaped-Cert "expr=%{escape:%{SSL_CLIENT_CERT}}"
RequestHeader set X-Zato-TLS-Verify  "%{SSL_CLIENT_VERIFY}s"
RequestHeader set X-Zato-TLS-CN      "%{SSL_CLIENT_S_DN_CN}s"
RequestHeader set X-Zato-TLS-Subject "%{SSL_CLIENT_S_DN}s"
RequestHeader set X-Zato-TLS-Serial  "%{SSL_CLIENT_M_SERIAL}s"
ProxyPass / http://127.0.0.1:${backend}/
`
}

describe('Apache httpd', { skip }, () => {
  const routes = new Map()
  let server
  let apache
  let port

  before(async () => {
    const { expected } = pki()
    routes.set(
      '/pem',
      tlsPinAuthenticator({ from: nginx({ trustedProxies }), pins: fingerprint(expected.cert), conditions: 'OU=client.api' }),
    )
    const from = headers({ prefix: 'X-Zato-TLS-', trustedProxies, verifiedWhen: { VERIFY: 'SUCCESS' } })
    const conditions = { CN: 'expected', SERIAL: '1001', SUBJECT: 'CN=expected,OU=client.api,O=My Company,ST=My State,C=US' }
    routes.set('/names', tlsPinAuthenticator({ from, conditions, allowNameOnly: true }))
    server = await judgingServer(routes)
    const folder = tempFolder()
    port = await freePort()
    writeFileSync(join(folder, 'apache.conf'), configuration({ folder, port, backend: server.address().port }))
    const args = ['-f', join(folder, 'apache.conf'), '-DFOREGROUND']
    apache = await startProcess(undefined, { command: component('apache2'), args, ready: { port } })
  })

  after(async () => {
    await apache?.stop()
    server.close()
    server.closeAllConnections()
  })

  const ask = async (path, client, sent) => (await askTls(port, { path, client, sent })).text

  test('P34: the expected certificate passes, others and none do not', async () => {
    const { expected, other, awkward } = pki()
    for (const [path, refused] of [
      ['/pem', 'ERR_TLS_PIN_MISMATCH'],
      ['/names', 'ERR_TLS_CONDITION'],
    ]) {
      assert.equal(await ask(path, expected), 'granted')
      assert.equal(await ask(path, other), refused)
      assert.equal(await ask(path, awkward), refused)
    }
    assert.equal(await ask('/pem', undefined), 'absent')
    assert.equal(await ask('/names', undefined), 'ERR_TLS_NOT_VERIFIED')
  })

  test('P31: forged headers are replaced, and their look-alikes refused', async () => {
    const { expected, other } = pki()
    const forged = [
      ['X-SSL-Client-Escaped-Cert', encodeURIComponent(expected.pem)],
      ['x-ssl-client-verify', 'SUCCESS'],
    ]
    assert.equal(await ask('/pem', other, forged), 'ERR_TLS_PIN_MISMATCH')
    assert.equal(await ask('/pem', expected, forged), 'granted')
    assert.equal(await ask('/pem', other, [['X_SSL_Client_Escaped_Cert', encodeURIComponent(expected.pem)]]), 'ERR_TLS_HEADER_LOOKALIKE')
  })
})
