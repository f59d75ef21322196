import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { scheme } from '@countersign/schemes'
import { authRequest, hexOf, outcome, secret } from './requests.js'

const byPath = scheme({ name: 'by-path', signature: { header: 'x-s' }, message: '{method}\n{path}\n{query}\n{body}' })
const authenticator = hmacAuthenticator({ scheme: byPath, secret })

/** The outcome of a request to a target whose sender signed the path `/orders`. */
function to(target) {
  return outcome(authenticator, authRequest({ target, headers: { 'x-s': hexOf('POST\n/orders\n\n{}') }, body: '{}' }))
}

test('S21: of the absolute form the path is what a router takes for it', async () => {
  for (const target of ['/orders', 'http://h/orders', 'HTTP://h:80/orders', 'https://a.example/orders', 'http://[::1]:8080/orders']) {
    assert.equal(await to(target), 'granted by-path', target)
  }
})

// Express and Koa take ";x/orders", "%61dmin/orders", "%27x/orders" and "//h/orders" for the path of the first four.
test('S21: a target of which a router makes another path is refused', async () => {
  const others = ['http://h;x/orders', 'http://h%61dmin/orders', "http://h'x/orders", 'javascript://h/orders']
  const odd = [
    'foo://h/orders',
    'http:///orders',
    'http://u@h/orders',
    'http://h\\x/orders',
    '/orders#x',
    '/orders?#y',
    '/orders ',
    'orders',
    '*x',
    'h:443',
  ]
  for (const target of [...others, ...odd]) assert.equal(await to(target), 'ERR_HMAC_MALFORMED', target)
  assert.equal(await to('*'), 'ERR_HMAC_MISMATCH')
  assert.equal(await to('http://h'), 'ERR_HMAC_MISMATCH')
})

test('S21: an absolute form without a path has the path "/"', async () => {
  for (const [target, path, query] of [
    ['http://h', '/', ''],
    ['http://h?x=1', '/', 'x=1'],
    ['http://h/', '/', ''],
    ['http://h/?x', '/', 'x'],
  ])
    assert.equal(
      await outcome(authenticator, authRequest({ target, headers: { 'x-s': hexOf(`POST\n${path}\n${query}\n{}`) }, body: '{}' })),
      'granted by-path',
      target,
    )
})
