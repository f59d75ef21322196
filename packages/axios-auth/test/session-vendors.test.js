import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { hawkeye, isCode, memoryAdapter, signedIn } from './session-server.js'

const ORIGIN = 'https://vendor.test'
const PASSWORD = 'correct horse battery staple'

/** Sessions as a server holds them, and what was asked of it. */
function books() {
  const made = { open: new Map(), log: [], issued: 0 }
  made.issue = (facts = {}) => {
    made.issued += 1
    const token = `token-${made.issued}`
    made.open.set(token, { number: made.issued, ...facts })
    return token
  }
  return made
}

const cookieOf = (headers, name) => new RegExp(`(?:^|; )${name}=([^;]+)`).exec(headers.cookie ?? '')?.[1]
const basicIs = (headers) => headers.authorization === `Basic ${Buffer.from(`api:${PASSWORD}`).toString('base64')}`

/** Each: the options as a user writes them, and a server as the vendor documents it: `answer(request, books)`. */
const vendors = {
  // DMTF DSP0266, "Session management": the session is a resource, which Location names.
  Redfish: {
    options: {
      login: {
        url: '/redfish/v1/SessionService/Sessions',
        data: { UserName: 'api', Password: PASSWORD },
        token: { header: 'X-Auth-Token' },
      },
      carry: { header: 'X-Auth-Token' },
      logout: { url: '{location}', method: 'DELETE' },
    },
    answer({ method, url, headers, body }, { open, issue }) {
      const sessions = '/redfish/v1/SessionService/Sessions'
      if (method === 'POST' && url.pathname === sessions) {
        if (JSON.parse(body).Password !== PASSWORD) return { status: 401 }
        const token = issue()
        return { status: 201, headers: { 'x-auth-token': token, location: `http://bmc.internal${sessions}/${open.get(token).number}` } }
      }
      const held = open.get(headers['x-auth-token'])
      if (held === undefined) return { status: 401 }
      if (method === 'DELETE') {
        if (url.href !== `${ORIGIN}${sessions}/${held.number}`) return { status: 404 }
        open.delete(headers['x-auth-token'])
        return { status: 204 }
      }
      return { body: { Id: '1' } }
    },
  },
  // Splunk REST API Reference, auth/login: XML by default.
  Splunk: {
    options: {
      login: {
        url: '/services/auth/login',
        dataFormat: 'form',
        data: { username: 'api', password: PASSWORD },
        token: (answer) => /<sessionKey>([^<]+)<\/sessionKey>/.exec(answer.text())?.[1],
      },
      carry: { header: 'Authorization', format: 'Splunk {token}' },
      logout: { url: '/services/authentication/httpauth-tokens/{token}', method: 'DELETE' },
    },
    answer({ method, url, headers, body }, { open, issue }) {
      if (url.pathname === '/services/auth/login') {
        if (new URLSearchParams(body).get('password') !== PASSWORD) return { status: 401, body: '<response><messages/></response>' }
        return { body: `<response><sessionKey>${issue()}</sessionKey></response>` }
      }
      const token = (headers.authorization ?? '').replace('Splunk ', '')
      if (!open.has(token)) return { status: 401 }
      if (method === 'DELETE') open.delete(url.pathname.split('/').at(-1))
      return { body: '<ok/>' }
    },
  },
  // vSphere Automation API, POST /api/session: Basic, and the id as a JSON string.
  vCenter: {
    options: {
      login: { url: '/api/session', auth: { username: 'api', password: PASSWORD }, token: { body: true } },
      carry: { header: 'vmware-api-session-id' },
      logout: { url: '/api/session', method: 'DELETE' },
    },
    answer({ method, url, headers }, { open, issue }) {
      if (method === 'POST' && url.pathname === '/api/session') {
        return basicIs(headers) ? { status: 201, body: JSON.stringify(issue()) } : { status: 401 }
      }
      const token = headers['vmware-api-session-id']
      if (!open.has(token)) return { status: 401 }
      if (method === 'DELETE') open.delete(token)
      return { status: method === 'DELETE' ? 204 : 200, body: '' }
    },
  },
  // SAP Gateway, CSRF protection: a GET fetches the token, its cookies go along, 403 with "Required" asks for another.
  'SAP OData': {
    options: {
      login: {
        url: '/sap/opu/odata/',
        method: 'GET',
        auth: { username: 'api', password: PASSWORD },
        headers: { 'X-CSRF-Token': 'Fetch' },
        token: { header: 'X-CSRF-Token' },
      },
      carry: { header: 'X-CSRF-Token', cookies: true },
      expired: (answer) => answer.status === 403 && answer.header('x-csrf-token') === 'Required',
      logout: { url: '/sap/public/bc/icf/logoff', method: 'GET' },
    },
    answer({ url, headers }, { open, issue }) {
      if (headers['x-csrf-token'] === 'Fetch') {
        if (!basicIs(headers)) return { status: 401 }
        const token = issue()
        const cookie = `SAP_SESSIONID_ABC_100=s%3d${open.get(token).number}; path=/; HttpOnly`
        return { headers: { 'x-csrf-token': token, 'set-cookie': [cookie, 'sap-usercontext=sap-client=100; path=/'] } }
      }
      const held = open.get(headers['x-csrf-token'])
      if (held === undefined || cookieOf(headers, 'SAP_SESSIONID_ABC_100') !== `s%3d${held.number}`) {
        return { status: 403, headers: { 'x-csrf-token': 'Required' } }
      }
      if (url.pathname.endsWith('/logoff')) open.delete(headers['x-csrf-token'])
      return { body: { d: {} } }
    },
  },
  // jenkins.io, "CSRF Protection": a crumb is good for the session that it was issued in.
  Jenkins: {
    options: {
      login: { url: '/crumbIssuer/api/json', method: 'GET', auth: { username: 'api', password: PASSWORD }, token: 'crumb' },
      carry: { header: 'Jenkins-Crumb', cookies: true },
      expiredStatus: 403,
      logout: { url: '/logout' },
    },
    answer({ url, headers }, { open, issue }) {
      if (url.pathname === '/crumbIssuer/api/json') {
        if (!basicIs(headers)) return { status: 401 }
        const crumb = issue()
        const cookie = `JSESSIONID.1=${open.get(crumb).number}; Path=/; HttpOnly`
        return { headers: { 'set-cookie': [cookie] }, body: { crumb, crumbRequestField: 'Jenkins-Crumb' } }
      }
      const held = open.get(headers['jenkins-crumb'])
      if (held === undefined || cookieOf(headers, 'JSESSIONID.1') !== `${held.number}`) return { status: 403, body: 'No valid crumb' }
      if (url.pathname === '/logout') open.delete(headers['jenkins-crumb'])
      return url.pathname === '/logout' ? { status: 302, headers: { location: '/' } } : { status: 201 }
    },
  },
  // Synology DSM Login Web API Guide: 200 to everything, the error in the body.
  Synology: {
    options: {
      login: {
        url: '/webapi/entry.cgi',
        dataFormat: 'form',
        data: { api: 'SYNO.API.Auth', version: 6, method: 'login', account: 'api', passwd: PASSWORD, format: 'cookie' },
        ok: (body) => body.success === true,
        token: { cookie: 'id' },
      },
      expired: (answer) => [106, 107, 119].includes(answer.json()?.error?.code),
      logout: { url: '/webapi/entry.cgi', dataFormat: 'form', data: { api: 'SYNO.API.Auth', version: 6, method: 'logout' } },
    },
    answer({ headers, body }, { open, issue }) {
      const form = new URLSearchParams(body)
      if (form.get('method') === 'login') {
        if (form.get('passwd') !== PASSWORD) return { body: { success: false, error: { code: 400 } } }
        return { headers: { 'set-cookie': [`id=${issue()}; path=/; HttpOnly`] }, body: { success: true, data: {} } }
      }
      const token = cookieOf(headers, 'id')
      if (!open.has(token)) return { body: { success: false, error: { code: 119 } } }
      if (form.get('method') === 'logout') open.delete(token)
      return { body: { success: true, data: {} } }
    },
  },
  // The same guide: format=sid, and the id as a parameter.
  'Synology by _sid': {
    options: {
      login: {
        url: '/webapi/entry.cgi',
        dataFormat: 'form',
        data: { api: 'SYNO.API.Auth', version: 6, method: 'login', account: 'api', passwd: PASSWORD, format: 'sid' },
        token: 'data.sid',
      },
      carry: { query: '_sid' },
      expired: (answer) => [106, 107, 119].includes(answer.json()?.error?.code),
      logout: { url: '/webapi/entry.cgi?api=SYNO.API.Auth&version=6&method=logout', method: 'GET' },
    },
    answer({ url, body }, { open, issue }) {
      const form = new URLSearchParams(body)
      if (form.get('method') === 'login') {
        if (form.get('passwd') !== PASSWORD) return { body: { success: false, error: { code: 400 } } }
        return { body: { success: true, data: { sid: issue() } } }
      }
      const [token, ...more] = url.searchParams.getAll('_sid')
      if (!open.has(token) || more.length > 0) return { body: { success: false, error: { code: 119 } } }
      if (url.searchParams.get('method') === 'logout') open.delete(token)
      return { body: { success: true, data: {} } }
    },
  },
  // Zabbix documentation 6.0, API: JSON-RPC, 200 to everything; user.login must not have the member, user.logout must.
  Zabbix: {
    data: { jsonrpc: '2.0', method: 'host.get', params: { output: ['hostid'] }, id: 2 },
    options: {
      login: {
        url: '/api_jsonrpc.php',
        data: { jsonrpc: '2.0', method: 'user.login', params: { username: 'api', password: PASSWORD }, id: 1 },
        token: 'result',
      },
      carry: { body: 'auth' },
      expired: (answer) => /re-?login/i.test(answer.json()?.error?.data),
      logout: { url: '/api_jsonrpc.php', data: { jsonrpc: '2.0', method: 'user.logout', params: [], id: 3 } },
    },
    answer({ headers, body }, { open, issue }) {
      const { method, params, id, ...call } = JSON.parse(body)
      const refused = (data) => ({ body: { jsonrpc: '2.0', error: { code: -32602, message: 'Invalid params.', data }, id } })
      if (headers['content-type'] !== 'application/json') return { status: 412 }
      if (method === 'user.login') {
        if (Object.hasOwn(call, 'auth') || params.password !== PASSWORD) return refused('Incorrect user name or password.')
        return { body: { jsonrpc: '2.0', result: issue(), id } }
      }
      if (!open.has(call.auth)) return refused('Session terminated, re-login, please.')
      if (method === 'user.logout') open.delete(call.auth)
      return { body: { jsonrpc: '2.0', result: [], id } }
    },
  },
  // FortiManager JSON API: `session` beside the method, the login's at the top of its answer.
  FortiManager: {
    data: { method: 'get', params: [{ url: '/dvmdb/device' }], id: 2 },
    options: {
      login: {
        url: '/jsonrpc',
        data: { method: 'exec', params: [{ url: '/sys/login/user', data: { user: 'api', passwd: PASSWORD } }], id: 1 },
        token: 'session',
      },
      carry: { body: 'session' },
      expired: (answer) => answer.json()?.result?.[0]?.status?.code === -11,
      logout: { url: '/jsonrpc', data: { method: 'exec', params: [{ url: '/sys/logout' }], id: 3 } },
    },
    answer({ body }, { open, issue }) {
      const { params, session: token, id } = JSON.parse(body)
      const [{ url, data }] = params
      const answered = (code, more) => ({ body: { id, result: [{ status: { code }, url }], ...more } })
      if (url === '/sys/login/user') return data.passwd === PASSWORD ? answered(0, { session: issue() }) : answered(-22)
      if (!open.has(token)) return answered(-11)
      if (url === '/sys/logout') open.delete(token)
      return answered(0)
    },
  },
  // Odoo, odoo/http.py: every answer is 200; code 100 is a session that is over. What /web/session answers is from memory.
  Odoo: {
    data: { jsonrpc: '2.0', method: 'call', params: { model: 'res.partner', method: 'search_read', args: [], kwargs: {} } },
    options: {
      login: {
        url: '/web/session/authenticate',
        data: { jsonrpc: '2.0', method: 'call', params: { db: 'shop', login: 'api', password: PASSWORD } },
        token: { cookie: 'session_id' },
        ok: (body) => body.result?.uid > 0,
      },
      expired: (answer) => answer.json()?.error?.code === 100,
      logout: { url: '/web/session/destroy', data: { jsonrpc: '2.0', method: 'call', params: {} } },
    },
    answer({ url, headers, body }, { open, issue }) {
      const { params } = JSON.parse(body)
      const told = (member) => ({ body: { jsonrpc: '2.0', id: null, ...member } })
      if (url.pathname === '/web/session/authenticate') {
        const isGood = params.password === PASSWORD
        const cookie = `session_id=${isGood ? issue() : 'nobody'}; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Max-Age=604800; HttpOnly; Path=/`
        const error = { code: 200, message: 'Odoo Server Error', data: { name: 'odoo.exceptions.AccessDenied' } }
        return { ...told(isGood ? { result: { uid: 2 } } : { error }), headers: { 'set-cookie': [cookie] } }
      }
      const id = cookieOf(headers, 'session_id')
      if (!open.has(id)) return told({ error: { code: 100, message: 'Odoo Session Expired' } })
      if (url.pathname === '/web/session/destroy') open.delete(id)
      return told({ result: [] })
    },
  },
  // Elastic docs, Kibana: /internal/security/login wants kbn-xsrf, answers with a cookie; logging out is a GET that redirects. From memory.
  Kibana: {
    options: {
      login: {
        url: '/internal/security/login',
        headers: { 'kbn-xsrf': 'true' },
        data: { providerType: 'basic', providerName: 'basic', currentURL: '/', params: { username: 'api', password: PASSWORD } },
        token: { cookie: 'sid' },
      },
      logout: { url: '/api/security/logout', method: 'GET' },
    },
    answer({ url, headers, body }, { open, issue }) {
      if (url.pathname === '/internal/security/login') {
        if (headers['kbn-xsrf'] === undefined) return { status: 400 }
        if (JSON.parse(body).params.password !== PASSWORD) return { status: 401 }
        return { headers: { 'set-cookie': [`sid=${issue()}; Secure; HttpOnly; Path=/`] }, body: { location: '/' } }
      }
      const id = cookieOf(headers, 'sid')
      if (url.pathname === '/api/security/logout') {
        open.delete(id)
        return { status: 302, headers: { location: '/login?msg=LOGGED_OUT' } }
      }
      return open.has(id) ? { body: {} } : { status: 401 }
    },
  },
  // UniFi OS: the cookie, and a token against forged requests that the login hands out in a field.
  UniFi: {
    options: {
      login: { url: '/api/auth/login', data: { username: 'api', password: PASSWORD }, token: { header: 'X-CSRF-Token' } },
      carry: { header: 'X-CSRF-Token', cookies: true },
      expiredStatus: [401, 403],
      logout: { url: '/api/auth/logout' },
    },
    answer({ url, headers, body }, { open, issue }) {
      if (url.pathname === '/api/auth/login') {
        if (JSON.parse(body).password !== PASSWORD) return { status: 401 }
        const token = issue()
        const cookie = `TOKEN=jwt.${open.get(token).number}; path=/; samesite=strict; secure; httponly`
        return { headers: { 'x-csrf-token': token, 'set-cookie': [cookie] }, body: {} }
      }
      const held = open.get(headers['x-csrf-token'])
      if (held === undefined) return { status: 403 }
      if (cookieOf(headers, 'TOKEN') !== `jwt.${held.number}`) return { status: 401 }
      if (url.pathname === '/api/auth/logout') open.delete(headers['x-csrf-token'])
      return { body: {} }
    },
  },
  // OpenStack Keystone, Identity API v3: the token of a login is revoked by naming it in a field of its own.
  Keystone: {
    options: {
      login: {
        url: '/v3/auth/tokens',
        data: { auth: { identity: { methods: ['password'], password: { user: { name: 'api', password: PASSWORD } } } } },
        token: { header: 'X-Subject-Token' },
      },
      carry: { header: 'X-Auth-Token' },
      logout: { url: '/v3/auth/tokens', method: 'DELETE', headers: { 'X-Subject-Token': '{token}' } },
    },
    answer({ method, url, headers, body }, { open, issue }) {
      if (method === 'POST' && url.pathname === '/v3/auth/tokens') {
        if (JSON.parse(body).auth.identity.password.user.password !== PASSWORD) return { status: 401 }
        return { status: 201, headers: { 'x-subject-token': issue() }, body: { token: {} } }
      }
      if (!open.has(headers['x-auth-token'])) return { status: 401 }
      if (method === 'DELETE' && !open.delete(headers['x-subject-token'])) return { status: 404 }
      return { status: method === 'DELETE' ? 204 : 200, body: {} }
    },
  },
  // F5 iControl REST, token-based authentication.
  F5: {
    options: {
      login: {
        url: '/mgmt/shared/authn/login',
        data: { username: 'api', password: PASSWORD, loginProviderName: 'tmos' },
        token: 'token.token',
        expiresIn: 'token.timeout',
      },
      carry: { header: 'X-F5-Auth-Token' },
      logout: { url: '/mgmt/shared/authz/tokens/{token}', method: 'DELETE' },
    },
    answer({ method, url, headers, body }, { open, issue }) {
      if (url.pathname === '/mgmt/shared/authn/login') {
        return JSON.parse(body).password === PASSWORD ? { body: { token: { token: issue(), timeout: 1200 } } } : { status: 401 }
      }
      if (!open.has(headers['x-f5-auth-token'])) return { status: 401 }
      if (method === 'DELETE') open.delete(url.pathname.split('/').at(-1))
      return { body: {} }
    },
  },
  // Salesforce SOAP API, login(): XML both ways, and then REST with the session id as bearer.
  Salesforce: {
    options: {
      login: {
        url: '/services/Soap/u/60.0',
        headers: { 'Content-Type': 'text/xml; charset=UTF-8', SOAPAction: 'login' },
        data: `<Envelope><Body><login><username>api</username><password>${PASSWORD}</password></login></Body></Envelope>`,
        token: (answer) => /<sessionId>([^<]+)<\/sessionId>/.exec(answer.text())?.[1],
      },
      carry: { header: 'Authorization', format: 'Bearer {token}' },
      logout: {
        url: '/services/Soap/u/60.0',
        headers: { 'Content-Type': 'text/xml; charset=UTF-8', SOAPAction: 'logout' },
        data: ({ token }) => `<Envelope><Header><sessionId>${token}</sessionId></Header><Body><logout/></Body></Envelope>`,
      },
    },
    answer({ headers, body }, { open, issue }) {
      if (headers.soapaction === 'login') {
        if (!body.includes(`<password>${PASSWORD}</password>`)) return { status: 500, body: '<faultcode>INVALID_LOGIN</faultcode>' }
        return { body: `<result><serverUrl>https://x</serverUrl><sessionId>${issue()}</sessionId></result>` }
      }
      if (headers.soapaction === 'logout') {
        open.delete(/<sessionId>([^<]+)/.exec(body)?.[1])
        return {}
      }
      return open.has((headers.authorization ?? '').replace('Bearer ', '')) ? { body: {} } : { status: 401 }
    },
  },
}

