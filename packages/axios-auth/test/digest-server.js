/**
 * A server of HTTP Digest (RFC 7616) for tests. It shares nothing with the client: it parses and hashes by itself, and test/interop asks
 * curl whether it is right.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const HASH = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

/**
 * @param {object} [setup]
 * @param {object} [setup.users] - passwords by name; default Mufasa
 * @param {string} [setup.realm]
 * @param {string[]} [setup.algorithms] - one challenge each, in order; default SHA-256
 * @param {string | null} [setup.qop] - null: none is named; empty: a list of none
 * @param {boolean} [setup.userhash]
 * @param {boolean} [setup.utf8]
 * @param {string} [setup.domain]
 * @param {string} [setup.nonce] - every challenge names this one
 * @param {(nonce: string) => number} [setup.uses] - how often a nonce holds; default for ever
 * @param {boolean} [setup.ordered] - wants the numbers of a nonce in order
 * @param {boolean} [setup.silent] - does not say `stale=true`
 * @param {boolean} [setup.next] - names a next nonce with every answer
 * @param {boolean | 'wrong'} [setup.proof] - sends rspauth
 * @param {boolean} [setup.oneField] - all challenges in one field
 * @param {string[]} [setup.more] - challenges of other kinds, in front
 * @param {(req: object) => object} [setup.change] - another setup for a request
 */
