import {
  apiKey,
  basic,
  carrierOptionNames,
  carrierSettings,
  interceptor,
  pinnedAgent,
  type Step,
  type TraceEntry,
} from '@countersign/axios-auth'
import { apiKey as apiKeyAlone } from '@countersign/axios-auth/api-key'
import { basic as basicAlone } from '@countersign/axios-auth/basic'
import { type PinnedAgent, pinnedAgent as pinnedAgentAlone } from '@countersign/axios-auth/pinned-agent'
import { OptionReader, secretFromEnv } from '@countersign/core'
import axios, { type AxiosInstance, type AxiosInterceptorManager, type InternalAxiosRequestConfig } from 'axios'

const api: AxiosInstance = axios.create({
  baseURL: 'https://api.example.com',
  httpsAgent: pinnedAgent({ pins: ['x'], keepAlive: true, ca: 'x' }),
})
export const requests: AxiosInterceptorManager<InternalAxiosRequestConfig> = api.interceptors.request
export const ids: number[] = [
  requests.use(apiKey({ key: secretFromEnv('KEY'), origins: ['https://api.example.com'] })),
  requests.use(basic({ username: 'u', password: async () => 'p' }), null, { synchronous: true }),
  requests.use(apiKeyAlone({ key: Buffer.from('key'), header: 'Authorization', prefix: 'ApiKey' })),
  requests.use(basicAlone({ username: 'u', password: [{ secret: 'p', notAfter: new Date() }], allowInsecure: true })),
]
export const agent: PinnedAgent = pinnedAgentAlone({ pins: { current: 'x', next: { pin: 'y', notAfter: '2027-01-01T00:00:00Z' } } })
agent.setPins('z')

const step: Step = {
  name: 'own',
  stage: 'token',
  apply(request) {
    request.setHeader('X-Own', `${request.method} ${request.target}`, { secret: false })
  },
  refused: async (answer) => answer.status === 401 && answer.header('x-new') !== undefined,
}
const trace = (entry: TraceEntry): void => void entry.headers.length
requests.use(interceptor(step, carrierSettings(new OptionReader('own', { trace }, carrierOptionNames))))

// @ts-expect-error an option that does not exist
apiKey({ key: 'k', headers: 'X' })
// @ts-expect-error the key is missing
apiKey({ header: 'X' })
// @ts-expect-error a password that is a number
basic({ username: 'u', password: 5 })
// @ts-expect-error sessions are never cached
pinnedAgent({ pins: 'x', maxCachedSessions: 5 })
// @ts-expect-error a stage that there is not
export const wrong: Step = { name: 'x', stage: 'later', apply: () => undefined }
