/** Applications that tell their token against forged requests only to who has signed in: the login has a page that follows it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { broken, isCode, memoryAdapter } from './session-server.js'

const ORIGIN = 'https://app.test'
const PASSWORD = 'correct horse battery staple'

const cookieOf = (headers, name) => new RegExp(`(?:^|; )${name}=([^;]+)`).exec(headers.cookie ?? '')?.[1]

/** Signed-in ids, and a token for each: `answer(request, books)` as the software answers. */
function books() {
  const made = { ids: new Map(), issued: 0, log: [] }
  made.issue = (user) => {
    made.issued += 1
    made.ids.set(`id-${made.issued}`, { user, token: `token-${made.issued}` })
    return `id-${made.issued}`
  }
  return made
}

const applications = {
  // developer.wordpress.org, REST API handbook, "Authentication", and wp_ajax_rest_nonce(); wp-login.php from memory.
  WordPress: {
    options: {
      login: {
        page: '/wp-login.php',
        url: '/wp-login.php',
        data: { log: 'api', pwd: PASSWORD, testcookie: '1' },
        dataFormat: 'form',
        status: 302,
        landing: '/wp-admin/admin-ajax.php?action=rest-nonce',
        token: { body: true },
      },
      carry: { header: 'X-WP-Nonce', cookies: true },
      expired: (answer) => answer.status === 403 && answer.json()?.code === 'rest_cookie_invalid_nonce',
    },
    answer({ method, url, headers, body }, { ids, issue }) {
      const held = ids.get(cookieOf(headers, 'wordpress_logged_in_0a1b'))
      if (url.pathname === '/wp-login.php') {
        if (method === 'GET')
          return { headers: { 'set-cookie': ['wordpress_test_cookie=WP%20Cookie%20check; path=/; secure'] }, body: '<form>' }
        const isGood = new URLSearchParams(body).get('pwd') === PASSWORD && cookieOf(headers, 'wordpress_test_cookie') !== undefined
        if (!isGood) return { body: '<div id="login_error">' }
        const id = issue('api')
        const cookies = [
          `wordpress_sec_0a1b=${id}; path=/wp-admin; secure; HttpOnly`,
          `wordpress_logged_in_0a1b=${id}; path=/; secure; HttpOnly`,
        ]
        return { status: 302, headers: { location: `${ORIGIN}/wp-admin/`, 'set-cookie': cookies } }
      }
      if (url.pathname === '/wp-admin/admin-ajax.php') {
        return held !== undefined && cookieOf(headers, 'wordpress_sec_0a1b') !== undefined
          ? { body: held.token }
          : { status: 400, body: '0' }
      }
      if (cookieOf(headers, 'wordpress_sec_0a1b') !== undefined) return { status: 500 }
      if (headers['x-wp-nonce'] !== held?.token) return { status: 403, body: { code: 'rest_cookie_invalid_nonce' } }
      return { body: { user: held.user } }
    },
  },
  // Spring Security reference, "CSRF": a meta tag for scripts; the token, and the session's id, change when somebody signs in.
  'Spring Security': {
    options: {
      login: {
        page: '/login',
        url: '/login',
        data: ({ page }) => ({ username: 'api', password: PASSWORD, _csrf: /name="_csrf" value="([^"]+)"/.exec(page.text())?.[1] }),
        dataFormat: 'form',
        status: 302,
        ok: (_, answer) => !answer.header('location')?.endsWith('?error'),
        landing: '/',
        token: (answer) => /<meta name="_csrf" content="([^"]+)"/.exec(answer.text())?.[1],
      },
      carry: { header: 'X-CSRF-TOKEN', cookies: true },
      expired: (answer) => answer.status === 403 || answer.header('location') === `${ORIGIN}/login`,
      logout: { url: '/logout' },
    },
    answer({ method, url, headers, body }, { ids, issue }) {
      const id = cookieOf(headers, 'JSESSIONID')
      const held = ids.get(id)
      const opened = (user, status, more) => {
        const fresh = issue(user)
        return { status, headers: { ...more, 'set-cookie': [`JSESSIONID=${fresh}; Path=/; HttpOnly`] }, body: ids.get(fresh).token }
      }
      if (method === 'GET' && url.pathname === '/login') {
        const { body: token, ...answer } = opened(undefined, 200)
        return { ...answer, body: `<input name="_csrf" value="${token}">` }
      }
      const form = new URLSearchParams(body)
      if (method !== 'GET' && (held === undefined || ![headers['x-csrf-token'], form.get('_csrf')].includes(held.token)))
        return { status: 403 }
      if (url.pathname === '/login') {
        if (form.get('password') !== PASSWORD) return { status: 302, headers: { location: `${ORIGIN}/login?error` } }
        ids.delete(id)
        return { ...opened('api', 302, { location: `${ORIGIN}/` }), body: '' }
      }
      if (held?.user === undefined) return { status: 302, headers: { location: `${ORIGIN}/login` } }
      if (url.pathname === '/logout') {
        ids.delete(id)
        return { status: 302, headers: { location: '/login?logout' } }
      }
      if (url.pathname === '/')
        return { body: `<html><meta name="_csrf" content="${held.token}"/><meta name="_csrf_header" content="X-CSRF-TOKEN"/>` }
      return { body: { user: held.user } }
    },
  },
  // developer.cisco.com, SD-WAN Manager, "Authentication": a login that fails is a 200 with a page; the token is asked for with the cookie.
  'Cisco SD-WAN Manager': {
    options: {
      login: {
        url: '/j_security_check',
        data: { j_username: 'api', j_password: PASSWORD },
        dataFormat: 'form',
        ok: (body) => body === '',
        landing: '/dataservice/client/token',
        token: { body: true },
      },
      carry: { header: 'X-XSRF-TOKEN', cookies: true },
      expired: (answer) => answer.status === 403 || /<html>/.test(answer.text()),
    },
    answer({ url, headers, body }, { ids, issue }) {
      const held = ids.get(cookieOf(headers, 'JSESSIONID'))
      if (url.pathname === '/j_security_check') {
        if (new URLSearchParams(body).get('j_password') !== PASSWORD) return { body: '<html>login' }
        return { headers: { 'set-cookie': [`JSESSIONID=${issue('api')}; path=/; secure; HttpOnly`] } }
      }
      if (held === undefined) return { body: '<html>login' }
      if (url.pathname === '/dataservice/client/token') return { body: held.token }
      return headers['x-xsrf-token'] === held.token ? { body: { user: held.user } } : { status: 403 }
    },
  },
  // From memory: phpMyAdmin, a hidden field of each form; the login renews it, and each POST has to bring it.
  phpMyAdmin: {
    options: {
      login: {
        page: '/index.php',
        url: '/index.php?route=/',
        data: ({ page }) => ({ pma_username: 'api', pma_password: PASSWORD, token: /name="token" value="([^"]+)"/.exec(page.text())?.[1] }),
        dataFormat: 'form',
        status: 302,
        landing: '/index.php?route=/',
        token: (answer) => /name="token" value="([^"]+)"/.exec(answer.text())?.[1],
      },
      carry: { body: 'token', cookies: true },
      expired: (answer) => answer.json()?.redirect_flag === '1',
    },
    answer({ method, url, headers, body }, { ids, issue }) {
      const held = ids.get(cookieOf(headers, 'phpMyAdmin_https'))
      const form = new URLSearchParams(body)
      const cookies = (id) => ({ 'set-cookie': [`phpMyAdmin_https=${id}; path=/; secure; HttpOnly; SameSite=Strict`] })
      if (url.pathname === '/api/things') {
        return held?.user !== undefined && form.get('token') === held.token
          ? { body: { user: held.user } }
          : { body: { redirect_flag: '1' } }
      }
      if (method === 'POST') {
        if (form.get('pma_password') !== PASSWORD || form.get('token') !== held?.token) return { body: '<form>Access denied' }
        return { status: 302, headers: { location: './index.php?route=/', ...cookies(issue('api')) } }
      }
      if (held?.user !== undefined) return { body: `<input type="hidden" name="token" value="${held.token}">` }
      const id = issue(undefined)
      return { headers: cookies(id), body: `<input type="hidden" name="token" value="${ids.get(id).token}">` }
    },
  },
}