function run({ options, answer, data = 'a=1' }, changed = {}) {
  const held = books()
  const isOwn = { count: 0 }
  const adapter = memoryAdapter((request) => answer(request, held))
  const own = memoryAdapter((request) => {
    isOwn.count += 1
    return answer(request, held)
  })
  const lost = []
  const guard = session({ ...options, ...changed, adapter: own, onLogoutLost: (one) => lost.push(one) })
  const api = axios.create({ baseURL: ORIGIN, adapter })
  api.interceptors.request.use(guard)
  return { held, guard, api, lost, isOwn, call: () => api.post('/api/things', data), data }
}

describe('sessions of servers in the field', () => {
  for (const [name, vendor] of Object.entries(vendors)) {
    test(`P49: ${name}: one login for 50 calls, one when it is over, one logout each`, async () => {
      const { held, guard, call, lost, isOwn } = run(vendor)
      const good = async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, call))
        assert.ok(answers.every(({ status, data }) => status < 300 && !/"success":false|"error"|"code":-/.test(JSON.stringify(data))))
      }
      await good()
      assert.equal(held.issued, 1)
      held.open.clear()
      await good()
      assert.equal(held.issued, 2)
      assert.equal(held.open.size, 1)
      await guard.dispose()
      assert.equal(held.open.size, 0)
      assert.deepEqual(lost, [])
      assert.equal(isOwn.count, 4)
    })

    test(`P49: ${name}: logged out once when the call failed`, async () => {
      const { held, guard, api, lost, isOwn, data } = run(vendor)
      const failed = guard.withSession(api, async (own) => {
        await own.post('/api/things', data)
        throw new Error('of the block')
      })
      await assert.rejects(failed, /of the block/)
      assert.equal(held.open.size, 0)
      assert.equal(held.issued, 1)
      assert.equal(isOwn.count, 2)
      assert.deepEqual(lost, [])
    })
  }
})

