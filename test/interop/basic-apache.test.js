/** basic against Apache httpd: names and passwords of any text, alone and beside an API key, over both adapters. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { apiKey, basic } from '@countersign/axios-auth'
import axios from 'axios'
import { apacheBasics, withoutApache } from '../support/apache.js'
import { component } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { freePort, startProcess } from '../support/processes.js'

const MODULES = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_basic', 'dir', 'mime', 'headers']
const skip = withoutApache('auth_basic')

const USERS = { reports: 'Circle of Life', colons: 'a:b::', 'J\u00e4s\u00f8n': 'p"\\w \u20ac' }

function configuration(folder, port) {
  return `${apacheBasics({ folder, ports: [port], modules: MODULES })}TypesConfig /dev/null
DocumentRoot ${folder}/www
<Directory ${folder}/www>
  Require all granted
</Directory>
<Location /basic>
  AuthType Basic
  AuthName "Example"
  AuthBasicProvider file
  AuthUserFile ${folder}/htpasswd
  Require valid-user
  Header always set X-Remote-User "expr=%{base64:%{REMOTE_USER}}"
  Header always set X-Key "expr=%{HTTP:X-API-Key}"
</Location>
`
}

describe('Apache httpd', { skip }, () => {
  const folder = tempFolder()
  let port
  let apache

  before(async () => {
    port = await freePort()
    mkdirSync(join(folder, 'www', 'basic'), { recursive: true })
    writeFileSync(join(folder, 'www', 'basic', 'a.txt'), 'in\n')
    const lines = Object.entries(USERS).map(([name, password]) => `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`)
    writeFileSync(join(folder, 'htpasswd'), lines.join(''))
    writeFileSync(join(folder, 'apache.conf'), configuration(folder, port))
    for (const path of ['', 'www', 'www/basic']) chmodSync(join(folder, path), 0o755)
    const args = ['-f', join(folder, 'apache.conf'), '-DFOREGROUND']
    apache = await startProcess(undefined, { command: component('apache2'), args, ready: { port } })
  })

  after(() => apache.stop())

  for (const adapter of ['http', 'fetch']) {
    for (const [username, password] of Object.entries(USERS)) {
      test(`lets ${JSON.stringify(username)} in, beside an API key (${adapter})`, async () => {
        const api = axios.create({ baseURL: `http://127.0.0.1:${port}`, adapter })
        api.interceptors.request.use(apiKey({ key: 'an-example-key' }))
        api.interceptors.request.use(basic({ username, password }))
        const { data, headers } = await api.get('/basic/a.txt')
        assert.equal(data, 'in\n')
        assert.equal(Buffer.from(headers['x-remote-user'], 'base64').toString(), username)
        assert.equal(headers['x-key'], 'an-example-key')
      })
    }

    test(`refuses a wrong password, once (${adapter})`, async () => {
      const attempts = []
      const api = axios.create({ baseURL: `http://127.0.0.1:${port}`, adapter })
      api.interceptors.request.use(basic({ username: 'reports', password: 'wrong', trace: ({ status }) => attempts.push(status) }))
      await assert.rejects(api.get('/basic/a.txt'), (error) => error.response.status === 401)
      assert.deepEqual(attempts, [401])
    })
  }
})
