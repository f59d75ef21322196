/** ntlm of axios-auth against Apache httpd with mod_auth_gssapi and gss-ntlmssp. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { ntlm } from '@countersign/axios-auth/ntlm'
import axios from 'axios'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { pki } from '../support/pki.js'
import { freePort, startProcess, waitFor } from '../support/processes.js'

const ROOT = '/usr/lib/apache2'
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_gssapi', 'ssl', 'dir', 'mime']
const ALICE = { username: 'EXAMPLE\\alice', password: 'P@ssw0rd' }
const BOB = { username: 'bob', domain: 'EXAMPLE', password: 'p\u00e4ssw\u00f6rd \u20ac' }
const skip =
  without('apache2', 'mod_auth_gssapi', 'gss-ntlmssp', 'openssl') ||
  (existsSync(`${ROOT}/modules/mod_ssl.so`) ? false : 'mod_ssl is not installed (apt-get install apache2)')

// Apache that is started by root runs as another user, who has to read what root wrote.
const asRoot = process.getuid?.() === 0

function configuration({ folder, port, tlsPort }) {
  const { server } = pki()
  return `
ServerRoot ${ROOT}
ServerName localhost
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
Mutex posixsem
${asRoot ? 'User www-data\nGroup www-data' : ''}
ErrorLog ${folder}/error.log
LogFormat "%{remote}p %u %>s %r" short
CustomLog ${folder}/access.log short
Listen 127.0.0.1:${port}
Listen 127.0.0.1:${tlsPort}
${MODULES.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
SSLSessionCache none
DocumentRoot ${folder}/www
DirectoryIndex index.html
KeepAlive On
KeepAliveTimeout 15
MaxKeepAliveRequests 1000
# With fewer threads than connections the event MPM closes idle ones, also between the messages of a handshake.
StartServers 1
ServerLimit 1
ThreadLimit 160
ThreadsPerChild 160
MaxRequestWorkers 160
MinSpareThreads 100
MaxSpareThreads 160
<Location /ntlm>
  AuthType GSSAPI
  AuthName "Example NTLM"
  GssapiAllowedMech ntlmssp
  GssapiConnectionBound On
  Require valid-user
</Location>
<VirtualHost 127.0.0.1:${tlsPort}>
  SSLEngine on
  SSLCertificateFile ${server.cert}
  SSLCertificateKeyFile ${server.key}
</VirtualHost>
`
}

describe('Apache httpd with mod_auth_gssapi and gss-ntlmssp', { skip }, () => {
  let apache
  let folder
  let port
  let tlsPort
  let logged

  before(async () => {
    folder = tempFolder()
    port = await freePort()
    tlsPort = await freePort()
    mkdirSync(join(folder, 'www', 'ntlm'), { recursive: true })
    writeFileSync(join(folder, 'www', 'ntlm', 'index.html'), 'let in')
    writeFileSync(join(folder, 'users'), `EXAMPLE:alice:${ALICE.password}\nEXAMPLE:bob:${BOB.password}\n`)
    writeFileSync(join(folder, 'apache.conf'), configuration({ folder, port, tlsPort }))
    if (asRoot) chmodSync(folder, 0o755)
    apache = await startProcess(undefined, {
      command: component('apache2'),
      args: ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'],
      env: { NTLM_USER_FILE: join(folder, 'users'), NETBIOS_DOMAIN_NAME: 'EXAMPLE' },
      ready: { port },
    })
  })

  after(() => apache?.stop())

  const lines = () => {
    const path = join(folder, 'access.log')
    if (!existsSync(path)) return []
    // Probes of the port are logged with 408 and no request line.
    const read = readFileSync(path, 'utf8').trim().split('\n')
    return read.filter((line) => line.includes(' HTTP/1.1')).map((line) => line.split(' '))
  }

  beforeEach(() => {
    logged = lines().length
  })

  /** The requests that Apache has logged since the test began, once there are as many as that. */
  async function requests(count) {
    await waitFor(`${count} logged requests`, () => lines().length - logged >= count)
    const since = lines().slice(logged)
    assert.equal(since.length, count)
    return since.map(([remote, user, status]) => ({ remote, user: user.replaceAll('\\\\', '\\'), status: Number(status) }))
  }

  function client(t, user, options = {}, config = {}) {
    const api = axios.create({ baseURL: `http://127.0.0.1:${port}`, ...config })
    const interceptor = ntlm({ ...user, ...options })
    api.interceptors.request.use(interceptor)
    t.after(() => interceptor.dispose())
    return api
  }

  test('P47: a wrong password is one handshake and its one 401', async (t) => {
    const api = client(t, { ...ALICE, password: 'wrong' })
    await assert.rejects(api.get('/ntlm/'), (error) => error.response?.status === 401)
    assert.deepEqual(
      (await requests(2)).map(({ status }) => status),
      [401, 401],
    )
  })

  test('P47: an unknown user, and an unknown domain', async (t) => {
    for (const user of [
      { username: 'EXAMPLE\\mallory', password: 'P@ssw0rd' },
      { username: 'OTHER\\alice', password: 'P@ssw0rd' },
    ]) {
      await assert.rejects(client(t, user).get('/ntlm/'), (error) => error.response?.status === 401)
    }
    await requests(4)
  })

  for (const maxConnections of [1, 5, undefined]) {
    test(`P47: 50 of 50 in parallel on ${maxConnections ?? 'any number of'} connections, then one request per call`, async (t) => {
      const api = client(t, ALICE, maxConnections === undefined ? {} : { maxConnections })
      const all = () => Promise.all(Array.from({ length: 50 }, () => api.get('/ntlm/')))
      assert.ok((await all()).every(({ data }) => data === 'let in'))
      const count = maxConnections ?? 50
      const cold = await requests(50 + count)
      assert.equal(cold.filter(({ status }) => status === 401).length, count)
      assert.equal(new Set(cold.map(({ remote }) => remote)).size, count)
      logged = lines().length
      assert.ok((await all()).every(({ data }) => data === 'let in'))
      const warm = await requests(50)
      assert.ok(warm.every(({ status, user }) => status === 200 && user === 'EXAMPLE\\alice'))
    })
  }

  test('P47: two users over one agent of the caller: no connection carries both', async (t) => {
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 4 })
    t.after(() => httpAgent.destroy())
    const alice = client(t, ALICE, { maxConnections: 2 }, { httpAgent })
    const bob = client(t, BOB, { maxConnections: 2 }, { httpAgent })
    const answers = await Promise.all(Array.from({ length: 20 }, () => [alice.get('/ntlm/'), bob.get('/ntlm/')]).flat())
    assert.ok(answers.every(({ status }) => status === 200))
    const users = new Map()
    for (const { remote, user, status } of await requests(44)) {
      if (status === 200) users.set(remote, (users.get(remote) ?? new Set()).add(user))
    }
    assert.deepEqual([...users.values()].map((names) => [...names].join()).sort(), [
      'EXAMPLE\\alice',
      'EXAMPLE\\alice',
      'EXAMPLE\\bob',
      'EXAMPLE\\bob',
    ])
  })

  test('over https, with the CA of the agent', async (t) => {
    const httpsAgent = new https.Agent({ ca: pki().ca.pem })
    const api = client(t, ALICE, {}, { baseURL: `https://127.0.0.1:${tlsPort}`, httpsAgent })
    for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/ntlm/')).data, 'let in')
    assert.deepEqual(
      (await requests(4)).map(({ status }) => status),
      [401, 200, 200, 200],
    )
  })

  test('HEAD, responses as streams, and a body', async (t) => {
    const api = client(t, ALICE)
    assert.equal((await api.head('/ntlm/')).status, 200)
    const { data } = await api.get('/ntlm/', { responseType: 'stream' })
    assert.equal(Buffer.concat(await data.toArray()).toString(), 'let in')
    assert.equal((await api.post('/ntlm/', Buffer.alloc(100_000), { validateStatus: () => true })).status, 200)
  })
})