// Seen at Apache Tomcat 10.1.60: without a session FORM authentication answers 200 with the form in place of what was asked for.
const formLogin = {
  options: {
    login: {
      page: '/private/',
      url: '/j_security_check',
      dataFormat: 'form',
      status: 303,
      token: { cookie: 'JSESSIONID' },
      data: { j_username: 'api', j_password: PASSWORD },
    },
    expired: (answer) => /action="j_security_check"/.test(answer.text()),
  },
  answer({ url, headers, body }, { open, issue }) {
    const asUser = (token) => ({ 'set-cookie': [`JSESSIONID=${token}; Path=/; HttpOnly`], location: '/private/' })
    if (url.pathname === '/j_security_check') {
      return new URLSearchParams(body).get('j_password') === PASSWORD ? { status: 303, headers: asUser(issue()) } : { body: '<p>wrong</p>' }
    }
    return { body: open.has(cookieOf(headers, 'JSESSIONID')) ? '<p>private</p>' : '\ufeff<form method="post" action="j_security_check">' }
  },
}

test('P49: expired can look at a body that is no JSON: a login form with status 200', async () => {
  const { held, api, call } = run(formLogin)
  assert.equal((await call()).data, '<p>private</p>')
  held.open.clear()
  assert.deepEqual(
    (await Promise.all([call(), call()])).map(({ data }) => data),
    ['<p>private</p>', '<p>private</p>'],
  )
  assert.equal(held.issued, 2)
  for (const responseType of ['arraybuffer', 'text']) {
    held.open.clear()
    assert.match(String((await api.get('/private/', { responseType })).data), /private/)
  }
  assert.equal(held.issued, 4)
})

