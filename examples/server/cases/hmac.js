import { docusign, github, hexSignature, sapApim, sign, wso2 } from '@countersign/schemes'
import { docusignKeys, gigyaKey, githubSecret, wso2Client } from '../guards.js'

const JSON_TYPE = { 'content-type': 'application/json' }

/**
 * Signed requests to the routes under a prefix, good and bad.
 *
 * @param {string} prefix
 * @returns {Generator<import('../try.js').Case>}
 */
export function* hmacCases(prefix) {
  yield* hexCases(`${prefix}/api/hmac/protected`)
  yield* wso2Cases(`${prefix}/api/wso2/orders`)
  yield* hookCases(prefix)
}

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* hexCases(path) {
  const body = Buffer.from('{"data":"test"}')
  const { headers } = sign(
    hexSignature,
    { method: 'POST', url: path, headers: JSON_TYPE, body },
    { secret: 'your-secret', allowWeakSecret: true },
  )
  const request = { method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body }
  const ok = { status: 200, clientId: 'hex-signature', answer: '{"status":"ok"}' }
  yield { ...request, ...ok, sent: 'signed body' }
  yield { ...request, ...ok, sent: 'the same again' }
  yield { ...request, body: Buffer.from('{"data":"tesT"}'), sent: 'one changed byte', status: 401 }
  yield { ...request, headers: JSON_TYPE, sent: 'no signature', status: 401 }
  yield { ...request, headers: { 'x-signature': `${headers['x-signature']}0` }, sent: 'one digit too many', status: 401 }
}

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* wso2Cases(path) {
  const clientId = wso2Client.id
  const signed = (method, body, now = Date.now) => {
    const { headers } = sign(wso2, { method, url: path, headers: JSON_TYPE, ...(body && { body }) }, { secret: wso2Client, now })
    return { method, path, headers: { ...JSON_TYPE, ...headers }, body }
  }
  yield { ...signed('GET'), sent: 'signed method, date and path', status: 200, clientId }
  const order = signed('POST', Buffer.from('{"name":"y"}'))
  yield { ...order, sent: 'signed order', status: 201, clientId, answer: '{"id":2,"name":"y"}' }
  yield { ...order, sent: 'the same order again (a replay)', status: 401 }
  yield { ...order, body: Buffer.from('{"name":"z"}'), sent: 'another order under its signature', status: 401 }
  yield { ...signed('GET', undefined, () => Date.now() - 600_000), sent: 'a date of ten minutes ago', status: 401 }
  yield { ...signed('GET'), path: path.replace('/wso2/orders', '/mixed'), sent: 'another path under its signature', status: 401 }
}

/**
 * @param {string} prefix
 * @returns {Generator<import('../try.js').Case>}
 */
function* hookCases(prefix) {
  const hooks = [
    { name: 'gigya', scheme: sapApim, secret: gigyaKey, clientId: 'gigya' },
    { name: 'docusign', scheme: docusign, secret: docusignKeys, clientId: 'docusign' },
    { name: 'github', scheme: github, secret: githubSecret, clientId: 'github' },
  ]
  for (const { name, scheme, secret, clientId } of hooks) {
    const path = `${prefix}/hooks/${name}`
    const body = Buffer.from('{"events":[]}')
    const { headers } = sign(scheme, { method: 'POST', url: path, headers: JSON_TYPE, body }, { secret })
    const request = { method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body }
    yield { ...request, sent: `signed by ${name}`, status: 200, clientId }
    yield { ...request, body: Buffer.from('{"events":[1]}'), sent: 'another body under its signature', status: 401 }
  }
}
