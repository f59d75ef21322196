/** session and basic of axios-auth against transmission-daemon: 409 with the id in a header, under Basic. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { basic } from '@countersign/axios-auth/basic'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { component, without } from '../support/components.js'
import { tempFolder } from '../support/folders.js'
import { freePort, startProcess } from '../support/processes.js'

const CREDENTIALS = { username: 'api', password: 's3cret:p\u00e4ss' }
const REFRESH = { header: 'X-Transmission-Session-Id' }

function settings(folder, port, peerPort) {
  return {
    'rpc-enabled': true,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': port,
    'rpc-authentication-required': true,
    'rpc-username': CREDENTIALS.username,
    'rpc-password': CREDENTIALS.password,
    'rpc-whitelist': '127.0.0.1',
    'rpc-host-whitelist-enabled': false,
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'peer-port': peerPort,
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'download-dir': folder,
  }
}

describe('transmission-daemon', { skip: without('transmission-daemon') }, () => {
  let port
  let daemon
  const start = async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings(folder, port, await freePort())))
    return startProcess(undefined, { command: component('transmission-daemon'), args: ['-f', '-g', folder], ready: { port } })
  }

  before(async () => {
    port = await freePort()
    daemon = await start()
  })
  after(() => daemon?.stop())

  /** An instance, and the statuses of all its attempts. */
  function client(adapter, { credentials = CREDENTIALS, order = ['session', 'basic'] } = {}) {
    const attempts = []
    const guards = { session: session({ refresh: REFRESH, trace: (entry) => attempts.push(entry.status) }), basic: basic(credentials) }
    const api = axios.create({ baseURL: `http://127.0.0.1:${port}`, adapter })
    for (const name of order) api.interceptors.request.use(guards[name])
    const call = async (method) => (await api.post('/transmission/rpc', { method })).data
    return { call, attempts }
  }

  for (const adapter of ['http', 'fetch']) {
    for (const order of [
      ['session', 'basic'],
      ['basic', 'session'],
    ]) {
      test(`P49: ${adapter}, ${order.join(' then ')}: one call more for the id, none afterwards`, async () => {
        const { call, attempts } = client(adapter, { order })
        const answer = await call('session-get')
        assert.equal(answer.result, 'success')
        assert.match(answer.arguments.version, /^\d\.\d/)
        assert.deepEqual(attempts, [409, 200])
        await call('session-stats')
        assert.deepEqual(attempts, [409, 200, 200])
        const all = await Promise.all(Array.from({ length: 10 }, () => call('session-stats')))
        assert.ok(all.every(({ result }) => result === 'success'))
        assert.equal(attempts.length, 13)
      })
    }
  }

  test('a wrong password is 401, once, and not taken for a session that is over', async () => {
    const { call, attempts } = client('http', { credentials: { ...CREDENTIALS, password: 'wrong password' } })
    await assert.rejects(call('session-get'), (error) => error.response.status === 401)
    assert.deepEqual(attempts, [401])
  })

  test('after a restart the id is another one: one call more', async () => {
    const { call, attempts } = client('http')
    await call('session-get')
    await daemon.stop()
    daemon = await start()
    assert.equal((await call('session-get')).result, 'success')
    assert.deepEqual(attempts, [409, 200, 409, 200])
  })
})