test('P46: a stream that is answered by the form with status 200 is an error, whatever validateStatus says', async () => {
  const server = hawkeye({
    call: ({ headers }) => ({ status: 200, body: server.sessions.has(headers['x-session-token']) ? 'done' : '<form>log in</form>' }),
  })
  const expired = (answer) => answer.text().startsWith('<form')
  const api = signedIn(server, session(server.options({ expired })))
  for (const validateStatus of [undefined, null, () => true]) {
    await api.get('/x')
    server.sessions.clear()
    const upload = api.put('/x', Readable.from(['a']), { validateStatus })
    await assert.rejects(upload, (error) => {
      assert.deepEqual(
        [error.code, error.cause.code, error.response.data],
        ['ERR_BAD_RESPONSE', 'ERR_AXIOS_BODY_SPENT', '<form>log in</form>'],
      )
      return /^The response \(200\) refuses the credentials/.test(error.message)
    })
    assert.equal((await api.put('/x', Readable.from(['a']))).data, 'done')
  }
})

test('headers of a login may be Headers or a Map: they are sent, as those of an object', async () => {
  const seen = []
  const options = { carry: { header: 'X-Token' }, login: { url: '/login', token: 'token' } }
  const answer = ({ url, headers }) => {
    if (url.pathname === '/login') seen.push(headers['x-tenant'])
    return { body: { token: 't' } }
  }
  const fields = { 'X-Tenant': 'a' }
  for (const headers of [fields, new Headers(fields), new Map(Object.entries(fields)), new axios.AxiosHeaders(fields)]) {
    await run({ options: { ...options, login: { ...options.login, headers } }, answer }).call()
  }
  assert.deepEqual(seen, ['a', 'a', 'a', 'a'])
})

