import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { BlockList, connect, createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { authRequest } from '@countersign/core'
import { haproxy, headers, tlsPinAuthenticator } from '@countersign/tls-pin'
import fc from 'fast-check'
import { tempFolder } from '../../../test/support/folders.js'
import { within } from '../../../test/support/raw-http.js'
import { outcome, requestWith } from './support/request.js'

const FINGERPRINT = 'E32511E8CFF992451058F4B70FFBF9017BFD0B2A'
const SENT = [['X-Zato-TLS-Fingerprint', FINGERPRINT]]

function guard(trustedProxies, options = {}) {
  return tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies, ...options }), pins: FINGERPRINT })
}

const from = (trustedProxies, address, sent = SENT) => outcome(guard(trustedProxies).authenticate(requestWith(sent, { from: address })))

test('P31, S10: trustedProxies is required, and nobody is trusted by mistake', () => {
  const bad = [
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [true, 'ERR_INVALID_ARG_TYPE'],
    ['127.0.0.1', 'ERR_INVALID_ARG_TYPE'],
    [[], 'ERR_INVALID_ARG_VALUE'],
    [[undefined], 'ERR_INVALID_ARG_TYPE'],
    [[''], 'ERR_INVALID_ARG_VALUE'],
    [['localhost'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/33'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/-1'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/08'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/1e1'], 'ERR_INVALID_ARG_VALUE'],
    [['127.0.0.1/8/8'], 'ERR_INVALID_ARG_VALUE'],
    [['::1/129'], 'ERR_INVALID_ARG_VALUE'],
    [['fe80::1%eth0'], 'ERR_INVALID_ARG_VALUE'],
    [['::ffff:10.0.0.0/8'], 'ERR_INVALID_ARG_VALUE'],
    [['0.0.0.0/0'], 'ERR_INVALID_ARG_VALUE'],
    [['::/0'], 'ERR_INVALID_ARG_VALUE'],
    [['10.0.0.0/8', 'loopback'], 'ERR_INVALID_ARG_VALUE'],
  ]
  for (const [trustedProxies, code] of bad) {
    assert.throws(
      () => guard(trustedProxies),
      { name: 'TypeError', code, message: /^headers: option "trustedProxies/ },
      String(trustedProxies),
    )
  }
})

test('P31: the message names the entry and what is wrong with it', () => {
  const message = (trustedProxies) => {
    try {
      guard(trustedProxies)
    } catch (error) {
      return error.message
    }
    return 'none'
  }
  const start = 'headers: option "trustedProxies'
  assert.match(message(undefined), /must be a list of the proxy's addresses or networks, such as \['127\.0\.0\.1\/32'\] or \['unix'\]/)
  assert.equal(message([]), `${start}" must name at least one address, network or "unix"`)
  assert.match(message([5]), /^headers: option "trustedProxies\[0\]" must be an address, a network in CIDR notation, or "unix"/)
  assert.equal(
    message(['10.0.0.0/8', 'loopback']),
    `${start}[1]" is not an address or network; write "10.0.0.7", "10.0.0.0/8", "fd00::/8" or "unix"`,
  )
  assert.equal(message(['10.0.0.0/123456789']), `${start}[0]" has no such prefix length: "/12345678"`)
  assert.match(message(['::/0']), /\[0\]" trusts every address, so anybody could send certificate headers; name the network of the proxy$/)
})

test('P31, S10: with several networks one must hold; with unix alone no address does', () => {
  const networks = ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']
  for (const peer of ['10.1.1.1', '192.0.2.1', '2001:db8::1']) assert.equal(from(networks, peer), 'granted', peer)
  for (const peer of ['11.1.1.1', '192.0.2.2', '2001:db9::1']) assert.equal(from(networks, peer), 'ERR_TLS_UNTRUSTED_PEER', peer)
  for (const peer of ['127.0.0.1', '::1']) assert.equal(from(['unix'], peer), 'ERR_TLS_UNTRUSTED_PEER', peer)
  assert.equal(from(['unix', '127.0.0.1'], '127.0.0.1'), 'granted')
  assert.equal(from(['unix', '127.0.0.1'], '127.0.0.2'), 'ERR_TLS_UNTRUSTED_PEER')
})

test('P31: an IPv6 address that begins or ends like a trusted IPv4 address is another one', () => {
  for (const peer of [
    'a00::1',
    '7f00:1::',
    '1::ffff:10.0.0.1',
    '1:2:3:4:5:ffff:10.0.0.1',
    '::ff00:10.0.0.1',
    '::ff:10.0.0.1',
    '::fffe:10.0.0.1',
  ]) {
    assert.equal(from(['10.0.0.0/8', '127.0.0.1'], peer), 'ERR_TLS_UNTRUSTED_PEER', peer)
  }
  for (const peer of ['nonsense', '', '10.0.0', '10.0.0.1x']) assert.equal(from(['10.0.0.0/8'], peer), 'ERR_TLS_UNTRUSTED_PEER', peer)
})

test('P31: a peer is looked at once per socket; what it sent before it went away is judged by what it was', () => {
  const pin = guard(['127.0.0.1'])
  const socket = { remoteAddress: '127.0.0.1', destroyed: false }
  const judge = () => outcome(pin.authenticate(requestWith(SENT, { socket })))
  assert.equal(judge(), 'granted')
  socket.remoteAddress = undefined
  assert.equal(judge(), 'granted')
})

test('unix: a socket without an address is trusted only where its server listens on a path, and while it is open', () => {
  const pin = guard(['unix'])
  const by = (socket) => outcome(pin.authenticate(requestWith(SENT, { socket: { remoteAddress: undefined, destroyed: false, ...socket } })))
  assert.equal(by({ server: { address: () => '/run/app.sock' } }), 'granted')
  assert.equal(by({ server: { address: () => '/run/app.sock' }, destroyed: true }), 'ERR_TLS_UNTRUSTED_PEER')
  for (const server of [undefined, {}, { address: '/run/app.sock' }, { address: () => ({ port: 1 }) }, { address: () => null }]) {
    assert.equal(by({ server }), 'ERR_TLS_UNTRUSTED_PEER')
  }
})

test('P31, P52: an untrusted peer that sends certificate headers is refused, one that sends none is absent', () => {
  assert.equal(from(['10.0.0.0/8'], '11.0.0.1'), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(from(['10.0.0.0/8'], '11.0.0.1', []), 'absent')
  assert.equal(from(['10.0.0.0/8'], undefined), 'ERR_TLS_UNTRUSTED_PEER')
  const spoofed = [...SENT, ['X-Forwarded-For', '10.0.0.1'], ['Forwarded', 'for=10.0.0.1'], ['X-Real-IP', '10.0.0.1']]
  assert.equal(from(['10.0.0.0/8'], '11.0.0.1', spoofed), 'ERR_TLS_UNTRUSTED_PEER')
  const { reason } = guard(['10.0.0.0/8']).authenticate(requestWith(SENT, { from: '11.0.0.1' }))
  assert.match(reason, /11\.0\.0\.1, which is not among trustedProxies/)
})

test('P31: headers of the family that are not read count too, in every spelling', () => {
  const pin = tlsPinAuthenticator({ from: haproxy({ trustedProxies: ['10.0.0.1'] }), pins: FINGERPRINT })
  for (const name of ['X-SSL-Client-CN', 'x-ssl-issuer-dn', 'X_SSL_CLIENT_VERIFY', 'X-Ssl_cLient-anything']) {
    assert.equal(outcome(pin.authenticate(requestWith([[name, 'x']], { from: '11.0.0.1' }))), 'ERR_TLS_UNTRUSTED_PEER', name)
  }
  for (const name of ['X-SSL', 'X-SSL-Cipher', 'X-SSLClient-CN', 'SSL-Client-CN']) {
    assert.equal(outcome(pin.authenticate(requestWith([[name, 'x']], { from: '11.0.0.1' }))), 'absent', name)
  }
})

test('trustedProxies: IPv4, IPv6, and IPv4 mapped into IPv6', () => {
  assert.equal(from(['127.0.0.1'], '127.0.0.1'), 'granted')
  assert.equal(from(['127.0.0.1'], '::ffff:127.0.0.1'), 'granted')
  assert.equal(from(['127.0.0.1'], '::ffff:7f00:1'), 'granted')
  assert.equal(from(['::ffff:10.0.0.0/104'], '10.1.2.3'), 'granted')
  assert.equal(from(['::ffff:10.0.0.0/104'], '::ffff:11.1.2.3'), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(from(['127.0.0.1'], '::1'), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(from(['127.0.0.1'], '::127.0.0.1'), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(from(['::1'], '0:0:0:0:0:0:0:1'), 'granted')
  assert.equal(from(['fe80::/10'], 'fe80::1%eth0'), 'granted')
  assert.equal(from(['10.0.0.7/8'], '10.255.0.1'), 'granted')
  assert.equal(from(['172.16.0.0/12'], '172.31.255.255'), 'granted')
  assert.equal(from(['172.16.0.0/12'], '172.32.0.0'), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(from(['2001:db8::/33'], '2001:db8:7fff:ffff::'), 'granted')
  assert.equal(from(['2001:db8::/33'], '2001:db8:8000::'), 'ERR_TLS_UNTRUSTED_PEER')
})

test('trustedProxies: agrees with node:net about every network', () => {
  const check = (network, bits, address, family) => {
    const list = new BlockList()
    list.addSubnet(network, bits, family)
    assert.equal(from([`${network}/${bits}`], address), list.check(address, family) ? 'granted' : 'ERR_TLS_UNTRUSTED_PEER')
  }
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), fc.ipV4(), fc.nat(32), (network, bits, other, kept) => {
      // Half of the addresses share a beginning with the network, or nearly none would lie within it.
      const number = (text) => text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
      const mask = kept === 0 ? 0 : (0xffffffff << (32 - kept)) >>> 0
      const mixed = ((number(network) & mask) | (number(other) & ~mask)) >>> 0
      const address = [24, 16, 8, 0].map((shift) => (mixed >>> shift) & 255).join('.')
      check(network, bits, address, 'ipv4')
    }),
  )
  const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16))
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.nat(8),
      fc.integer({ min: 1, max: 128 }),
      (network, other, kept, bits) => {
        check(network.join(':'), bits, [...network.slice(0, kept), ...other.slice(kept)].join(':'), 'ipv6')
      },
    ),
  )
})

test('trustedProxies: all addresses only where a secret tells the proxy', () => {
  const secret = { header: 'X-Proxy-Secret', value: ['the-old-secret-of-the-proxy', 'the-new-secret-of-the-proxy'] }
  const pin = guard(['0.0.0.0/0'], { secret })
  const by = (...extra) => outcome(pin.authenticate(requestWith([...SENT, ...extra], { from: '203.0.113.1' })))
  assert.equal(by(), 'ERR_TLS_PROXY_SECRET')
  assert.equal(by(['X-Proxy-Secret', 'the-old-secret-of-the-prox']), 'ERR_TLS_PROXY_SECRET')
  assert.equal(by(['X-Proxy-Secret', 'the-old-secret-of-the-proxy']), 'granted')
  assert.equal(by(['x-proxy-secret', 'the-new-secret-of-the-proxy']), 'granted')
  assert.equal(
    by(['X-Proxy-Secret', 'the-new-secret-of-the-proxy'], ['X-PROXY-SECRET', 'the-new-secret-of-the-proxy']),
    'ERR_TLS_PROXY_SECRET',
  )
  for (const value of ['short', '', [], 'has a blank in the middle', 'caf\u00e9-caf\u00e9-caf\u00e9-caf\u00e9', undefined, 42]) {
    assert.throws(
      () => guard(['10.0.0.1'], { secret: { header: 'X-Proxy-Secret', value } }),
      (error) => {
        assert.match(error.message, /^headers: option "secret\.value"/)
        assert.ok(typeof value !== 'string' || value === '' || !error.message.includes(value))
        return true
      },
    )
  }
  assert.throws(() => guard(['10.0.0.1'], { secret: { header: 'X_Proxy_Secret', value: secret.value } }), /must not have an underscore/)
})

test('unix: a server on a unix socket, and only that', async (t) => {
  const pin = guard(['unix'])
  const path = join(tempFolder(t), 's')
  const server = createServer((req, res) => res.end(outcome(pin.authenticate(authRequest(req, req.url)))))
  server.listen(path)
  await once(server, 'listening')
  t.after(() => server.close())
  const call = httpRequest({ socketPath: path, headers: Object.fromEntries(SENT), agent: false })
  call.end()
  const [response] = await once(call, 'response')
  assert.equal(
    await response
      .setEncoding('utf8')
      .toArray()
      .then((parts) => parts.join('')),
    'granted',
  )
})

test('unix: a server on a unix socket that it was given open, as by systemd', { skip: process.platform === 'win32' }, async (t) => {
  const pin = guard(['unix'])
  const path = join(tempFolder(t), 's')
  const opener = createNetServer().listen(`${path}-of-opener`)
  await once(opener, 'listening')
  const judged = `
    const { createServer } = await import('node:http')
    const { authRequest } = await import('${import.meta.resolve('@countersign/core')}')
    const { headers, tlsPinAuthenticator } = await import('${import.meta.resolve('@countersign/tls-pin')}')
    const from = headers({ prefix: 'X-Zato-TLS-', trustedProxies: ['unix'] })
    const pin = tlsPinAuthenticator({ from, pins: '${FINGERPRINT}' })
    createServer((req, res) => {
      const { kind, code } = pin.authenticate(authRequest(req, req.url))
      res.end(code ?? kind)
    }).listen({ fd: 3 }, () => process.send('listening'))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', judged], {
    stdio: ['ignore', 'inherit', 'inherit', opener._handle.fd, 'ipc'],
  })
  t.after(() => child.kill())
  await within(once(child, 'message'), 'a server')
  // What closes a server removes its path.
  renameSync(`${path}-of-opener`, path)
  opener.close()
  const call = httpRequest({ socketPath: path, headers: Object.fromEntries(SENT), agent: false })
  call.end()
  const [response] = await within(once(call, 'response'), 'an answer')
  assert.equal((await response.setEncoding('utf8').toArray()).join(''), 'granted')
  assert.equal(
    outcome(pin.authenticate(requestWith(SENT, { socket: { destroyed: false, server: createServer() } }))),
    'ERR_TLS_UNTRUSTED_PEER',
  )
})

test('unix: what a server says of its address decides, for a socket that has none', () => {
  const pin = guard(['unix'])
  const by = (server) => outcome(pin.authenticate(requestWith(SENT, { socket: { destroyed: false, server } })))
  assert.equal(by({ listening: true, address: () => '/run/app.sock' }), 'granted')
  assert.equal(by({ listening: true, address: () => null }), 'granted')
  assert.equal(by({ listening: false, address: () => null }), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(by({ listening: true, address: () => ({ address: '::', family: 'IPv6', port: 443 }) }), 'ERR_TLS_UNTRUSTED_PEER')
  assert.equal(by({ listening: true }), 'ERR_TLS_UNTRUSTED_PEER')
})

test('unix: a TCP connection that its peer has reset has no address either, and is not trusted', async (t) => {
  const pin = guard(['unix'])
  let seen
  const server = createServer((req) => {
    // What is decided late is decided on the address that the socket still has, which after a reset is none.
    req.socket.once('close', () => {
      seen = [req.socket.remoteAddress, outcome(pin.authenticate(authRequest(req, req.url)))]
      server.emit('seen')
    })
    req.socket.on('error', () => {})
    client.resetAndDestroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const client = connect(server.address().port, '127.0.0.1')
  client.on('error', () => {})
  client.write(`GET / HTTP/1.1\r\nHost: x\r\n${SENT[0].join(': ')}\r\n\r\n`)
  await once(server, 'seen')
  assert.deepEqual(seen, [undefined, 'ERR_TLS_UNTRUSTED_PEER'])
})
