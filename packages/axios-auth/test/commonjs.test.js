import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { recorder } from './recorder.js'

// The CommonJS build of axios is another copy, with classes of its own.
const require = createRequire(import.meta.url)

test('from CommonJS, with the other build of axios', async () => {
  const axios = require('axios')
  const { apiKey } = require('@countersign/axios-auth/api-key')
  const server = await recorder((request, response) => response.writeHead(request.url === '/bad' ? 401 : 200).end('{"a":1}'))
  const api = axios.create({ baseURL: server.origin })
  api.interceptors.request.use(apiKey({ key: 'the key' }))
  const { data, headers } = await api.post('/', { b: 2 }, { headers: { 'X-Own': 'own' } })
  assert.deepEqual([data, headers.get('connection') !== undefined], [{ a: 1 }, true])
  const { body, headers: sent } = server.seen[0]
  assert.deepEqual(
    [body.toString(), sent['x-api-key'], sent['x-own'], sent['content-type']],
    ['{"b":2}', 'the key', 'own', 'application/json'],
  )
  const error = await api.get('/bad').catch((failure) => failure)
  assert.ok(axios.isAxiosError(error))
  assert.deepEqual([error.status, error.response.data], [401, { a: 1 }])
  const stopped = await api.get('/', { signal: AbortSignal.abort() }).catch((failure) => failure)
  assert.ok(axios.isCancel(stopped))
})