function run({ options, answer }, changed = {}, replaced = answer) {
  const held = books()
  const own = memoryAdapter((request) => {
    held.log.push(`${request.method} ${request.url.pathname}`)
    return replaced(request, held)
  })
  const guard = session({ ...options, ...changed, adapter: own })
  const api = axios.create({ baseURL: ORIGIN, adapter: memoryAdapter((request) => answer(request, held)), maxRedirects: 0 })
  api.interceptors.request.use(guard)
  return { held, guard, call: () => api.post('/api/things', 'a=1') }
}

describe('a page that follows the login', () => {
  for (const [name, application] of Object.entries(applications)) {
    test(`P49: ${name}: one login for 50 calls, and one when it is over`, async () => {
      const { held, call, guard } = run(application)
      const good = async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, call))
        assert.deepEqual(new Set(answers.map(({ data }) => data.user)), new Set(['api']))
      }
      const signedIn = () => [...held.ids.values()].filter(({ user }) => user !== undefined).length
      await good()
      assert.equal(signedIn(), 1)
      const { page } = application.options.login
      assert.equal(held.log.length, page === undefined ? 2 : 3)
      held.ids.clear()
      await good()
      assert.equal(signedIn(), 1)
      await guard.dispose()
      assert.equal(signedIn(), application.options.logout === undefined ? 1 : 0)
    })

    test(`${name}: a wrong password is a refusal, and the page that follows is not asked for`, async () => {
      const { held, call } = run(application, {
        login: { ...application.options.login, data: { log: 'api', pwd: 'wrong', j_password: 'wrong' } },
      })
      await assert.rejects(call(), isCode('ERR_AXIOS_LOGIN_REFUSED'))
      assert.equal(held.log.length, application.options.login.page === undefined ? 1 : 2)
    })
  }

  test('an answer that is no success, or holds no token, is a refusal that says which page', async () => {
    const { options, answer } = applications.WordPress
    for (const [landing, message] of [
      [{ status: 400, body: '0' }, /page that follows the login was answered with status 400/],
      [
        { status: 302, headers: { location: '/wp-login.php' }, body: 'token-1' },
        /page that follows the login was answered with status 302/,
      ],
      [{ body: '' }, /page that follows the login was answered with status 200, and without a token/],
    ]) {
      const { call } = run({ options, answer }, {}, (request, held) =>
        request.url.pathname === '/wp-admin/admin-ajax.php' ? landing : answer(request, held),
      )
      await assert.rejects(call(), (error) => isCode('ERR_AXIOS_LOGIN_REFUSED')(error) && message.test(error.message))
    }
  })

  test('a page that gets no answer is named', async () => {
    const { options, answer } = applications.WordPress
    for (const [path, method, message] of [
      ['/wp-login.php', 'GET', /: the page of the login got no answer: ECONNRESET/],
      ['/wp-login.php', 'POST', /: the login got no answer: ECONNRESET/],
      ['/wp-admin/admin-ajax.php', 'GET', /: the page that follows the login got no answer: ECONNRESET/],
    ]) {
      const { call } = run({ options, answer }, {}, (request, held) => {
        if (request.url.pathname === path && request.method === method) throw broken()
        return answer(request, held)
      })
      await assert.rejects(call(), (error) => isCode('ERR_AXIOS_LOGIN_FAILED')(error) && message.test(`: ${error.message}`))
    }
  })

  test('its cookies count, where the login sets none, and the path of a cookie is that of the page which set it', async () => {
    const paths = {}
    const answer = ({ method, url, headers }) => {
      if (url.pathname === '/deep/er/page') return { headers: { 'set-cookie': ['page=1', 'wide=1; Path=/'] } }
      if (url.pathname === '/login') return method === 'POST' ? { headers: { 'set-cookie': ['sid=1'] } } : {}
      if (url.pathname === '/home/page') return { headers: { 'set-cookie': ['XSRF-TOKEN=late; Path=/', 'home=1'] } }
      paths[url.pathname] = [headers.cookie, headers['x-xsrf-token']]
      return {}
    }
    const adapter = memoryAdapter(answer)
    const guard = session({
      login: { page: '/deep/er/page', url: '/login', status: 200, landing: '/home/page', token: { cookie: 'sid' } },
      csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' },
      adapter,
    })
    const api = axios.create({ baseURL: ORIGIN, adapter })
    api.interceptors.request.use(guard)
    for (const path of ['/things', '/deep/er/x', '/home/x']) await api.get(path)
    const sorted = ([cookie, token]) => [cookie.split('; ').sort().join('; '), token]
    assert.deepEqual(sorted(paths['/things']), ['XSRF-TOKEN=late; sid=1; wide=1', 'late'])
    assert.deepEqual(sorted(paths['/deep/er/x']), ['XSRF-TOKEN=late; page=1; sid=1; wide=1', 'late'])
    assert.deepEqual(sorted(paths['/home/x']), ['XSRF-TOKEN=late; home=1; sid=1; wide=1', 'late'])
  })

  test('it has the origin of the login', () => {
    const login = { url: '/login', token: { body: true } }
    for (const landing of ['https://elsewhere.test/', '//elsewhere.test/', '/\\elsewhere.test']) {
      assert.throws(() => session({ login: { ...login, landing }, carry: { header: 'X-Nonce' } }), {
        name: 'TypeError',
        message: /landing/,
      })
    }
  })
})
