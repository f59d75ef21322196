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
 * @returns the agents to send with; NO_AGENTS where there are none
 */
export function veilAgents(config: InternalAxiosRequestConfig, before: Agents): Agents {
  const httpAgent = (Object.hasOwn(config, 'httpAgent') ? config.httpAgent : undefined) ?? before.httpAgent
  const httpsAgent = (Object.hasOwn(config, 'httpsAgent') ? config.httpsAgent : undefined) ?? before.httpsAgent
  if (!httpAgent && !httpsAgent) return NO_AGENTS
  hide(config, 'httpAgent', httpAgent)
  hide(config, 'httpsAgent', httpsAgent)
  return Object.freeze({ httpAgent, httpsAgent })
}

function hide(config: InternalAxiosRequestConfig, name: 'httpAgent' | 'httpsAgent', agent: unknown): void {
  if (agent) Object.defineProperty(config, name, { get: () => agent, enumerable: false, configurable: true })
}
