import type { AxiosAdapter } from 'axios'
import type { CarrierSettings } from './carrier-options.js'
import type { Step } from './step.js'
import type { Agents } from './veil-agents.js'

/** A step, and what holds for it alone. */
export interface Leg {
  readonly step: Step
  readonly settings: CarrierSettings
}

/** What carries one request: the steps in order, and the adapter of axios underneath. */
export interface Vehicle {
  readonly legs: readonly Leg[]
  readonly inner: AxiosAdapter
  readonly agents: Agents
  /** What knows neither agents nor other ways to the server, and would pass over those that are given. */
  readonly agentless: 'fetch' | 'HTTP/2' | undefined
  /** Whether the adapter might follow redirects by itself unless fetch is told not to. */
  readonly mayFollow: boolean
}
