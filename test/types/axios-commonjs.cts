import axiosAuth = require('@countersign/axios-auth')
import axios = require('axios')

const api = axios.create({ baseURL: 'https://api.example.com' })
api.interceptors.request.use(axiosAuth.apiKey({ key: 'k' }))
api.interceptors.request.use(axiosAuth.basic({ username: 'u', password: 'p' }))

declare module 'axios' {
  interface AxiosRequestConfig {
    authScopes?: string | readonly string[]
  }
}

const hawkeye = axiosAuth.session({ login: { url: '/login', data: { user: 'u' }, token: 't' } })
api.interceptors.request.use(hawkeye)
api.interceptors.request.use(axiosAuth.bearer({ token: 't' }))

async function probes(): Promise<string> {
  await api.get('/users', { authScopes: 'users:read' })
  const { status } = await hawkeye.withSession(api, (own) => own.get('/probes'))
  const text: string = await axiosAuth.withSession(api, async (own) => (await own.get<string>('/x')).data)
  // @ts-expect-error: no axios instance
  await hawkeye.withSession({ get: fetch }, () => 1)
  return `${status} ${text}`
}
void probes
