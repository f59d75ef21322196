import { type LostLogout, SessionError, session, withSession } from '@countersign/axios-auth'
import { memoryTokenStore, secretFromEnv } from '@countersign/core'
import axios, { type AxiosInstance } from 'axios'

const api: AxiosInstance = axios.create({ baseURL: 'https://hawkeye.example.com/api' })

export async function probes(): Promise<number> {
  await using hawkeye = session({
    login: {
      url: '/login',
      data: { username: process.env['HAWKEYE_USER'], password: secretFromEnv('HAWKEYE_PASSWORD'), nested: [{ of: null }] },
      headers: { 'X-Key': process.env['HAWKEYE_KEY'] },
      auth: { username: 'api', password: process.env['HAWKEYE_PASSWORD'] },
      token: ['data', 'session_token'],
      ok: (body, answer) => answer.status === 200 && typeof body === 'object',
    },
    carry: { header: 'Authorization', format: 'Token {token}' },
    logout: { url: '/sessions/{token}', method: 'DELETE', data: ({ token }) => ({ token }) },
    expired: (answer) => answer.json() === 'expired',
    onLogoutLost: (lost: LostLogout) => lost.tries.toFixed(),
    store: memoryTokenStore(),
    account: 'api',
  })
  api.interceptors.request.use(hawkeye)
  const status: number = await hawkeye.withSession(api, async (own) => (await own.get('/probes')).status)
  const text: string = await withSession(api, async (own) => (await own.get<string>('/x')).data, { signal: AbortSignal.timeout(1000) })
  return status + text.length
}

export function told(error: unknown): number | undefined {
  return error instanceof SessionError && error.code === 'ERR_AXIOS_LOGIN_REFUSED' ? error.loginStatus : undefined
}

// @ts-expect-error the token's place is needed
session({ login: { url: '/login' }, carry: { header: 'X-Token' } })
// @ts-expect-error an unknown option
session({ refresh: { header: 'X-Id' }, logoff: {} })

session({
  login: { url: '/login', token: (answer) => /<key>(.+)<\/key>/.exec(answer.text())?.[1] },
  carry: { header: 'X-Token' },
  expired: ({ response }) => response.data === 'over',
  logout: { url: '{location}', method: 'DELETE' },
})
