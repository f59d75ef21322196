import type { InternalAxiosRequestConfig } from 'axios'

/** The agents of a request. */
export interface Agents {
  readonly httpAgent: unknown
  readonly httpsAgent: unknown
}

/** What a request has that names no agents. */
export const NO_AGENTS: Agents = Object.freeze({ httpAgent: undefined, httpsAgent: undefined })

/**
 * Makes the agents of a config unreadable to inspect and JSON, since the caller gets it back in responses and errors: the sockets of
 * an agent lead to the requests that are under way on them, with all that those send. They stay readable by name.
 *
 * @param before - the agents that were hidden when the same config was sent before; those of the config come first
 * @param last - those of another request, which are returned where they are the same
 * @returns the agents to send with; NO_AGENTS where there are none
 */
export function veilAgents(config: InternalAxiosRequestConfig, before: Agents, last: Agents): Agents {
  const httpAgent = (Object.hasOwn(config, 'httpAgent') ? config.httpAgent : undefined) ?? before.httpAgent
  const httpsAgent = (Object.hasOwn(config, 'httpsAgent') ? config.httpsAgent : undefined) ?? before.httpsAgent
  if (!httpAgent && !httpsAgent) return NO_AGENTS
  hide(config, 'httpAgent', httpAgent)
  hide(config, 'httpsAgent', httpsAgent)
  return last.httpAgent === httpAgent && last.httpsAgent === httpsAgent ? last : Object.freeze({ httpAgent, httpsAgent })
}

/** What hides an agent, made once for each. */
const hidden = new WeakMap<object, PropertyDescriptor>()

function hide(config: InternalAxiosRequestConfig, name: 'httpAgent' | 'httpsAgent', agent: unknown): void {
  if (!agent) return
  const known = typeof agent === 'object' ? hidden.get(agent) : undefined
  const descriptor = known ?? { get: () => agent, enumerable: false, configurable: true }
  if (known === undefined && typeof agent === 'object') hidden.set(agent, descriptor)
  Object.defineProperty(config, name, descriptor)
}