export async function digestServer(owner, given = {}) {
  const state = { nonces: new Map(), made: 0, log: [] }
  if (given.nonce !== undefined) state.nonces.set(given.nonce, { counts: new Set(), uses: 0 })
  const server = createServer(async (req, res) => {
    const chunks = await req.toArray()
    const setup = { ...defaults, ...given, ...given.change?.(req) }
    // Not req.headers, which a polluted prototype changes.
    const at = req.rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization')
    const authorization = at === -1 ? undefined : req.rawHeaders[at + 1]
    const entry = { method: req.method, url: req.url, authorization, body: Buffer.concat(chunks) }
    state.log.push(entry)
    const verdict = judge(setup, state, entry)
    entry.problem = verdict.problem
    for (const [name, value] of verdict.headers) res.appendHeader(name, value)
    res.statusCode = verdict.status
    const body = verdict.status === 200 ? JSON.stringify({ user: verdict.user }) : 'no'
    if (verdict.proof !== undefined) res.appendHeader('Authentication-Info', verdict.proof(body))
    res.end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  owner.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address()
  return { url: `http://127.0.0.1:${port}`, port, log: state.log, server }
}

const defaults = {
  users: { Mufasa: 'Circle of Life' },
  realm: 'http-auth@example.org',
  algorithms: ['SHA-256'],
  qop: 'auth, auth-int',
  uses: () => Number.POSITIVE_INFINITY,
  more: [],
}

function judge(setup, state, entry) {
  const refuse = (problem, stale = false) => ({ status: 401, problem, headers: challenges(setup, state, stale) })
  if (entry.authorization === undefined) return refuse('none')
  const sent = paramsOf(entry.authorization)
  const algorithm = sent.algorithm ?? 'MD5'
  const nonce = state.nonces.get(sent.nonce)
  const name = nameOf(setup, sent, algorithm)
  if (!setup.algorithms.includes(algorithm)) return refuse('algorithm')
  if (sent.realm !== setup.realm) return refuse('realm')
  if (sent.opaque !== 'opaque "of" it') return refuse('opaque')
  if (sent.uri !== entry.url) return refuse('uri')
  if (name === undefined) return refuse('user')
  if (nonce === undefined) return refuse('nonce', setup.silent !== true)
  if (sent.response !== responseOf(setup, sent, algorithm, name, entry.method, entry.body)) return refuse('response')
  if (!setup.qop ? sent.qop !== undefined : !setup.qop.split(', ').includes(sent.qop)) return refuse('qop')
  if (sent.qop !== undefined) {
    if (!/^[0-9a-f]{8}$/.test(sent.nc) || nonce.counts.has(sent.nc) || !(sent.cnonce?.length > 0)) return refuse('nc')
    nonce.counts.add(sent.nc)
    if (setup.ordered && [...nonce.counts].some((nc) => nc > sent.nc)) return refuse('order', setup.silent !== true)
  }
  nonce.uses += 1
  if (nonce.uses > setup.uses(sent.nonce)) return refuse('stale', setup.silent !== true)
  return { status: 200, user: name, headers: [], proof: infoOf(setup, state, sent, algorithm, name) }
}

function challenges(setup, state, stale) {
  const list = [...setup.more]
  for (const algorithm of setup.algorithms) {
    const params = [
      `realm="${setup.realm.replace(/["\\]/g, (one) => `\\${one}`)}"`,
      `nonce="${setup.nonce ?? newNonce(state)}"`,
      'opaque="opaque \\"of\\" it"',
      `algorithm=${algorithm}`,
    ]
    if (setup.qop !== null) params.push(`qop="${setup.qop}"`)
    if (setup.domain !== undefined) params.push(`domain="${setup.domain}"`)
    if (setup.userhash) params.push('userhash=true')
    if (setup.utf8) params.push('charset=UTF-8')
    if (stale) params.push('stale=true')
    list.push(`Digest ${params.join(', ')}`)
  }
  return (setup.oneField ? [list.join(', ')] : list).map((value) => ['WWW-Authenticate', value])
}

function newNonce(state) {
  state.made += 1
  const nonce = `nonce+${state.made}/=`
  state.nonces.set(nonce, { counts: new Set(), uses: 0 })
  return nonce
}

function infoOf(setup, state, sent, algorithm, name) {
  if (!setup.next && setup.proof === undefined) return undefined
  return (body) => {
    const params = []
    if (setup.next) params.push(`nextnonce="${newNonce(state)}"`)
    if (setup.proof !== undefined) {
      const proof = setup.proof === 'wrong' ? '00' : responseOf(setup, sent, algorithm, name, '', Buffer.from(body))
      params.push(`qop=${sent.qop}`, `rspauth="${proof}"`, `cnonce="${sent.cnonce}"`, `nc=${sent.nc}`)
    }
    return params.join(', ')
  }
}

function nameOf({ users, userhash, realm }, sent, algorithm) {
  const plain = sent['username*'] === undefined ? Buffer.from(sent.username ?? '', 'latin1').toString() : extended(sent['username*'])
  return Object.keys(users).find((user) =>
    userhash ? hex(algorithm, `${user}:${realm}`) === sent.username && sent.userhash === 'true' : user === plain,
  )
}

function extended(value) {
  return value.startsWith("UTF-8''") ? decodeURIComponent(value.slice(7)) : undefined
}

function responseOf({ users, realm }, sent, algorithm, name, method, body) {
  let key = hex(algorithm, `${name}:${realm}:${users[name]}`)
  if (algorithm.endsWith('-sess')) key = hex(algorithm, `${key}:${sent.nonce}:${sent.cnonce}`)
  const whole = sent.qop === 'auth-int' ? `:${hex(algorithm, body)}` : ''
  const second = hex(algorithm, `${method}:${sent.uri}${whole}`)
  return hex(
    algorithm,
    sent.qop === undefined ? `${key}:${sent.nonce}:${second}` : `${key}:${sent.nonce}:${sent.nc}:${sent.cnonce}:${sent.qop}:${second}`,
  )
}

function hex(algorithm, data) {
  return createHash(HASH[algorithm.replace('-sess', '')]).update(data).digest('hex')
}

/** The parameters of an Authorization field; quoted pairs resolved. */
export function paramsOf(authorization) {
  const params = Object.create(null)
  if (!authorization.startsWith('Digest ')) return params
  for (const [, name, quoted, bare] of authorization.slice(7).matchAll(/([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))(?:, |$)/g)) {
    params[name] = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1')
  }
  return params
}