test('P49: a logout that is refused for its missing CSRF token is reported, though its status is one of expiredStatus', async () => {
  const forgetful = {
    options: {
      login: { url: '/login', token: 'token' },
      carry: { header: 'X-Token' },
      expiredStatus: [401, 403],
      logout: { url: '/logout' },
    },
    answer({ url, headers }, { open, issue }) {
      if (url.pathname === '/login') return { body: { token: issue() } }
      return { status: url.pathname === '/logout' || !open.has(headers['x-token']) ? 403 : 200, body: {} }
    },
  }
  const held = run(forgetful)
  await held.call()
  await held.guard.dispose()
  assert.equal(held.isOwn.count, 2, 'it is not tried again')
  assert.equal(held.lost.length, 1)
  assert.equal(held.lost[0].status, 403)
  assert.match(held.lost[0].reason, /status 403: it was refused, or the session had expired before/)

  const told = run(forgetful, { expired: (answer) => answer.status === 403 })
  await told.call()
  await told.guard.dispose()
  assert.deepEqual(told.lost, [], 'the predicate is taken at its word')

  const refused = run(forgetful)
  await refused.call()
  refused.held.open.clear()
  await refused.call()
  refused.held.open.clear()
  await refused.guard.dispose()
  assert.deepEqual(refused.held.issued, 2)
  assert.equal(refused.lost.length, 1, 'the first was refused before, so that its logout is done; of the second nobody knows')

  let at = 1_700_000_000_000
  const spent = run(forgetful, { lifetimeSeconds: 100, now: () => at })
  await spent.call()
  at += 100_000
  await spent.guard.dispose()
  assert.deepEqual(spent.lost, [], 'its time was up')
})

