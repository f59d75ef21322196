import { type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { type AxiosAuthError, axiosAuthError } from '../errors.js'
import { drain } from './answer.js'
import { wireHeaders } from './fields.js'
import type { Outgoing } from './outgoing.js'
import { veiledError } from './redact.js'
import { report, startClock } from './report.js'
import { isOfProxy } from './tunnel.js'
import type { Vehicle } from './vehicle.js'
import { NO_AGENTS } from './veil-agents.js'

/** Hands a request to the adapter underneath. The config that it gets is the only one that ever holds the credentials. */
export async function send(request: Outgoing, config: InternalAxiosRequestConfig, vehicle: Vehicle): Promise<AxiosResponse> {
  const wire = wireConfig(request, config, vehicle)
  const clock = startClock(vehicle)
  let response: AxiosResponse
  try {
    response = await vehicle.inner(wire)
  } catch (error) {
    const refused = answered(error)
    if (refused === undefined) {
      const clean = veiledError(error, config, request)
      report(request, vehicle, clock, undefined, clean)
      throw clean
    }
    response = refused
  }
  const foreign = ofProxy(response, request)
  report(request, vehicle, clock, foreign === undefined ? response.status : undefined, foreign)
  if (foreign !== undefined) throw foreign
  return response
}

/** What a proxy says in place of an https origin is nobody's word: no step may hear it, no redirect of it is followed. */
function ofProxy(response: AxiosResponse, { origin }: Outgoing): AxiosAuthError | undefined {
  if (!isOfProxy(origin, response.request)) return undefined
  drain(response)
  return axiosAuthError('ERR_AXIOS_PROXY', `the proxy answered with status ${response.status} in place of a tunnel to ${origin}`)
}

/** An adapter of the caller's may judge the status by itself; an answer is an answer all the same. */
function answered(error: unknown): AxiosResponse | undefined {
  const isJudgement = isAxiosError(error) && error.message.startsWith('Request failed with status code')
  return isJudgement ? error.response : undefined
}

/** Has nothing of Object.prototype, as null-prototype objects have not; those are slow to fill. */
class Blank {}
Object.setPrototypeOf(Blank.prototype, null)

/** A copy without what is of no use underneath; in one shape, which Object.assign is slow to give: the config has none. */
function copied(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = new Blank() as Record<PropertyKey, unknown>
  const from = config as unknown as Record<PropertyKey, unknown>
  for (const name of Object.keys(config)) {
    // What has gone into the URL, and ourselves.
    if (name !== 'baseURL' && name !== 'params' && name !== 'adapter') copy[name] = from[name]
  }
  for (const symbol of Object.getOwnPropertySymbols(config)) {
    if (Object.prototype.propertyIsEnumerable.call(config, symbol)) copy[symbol] = from[symbol]
  }
  return copy as unknown as InternalAxiosRequestConfig
}

function wireConfig(
  request: Outgoing,
  config: InternalAxiosRequestConfig,
  { agentless, mayFollow, agents }: Vehicle,
): InternalAxiosRequestConfig {
  const wire = copied(config)
  wire.url = request.origin + request.target
  wire.method = request.method.toLowerCase()
  wire.headers = wireHeaders(request) as InternalAxiosRequestConfig['headers']
  wire.data = request.data
  wire.maxRedirects = 0
  wire.validateStatus = anyStatus
  const { httpAgent, httpsAgent } = request.agents
  const isAgentGiven = httpAgent !== undefined || httpsAgent !== undefined
  if (isAgentGiven && agentless !== undefined) throw axiosAuthError('ERR_AXIOS_FETCH', 'the handshake needs a connection of its own')
  if (isAgentGiven || agents !== NO_AGENTS) {
    wire.httpAgent = httpAgent ?? agents.httpAgent
    wire.httpsAgent = httpsAgent ?? agents.httpsAgent
  }
  if (mayFollow || wire.fetchOptions) wire.fetchOptions = { ...wire.fetchOptions, redirect: 'manual' }
  return wire
}

function anyStatus(): boolean {
  return true
}
