/** tls-pin behind nginx that reads a revocation list and lets unknown issuers through: the client chooses which of the two it sees. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { nginx, tlsPinAuthenticator } from '@countersign/tls-pin'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { judgingServer } from '../support/judging-server.js'
import { createAuthority, fingerprint, openssl } from '../support/pki.js'
import { freePort, startProcess } from '../support/processes.js'
import { askTls } from '../support/tls-client.js'

const trustedProxies = ['127.0.0.1/32']

const nginxConfiguration = ({ port, backend, cert, key, ca, crl }) => `
daemon off;
worker_processes 1;
pid test.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    ssl_client_certificate ${ca};
    ssl_crl ${crl};
    ssl_verify_depth 3;
    ssl_verify_client optional_no_ca;
    ssl_session_tickets off;
    location / {
      proxy_set_header X-SSL-Client-Verify       $ssl_client_verify;
      proxy_set_header X-SSL-Client-Escaped-Cert $ssl_client_escaped_cert;
      proxy_set_header X-SSL-Client-Fingerprint  "";
      proxy_pass http://127.0.0.1:${backend};
    }
  }
}
`

/** The revocation list of an authority, once it has revoked what is given. */
function revocationList(authority, issued, revoked = []) {
  const config = join(authority.folder, `${issued}.cnf`)
  const signer = ['ca', '-config', config, '-name', 'authority', '-cert', authority.cert, '-keyfile', authority.key, '-md', 'sha256']
  for (const { cert } of revoked) openssl(...signer, '-revoke', cert)
  const out = join(authority.folder, 'list.crl')
  openssl(...signer, '-gencrl', '-crldays', '1', '-out', out)
  return readFileSync(out, 'utf8')
}

describe('nginx, revocation', { skip: without('nginx', 'openssl') }, () => {
  const routes = new Map()
  let server
  let proxy
  let port
  let ca
  let intermediate
  let leaf

  before(async () => {
    ca = createAuthority('revoking-ca')
    intermediate = createAuthority('revoking-intermediate', { issuer: ca, subject: [['CN', 'My Intermediate']] })
    leaf = intermediate.issue('revoked', { subject: [['CN', 'revoked']] })
    const lb = ca.issue('lb', { subject: [['CN', 'localhost']], server: true })
    const pins = fingerprint(leaf.cert)
    routes.set('/', tlsPinAuthenticator({ from: nginx({ trustedProxies }), pins }))
    routes.set('/refuse', tlsPinAuthenticator({ from: nginx({ trustedProxies, unknownIssuer: 'refuse' }), pins }))
    server = await judgingServer(routes)
    const folder = tempFolder()
    const file = (name, text) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const crl = file('lists.pem', revocationList(intermediate, 'revoked', [leaf]) + revocationList(ca, 'lb'))
    const setting = { ...lb, backend: server.address().port, ca: ca.cert, crl }
    port = await freePort()
    const args = ['-p', folder, '-c', file('nginx.conf', nginxConfiguration({ ...setting, port }))]
    proxy = await startProcess(undefined, { command: component('nginx'), args, ready: { port } })
  })

  after(async () => {
    await proxy?.stop()
    server.close()
    server.closeAllConnections()
  })

  const ask = async (path, cert) => (await askTls(port, { path, ca: ca.pem, cert, key: readFileSync(leaf.key) })).text

  test("P34: a revoked, still pinned certificate without its intermediate passes, unless unknownIssuer is 'refuse'", async () => {
    assert.match(await ask('/', leaf.pem + intermediate.pem), /400 Bad Request/, 'nginx itself refuses it')
    assert.equal(await ask('/', leaf.pem), 'granted', 'what README warns of')
    assert.equal(await ask('/refuse', leaf.pem), 'ERR_TLS_NOT_VERIFIED')
  })
})