test('P49: a logout that `expired` says was of a session that is over is done; one that it throws at is not', async () => {
  for (const [expired, count] of [
    [vendors['SAP OData'].options.expired, 0],
    [({ response }) => response.status === 403 && response.headers.get('x-csrf-token') === 'Required' && response.data === '', 0],
    [undefined, 1],
  ]) {
    const { held, guard, call, lost } = run(vendors['SAP OData'], { expired })
    await call()
    held.open.clear()
    await guard.dispose()
    assert.equal(lost.length, count)
  }
  const thrown = run(vendors['SAP OData'], { expired: (answer) => answer.status === 403 && assert.fail('told of') })
  await thrown.call()
  thrown.held.open.clear()
  await thrown.guard.dispose()
  assert.equal(thrown.lost.length, 1)
})

describe('a token that a function finds', () => {
  const finds = (find, body = '<key>abc</key>') =>
    run({
      options: { login: { url: '/login', token: find }, carry: { header: 'X-Key' } },
      answer: ({ headers }) => ({ body: headers['x-key'] ?? body }),
    })

  test('text or a whole number, from any part of the answer', async () => {
    assert.equal((await finds((answer) => /<key>(.*)<\/key>/.exec(answer.text())[1]).call()).data, 'abc')
    assert.equal((await finds((answer) => answer.status).call()).data, 200)
    assert.equal(
      await finds((answer) => answer.header('x'))
        .call()
        .catch(({ code }) => code),
      'ERR_AXIOS_LOGIN_REFUSED',
    )
  })

  test('what throws, or finds nothing, an object, a promise or what no field can carry, is no login', async () => {
    const none = [
      () => assert.fail('told of'),
      () => undefined,
      () => null,
      () => '',
      () => ({}),
      () => true,
      () => 1.5,
      async () => 'abc',
      () => 'a b',
      () => 'a\r\nX: 1',
      () => 'x'.repeat(20_000),
    ]
    for (const find of none) await assert.rejects(finds(find).call(), isCode('ERR_AXIOS_LOGIN_REFUSED'), String(find))
  })
})

