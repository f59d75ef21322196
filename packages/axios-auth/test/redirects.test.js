import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { apiKey, carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios from 'axios'
import { ADAPTERS, counter, recorder } from './recorder.js'

const KEY = 'an api key of a test'

/** A server that redirects `/302/any/path` with 302 to `/any/path`, or to `location`. */
function redirecting(location) {
  return recorder((request, response) => {
    const [, status, rest] = /^\/(3\d\d)(.*)$/.exec(request.url) ?? []
    if (status === undefined) return response.end('{"ok":true}')
    response.writeHead(Number(status), { Location: location ?? (rest || '/') }).end('x'.repeat(50_000))
  })
}

function client(adapter, server) {
  const api = axios.create({ baseURL: server.origin, adapter })
  const count = counter()
  const step = {
    name: 'signer',
    stage: 'signature',
    apply: (request) => request.setHeader('X-Signature', `${count()} ${request.method} ${request.target}`),
  }
  api.interceptors.request.use(interceptor(step, carrierSettings(new OptionReader('signer', {}, carrierOptionNames))))
  api.interceptors.request.use(apiKey({ key: KEY }))
  return api
}

for (const adapter of ADAPTERS) {
  test(`S15 P42: ${adapter}: to another origin nothing is sent, and the error names it`, async () => {
    const stranger = await recorder()
    for (const location of [stranger.origin, `//127.0.0.1:${stranger.port}/x`, stranger.origin.replace('http', 'https')]) {
      const server = await redirecting(location)
      for (const status of [301, 302, 303, 307, 308]) {
        const call = client(adapter, server).post(`/${status}`, { secret: 'body' })
        await assert.rejects(call, {
          code: 'ERR_AXIOS_REDIRECT',
          message: new RegExp(`redirects to https?://127.0.0.1:${stranger.port}, where nothing`),
        })
      }
    }
    assert.equal(stranger.seen.length, 0)
  })

  test(`S15: ${adapter}: what is no http URL, or holds a user name, is not followed`, async () => {
    for (const [location, told] of [
      ['http://[', /something that is not a URL/],
      ['file:///etc/passwd', /not an http or https URL/],
      ['data:,x', /not an http or https URL/],
      ['http://u:p@127.0.0.1/', /a URL with a user name/],
    ]) {
      const server = await redirecting(location)
      await assert.rejects(client(adapter, server).get('/302'), { code: 'ERR_AXIOS_REDIRECT', message: told }, location)
    }
  })

  test(`P42: ${adapter}: within the origin each hop is signed anew, and methods change as RFC 9110 section 15.4 has it`, async () => {
    const server = await redirecting()
    const api = client(adapter, server)
    const cases = [
      ['post', 301, 'GET'],
      ['post', 302, 'GET'],
      ['post', 303, 'GET'],
      ['put', 303, 'GET'],
      ['put', 302, 'PUT'],
      ['delete', 301, 'DELETE'],
      ['post', 307, 'POST'],
      ['patch', 308, 'PATCH'],
      ['head', 303, 'HEAD'],
    ]
    for (const [method, status, expected] of cases) {
      const before = server.seen.length
      const data = method === 'head' || method === 'delete' ? undefined : { a: 1 }
      const response = await api.request({ url: `/${status}/there%20it?is=1#here`, method, data })
      assert.equal(response.status, 200)
      assert.equal(response.request.res.responseUrl, `${server.origin}/there%20it?is=1`)
      const [first, second, ...rest] = server.seen.slice(before)
      assert.deepEqual([rest.length, first.method, second.method], [0, method.toUpperCase(), expected], `${method} ${status}`)
      const [count] = first.headers['x-signature'].split(' ')
      assert.equal(second.headers['x-signature'], `${Number(count) + 1} ${expected} /there%20it?is=1`)
      assert.equal(second.headers['x-api-key'], KEY)
      const keeps = data !== undefined && expected !== 'GET'
      assert.equal(second.body.toString(), keeps ? '{"a":1}' : '')
      assert.equal(second.headers['content-type'], keeps ? first.headers['content-type'] : undefined)
    }
  })

  test(`P42: ${adapter}: maxRedirects is the caller's, up to 5; 0 hands the answer to validateStatus`, async () => {
    const server = await redirecting()
    const api = client(adapter, server)
    const six = `/302${'/302'.repeat(5)}/end`
    await assert.rejects(api.get(six), { code: 'ERR_FR_TOO_MANY_REDIRECTS' })
    assert.equal(server.seen.length, 6)
    await assert.rejects(api.get(six, { maxRedirects: 50 }), { code: 'ERR_FR_TOO_MANY_REDIRECTS' })
    assert.equal((await api.get(six.slice(4))).status, 200)
    await assert.rejects(api.get('/302/302/end', { maxRedirects: 1 }), { code: 'ERR_FR_TOO_MANY_REDIRECTS' })
    await assert.rejects(api.get('/302/end', { maxRedirects: 0 }), { code: 'ERR_BAD_RESPONSE', status: 302 })
    const kept = await api.get('/302/end', { maxRedirects: 0, validateStatus: null })
    assert.deepEqual([kept.status, kept.headers.location], [302, '/end'])
  })

  test(`S15: ${adapter}: fetchOptions cannot make the adapter follow by itself`, async () => {
    const stranger = await recorder()
    const server = await redirecting(stranger.origin)
    const call = client(adapter, server).get('/302', { fetchOptions: { redirect: 'follow' } })
    await assert.rejects(call, { code: 'ERR_AXIOS_REDIRECT' })
    assert.equal(stranger.seen.length, 0)
  })

  test(`P42: ${adapter}: 300, 304 and a missing Location are no redirects`, async () => {
    const server = await recorder((request, response) => response.writeHead(Number(request.url.slice(1)), { 'X-A': '1' }).end())
    for (const status of [300, 302, 304]) await assert.rejects(client(adapter, server).get(`/${status}`), { status })
    assert.equal(server.seen.length, 3)
  })

  test(`P42: ${adapter}: beforeRedirect sees where it goes, without credentials, and may stop it`, async () => {
    const server = await redirecting()
    const api = client(adapter, server)
    const seen = []
    const beforeRedirect = (options, response, request) => {
      seen.push([
        options.href,
        options.path,
        options.method,
        response.statusCode,
        request.url,
        JSON.stringify([options, request]).includes(KEY),
      ])
      if (options.path === '/stop') throw new Error('stopped')
    }
    await api.get('/307/go?a=1', { beforeRedirect })
    await assert.rejects(api.get('/307/stop', { beforeRedirect }), { message: 'stopped' })
    assert.deepEqual(seen[0], [`${server.origin}/go?a=1`, '/go?a=1', 'GET', 307, `${server.origin}/307/go?a=1`, false])
    assert.equal(server.seen.length, 3)
  })

  test(`P46: ${adapter}: a stream cannot be sent to a second place`, async () => {
    const server = await redirecting()
    await assert.rejects(client(adapter, server).post('/307/there', Readable.from(['body'])), { code: 'ERR_AXIOS_BODY_SPENT' })
    assert.equal((await client(adapter, server).post('/303/there', Readable.from(['body']))).status, 200)
    assert.equal(server.seen.length, 3)
  })
}
