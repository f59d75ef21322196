import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createServer } from 'node:tls'
import { without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { createAuthority, fingerprint, spkiPin } from '../../../test/support/pki.js'
import { cli, cliJson, inProcess } from './support/cli.js'

const hex = (text) => text.replaceAll(':', '').toLowerCase()

describe('pin', { skip: without('openssl') }, () => {
  const authority = without('openssl') ? undefined : createAuthority('root')
  const leaf = authority?.issue('server', { subject: [['CN', 'server.test']], extensions: ['subjectAltName=DNS:server.test'] })

  async function serve(t, options) {
    const names = []
    const SNICallback = (name, done) => {
      names.push(name)
      done(null)
    }
    const server = createServer({ ...options, SNICallback }, (socket) => socket.on('error', () => {}))
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    return { port: server.address().port, names }
  }

  test('of what does not contain a certificate ends with 2, of what cannot be reached with 3', async (t) => {
    const folder = tempFolder(t)
    writeFileSync(join(folder, 'empty'), '')
    writeFileSync(join(folder, 'text'), 'hello')
    writeFileSync(join(folder, 'bad.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
    for (const name of ['empty', 'text', 'bad.pem']) assert.equal((await inProcess(['pin', join(folder, name)])).code, 2, name)
    assert.match((await inProcess(['pin', leaf.key])).stderr, /private key/)
    assert.equal((await inProcess(['pin', leaf.cert, '--expect', 'abc'])).code, 2)
    assert.equal((await inProcess(['pin', leaf.cert, '--servername', 'x'])).code, 2)
    assert.equal((await inProcess(['pin', 'a.test:99999'])).code, 2)
    assert.equal((await inProcess(['pin', join(folder, 'nothing')])).code, 3)
    const silent = createPlainServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address()
    const late = await inProcess(['pin', `127.0.0.1:${port}`, '--timeout', '50'])
    silent.close()
    assert.equal(late.code, 3)
    assert.match(late.stderr, /within 50 ms/)
    const plain = createPlainServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    assert.equal((await inProcess(['pin', `127.0.0.1:${plain.address().port}`])).code, 3)
    plain.close()
  })

  test('of a file are those that openssl states', async () => {
    const { json } = await cliJson(['pin', leaf.cert])
    const [one] = json.certificates
    assert.deepEqual(Object.keys(one), [
      'sha1',
      'sha256',
      'spki',
      'subject',
      'issuer',
      'names',
      'serial',
      'notBefore',
      'notAfter',
      'daysLeft',
    ])
    assert.equal(one.sha256, `sha256:${hex(fingerprint(leaf.cert))}`)
    assert.equal(one.sha1, `sha1:${hex(fingerprint(leaf.cert, 'sha1'))}`)
    assert.equal(one.spki, `sha256/${spkiPin(leaf.cert)}`)
    assert.equal(one.names, 'DNS:server.test')
    const text = await cli(['pin', '-'], { input: readFileSync(leaf.cert) })
    assert.ok(text.stdout.includes(one.sha256) && text.stdout.includes(one.spki) && text.stdout.includes('days left'))
    const der = await cliJson(['pin', '-'], { input: leaf.der })
    assert.equal(der.json.certificates[0].sha256, one.sha256)
  })

  test('of a server are those of what it sends, asked for by its name', async (t) => {
    const chain = `${readFileSync(leaf.cert, 'utf8')}${readFileSync(authority.cert, 'utf8')}`
    const { port, names } = await serve(t, { cert: chain, key: readFileSync(leaf.key) })
    const { code, json } = await cliJson(['pin', `127.0.0.1:${port}`, '--servername', 'server.test', '--chain'])
    assert.equal(code, 0)
    assert.deepEqual(names, ['server.test'])
    assert.deepEqual(
      json.certificates.map(({ sha256 }) => sha256),
      [leaf.cert, authority.cert].map((path) => `sha256:${hex(fingerprint(path))}`),
    )
    assert.equal(json.trusted, false)
    const spki = `sha256/${spkiPin(leaf.cert)}`
    assert.equal((await inProcess(['pin', `https://127.0.0.1:${port}`, '--expect', spki])).code, 0)
    const other = await inProcess(['pin', `127.0.0.1:${port}`, '--expect', `sha256/${spkiPin(authority.cert)}`])
    assert.equal(other.code, 1)
    assert.match(other.stdout, /the pin does not match/)
  })

  test('a file of several certificates shows the first, with --chain all', async (t) => {
    const path = join(tempFolder(t), 'chain.pem')
    writeFileSync(path, `${readFileSync(leaf.cert, 'utf8')}\n${readFileSync(authority.cert, 'utf8')}`)
    assert.equal((await cliJson(['pin', path])).json.certificates.length, 1)
    assert.equal((await cliJson(['pin', path, '--chain'])).json.certificates.length, 2)
  })
})