describe('a logout where the login points', () => {
  const located = (location, changed) =>
    run({
      options: {
        login: { url: '/v1/sessions', token: 'token' },
        carry: { header: 'X-Token' },
        logout: { url: '{location}', method: 'DELETE' },
        ...changed,
      },
      answer({ method, url, headers }, { log, issue }) {
        log.push(`${method} ${url.href} ${headers['x-token'] ?? '-'}`)
        return url.pathname === '/v1/sessions' && method === 'POST'
          ? { headers: location === undefined ? {} : { location }, body: { token: issue() } }
          : {}
      },
    })

  test('below the origin of the login, whatever host is named: the token goes nowhere else', async () => {
    const places = {
      '/v1/sessions/7': '/v1/sessions/7',
      'sessions/7?a=b#c': '/v1/sessions/7?a=b',
      'https://evil.test/v1/sessions/7': '/v1/sessions/7',
      '//evil.test/7': '/7',
      'http://user:secret@evil.test:8080//evil.test/7': '//evil.test/7',
    }
    for (const [location, place] of Object.entries(places)) {
      const { held, guard, call, lost } = located(location)
      await call()
      await guard.dispose()
      assert.equal(held.log.at(-1), `DELETE ${ORIGIN}${place} token-1`, location)
      assert.deepEqual(lost, [], location)
    }
  })

  test('where there is none, or it is no URL, the session is reported as lost', async () => {
    for (const location of [undefined, '', 'http://[']) {
      const { held, guard, call, lost } = located(location)
      await call()
      await guard.dispose()
      // An empty one points to where the login went.
      if (location === '') continue
      assert.equal(held.log.length, 2)
      assert.deepEqual(lost, [
        {
          code: 'ERR_AXIOS_LOGOUT_LOST',
          origin: undefined,
          tries: 0,
          status: undefined,
          reason: 'the login was answered without a Location',
        },
      ])
    }
  })

  test('with anything beside it, it is refused', () => {
    for (const url of ['{location}/logout', '/{location}', '{location}{token}', 'https://vendor.test/{location}']) {
      assert.throws(() => located('/x', { logout: { url } }), {
        code: 'ERR_INVALID_ARG_VALUE',
        message: /session logout: option "url" must contain nothing besides/,
      })
    }
  })
})
