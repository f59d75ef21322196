import { sign, wso2 } from '@countersign/schemes'
import { admin, keys } from '../clients.js'
import { wso2Client } from '../guards.js'

/**
 * Requests of clients with keys and passwords to the routes under a prefix, good and bad.
 *
 * @param {string} prefix
 * @param {import('@countersign/core').ClientRegistry} clients
 * @returns {Generator<import('../try.js').Case>}
 */
export function* clientCases(prefix, clients) {
  yield* secureCases(`${prefix}/api/secure/data`)
  yield* serviceCases(`${prefix}/api/v1/services/my-service`)
  yield* partnerCases(`${prefix}/api/partners`, clients)
  yield* mixedCases(`${prefix}/api/mixed`)
}

/** @param {string} key */
const withKey = (key) => ({ 'x-api-key': key })

/** @param {string} pair */
const withBasic = (pair) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* secureCases(path) {
  const get = { method: 'GET', path }
  const right = withBasic(`${admin.user}:${admin.password}`)
  yield { ...get, headers: right, sent: 'Basic of admin', status: 200, clientId: 'admin', answer: '{"client":"admin","data":"all of it"}' }
  yield { ...get, headers: withKey(keys.app), sent: 'an API key', status: 200, clientId: 'app', answer: '{"client":"app"}' }
  yield { ...get, headers: {}, sent: 'no credentials', status: 401 }
  yield { ...get, headers: withBasic(`${admin.user}:${admin.password}4`), sent: 'a wrong password', status: 401 }
  yield { ...get, headers: withKey('another-example-key-entirely'), sent: 'an unknown key', status: 401 }
  yield { ...get, headers: withKey(keys['partner-1']), sent: 'the key of a client outside the group', status: 403 }
  yield { ...get, headers: { ...right, ...withKey(keys.app) }, sent: 'right credentials of two clients', status: 403 }
}

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* serviceCases(path) {
  yield { method: 'GET', path, headers: withKey(keys.app), sent: 'an API key', status: 200, clientId: 'app' }
  yield { method: 'GET', path, headers: withKey(''), sent: 'an empty key', status: 401 }
}

/**
 * @param {string} path
 * @param {import('@countersign/core').ClientRegistry} clients
 * @returns {Generator<import('../try.js').Case>}
 */
function* partnerCases(path, clients) {
  const third = { method: 'GET', path, headers: withKey(keys['partner-3']) }
  const ok = { status: 200, clientId: 'partner-3' }
  yield { method: 'GET', path, headers: withKey(keys['partner-1']), sent: 'the key of partner-1', status: 200, clientId: 'partner-1' }
  yield { ...third, ...ok, sent: 'the key of partner-3' }
  yield { ...third, sent: 'the same, now that partner-3 is disabled', status: 401, before: () => clients.disable('partner-3') }
  yield { ...third, ...ok, sent: 'the same, now that it is enabled again', before: () => clients.enable('partner-3') }
}

/**
 * @param {string} path
 * @returns {Generator<import('../try.js').Case>}
 */
function* mixedCases(path) {
  const { headers } = sign(wso2, { method: 'GET', url: path }, { secret: wso2Client })
  const signed = { method: 'GET', path, headers: { ...headers } }
  yield { ...signed, sent: 'a signature', status: 200, clientId: wso2Client.id }
  yield { method: 'GET', path, headers: withKey(keys.app), sent: 'an API key', status: 200, clientId: 'app' }
  const spoiled = { ...headers, authorization: `${wso2Client.id}:${Buffer.alloc(32).toString('base64')}`, ...withKey(keys.app) }
  yield { ...signed, headers: spoiled, sent: 'a bad signature beside a good key', status: 401 }
}
