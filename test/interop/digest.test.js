/** digest against Apache httpd, and the Digest server of the tests against curl, so that it is more than our own word. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { digest } from '@countersign/axios-auth/digest'
import axios from 'axios'
import { digestServer } from '../../packages/axios-auth/test/digest-server.js'
import { apacheBasics, withoutApache } from '../support/apache.js'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { freePort, startProcess } from '../support/processes.js'

const MODULES = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_digest', 'dir', 'mime', 'headers']
const skip = withoutApache('auth_digest')

const REALM = 'Example Digest \u00e9'
const users = { reports: 'Circle of Life', 'J\u00e4s\u00f8n "x"': 'p"\\w \u20ac' }

function configuration(folder, port) {
  return `${apacheBasics({ folder, ports: [port], modules: MODULES })}TypesConfig /dev/null
DocumentRoot ${folder}/www
KeepAlive On
MaxKeepAliveRequests 1000
<Directory ${folder}/www>
  Require all granted
</Directory>
<Location /digest>
  AuthType Digest
  AuthName "${REALM}"
  AuthDigestDomain /digest/
  AuthDigestProvider file
  AuthDigestAlgorithm MD5
  AuthDigestNonceLifetime 5
  AuthUserFile ${folder}/htdigest
  Require valid-user
  Header always set X-Remote-User "expr=%{REMOTE_USER}"
</Location>
`
}

describe('Apache httpd', { skip }, () => {
  const folder = tempFolder()
  let port
  let apache

  const start = async () => {
    apache = await startProcess(undefined, {
      command: component('apache2'),
      args: ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'],
      ready: { port },
    })
  }

  before(async () => {
    port = await freePort()
    mkdirSync(join(folder, 'www', 'digest'), { recursive: true })
    for (const name of ['a.txt', 'b c.txt']) writeFileSync(join(folder, 'www', 'digest', name), 'in\n')
    writeFileSync(join(folder, 'www', 'out.txt'), 'out\n')
    const lines = Object.entries(users).map(([name, password]) => `${name}:${REALM}:${md5(`${name}:${REALM}:${password}`)}\n`)
    writeFileSync(join(folder, 'htdigest'), lines.join(''))
    writeFileSync(join(folder, 'apache.conf'), configuration(folder, port))
    for (const path of ['', 'www', 'www/digest']) chmodSync(join(folder, path), 0o755)
    await start()
  })

  after(() => apache?.stop())

  function client(options = {}, config = {}) {
    const entries = []
    const signed = []
    const trace = ({ status, headers }) => {
      entries.push(status)
      signed.push(headers.includes('Authorization'))
    }
    const api = axios.create({ baseURL: `http://127.0.0.1:${port}`, ...config })
    api.interceptors.request.use(digest({ username: 'reports', password: users.reports, allowMd5: true, trace, ...options }))
    return { api, entries, signed }
  }

  for (const adapter of ['http', 'fetch']) {
    test(`P48: MD5 with qop=auth, signed at once after the first, and the server proves itself (${adapter})`, async () => {
      const { api, entries } = client({ verifyServer: true }, { adapter })
      for (const path of ['/digest/a.txt?q=1&r=%22', '/digest/b c.txt', '/digest/a.txt']) {
        const { data, headers } = await api.get(path)
        assert.equal(data, 'in\n')
        assert.equal(headers['x-remote-user'], 'reports')
        assert.match(headers['authentication-info'], /rspauth=.*nextnonce=|nextnonce=.*rspauth=/)
      }
      assert.deepEqual(entries, [401, 200, 200, 200])
    })

    test(`P48: 50 of 50 at once, then one round trip each (${adapter})`, async () => {
      const { api, entries } = client({}, { adapter })
      const round = () => Promise.all(Array.from({ length: 50 }, (_, i) => api.get('/digest/a.txt', { params: { i } })))
      await round()
      const before = entries.length
      assert.ok((await round()).every(({ status }) => status === 200))
      assert.equal(entries.length - before, 50)
    })
  }

  test('P48: a wrong password costs two requests', async () => {
    const { api, entries } = client({ password: 'wrong' })
    await assert.rejects(api.get('/digest/a.txt'), ({ response }) => response.status === 401)
    assert.deepEqual(entries, [401, 401])
  })

  test('P48: a nonce that Apache calls stale is replaced once', async () => {
    const { api, entries } = client()
    await api.get('/digest/a.txt')
    // Its nonces are made with a key that it throws away when it ends.
    await apache.stop()
    await start()
    await api.get('/digest/a.txt')
    await api.get('/digest/a.txt')
    assert.deepEqual(entries, [401, 200, 401, 200, 200])
  })

  test('P48: MD5 is refused unless it is asked for; outside of the domain nothing is sent', async () => {
    await assert.rejects(client({ allowMd5: false }).api.get('/digest/a.txt'), { code: 'ERR_AXIOS_DIGEST_UNSUPPORTED' })
    const { api, entries, signed } = client()
    await api.get('/digest/a.txt')
    assert.equal((await api.get('/out.txt')).data, 'out\n')
    assert.deepEqual(entries, [401, 200, 200])
    assert.deepEqual(signed, [false, true, false])
  })

  test('a name with quotes and beyond ASCII', async () => {
    const [, username] = Object.keys(users)
    const { api } = client({ username, password: users[username] })
    assert.equal((await api.get('/digest/a.txt')).status, 200)
  })
})

describe('curl agrees with the server of the tests', { skip: without('curl') }, () => {
  const cases = [
    {},
    { algorithms: ['SHA-256-sess'] },
    { algorithms: ['MD5'] },
    { algorithms: ['MD5-sess'] },
    { algorithms: ['MD5'], qop: null },
    { algorithms: ['SHA-256'], userhash: true },
    { algorithms: ['SHA-256'], uses: () => 1 },
    { algorithms: ['SHA-256'], qop: 'auth', next: true, proof: true },
  ]
  const curl = async (server, password) => {
    const args = [
      '-sS',
      '--digest',
      '-u',
      `Mufasa:${password}`,
      '-w',
      ' %{http_code}',
      '-d',
      'body',
      `${server.url}/a?b=c`,
      `${server.url}/d`,
    ]
    return (await promisify(execFile)(component('curl'), args)).stdout
  }

  for (const setup of cases) {
    test(JSON.stringify(setup), async (t) => {
      const server = await digestServer(t, setup)
      assert.equal(await curl(server, 'Circle of Life'), '{"user":"Mufasa"} 200{"user":"Mufasa"} 200')
      assert.equal(await curl(server, 'Circle of life'), 'no 401no 401')
    })
  }
})

function md5(text) {
  return createHash('md5').update(text).digest('hex')
}
