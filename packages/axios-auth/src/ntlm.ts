import { Agent } from 'node:http'
import { OptionReader } from '@countersign/core/base'
import { type CarrierOptions, carrierOptionNames, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import type { Answer, Message, OutgoingRequest, Step } from './carrier/step.js'
import { axiosAuthError } from './errors.js'
import type { NtlmTarget } from './ntlm/connection.js'
import { NtlmExchange } from './ntlm/exchange.js'
import { NTLM_OPTIONS, type NtlmOptions, type NtlmSettings, ntlmSettings } from './ntlm/options.js'
import { NtlmPool, type PoolBounds } from './ntlm/pool.js'

export type { NtlmOptions } from './ntlm/options.js'

/** The interceptor of `ntlm`, and its end. */
export interface NtlmInterceptor extends RequestInterceptor {
  /** Closes the connections that nobody uses at once, the others when their requests are over, and refuses further requests. */
  dispose(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Signs in with NTLMv2 (MS-NLMP), over HTTP/1.1. NTLM signs in connections: each handshake gets a connection of its own, which is then kept,
 * and carries the further requests without another handshake: one round trip each. No request of anybody else ever goes over it.
 *
 * Neither NTLMv1 nor LM is spoken; a server that does not offer extended session security, target information and Unicode is refused. Where
 * the server states its time, the messages are protected by a MIC. Over https the proof is bound to the server's certificate
 * (tls-server-end-point). The body goes with the last message alone. A wrong password comes back as its one 401. Where the server offers
 * Negotiate and no NTLM, the bare messages go inside Negotiate.
 *
 * Connections are made with the options of the request's `httpAgent` or `httpsAgent`: CA, client certificate, local address, or their own
 * way to connect. Sent again, once, when a kept connection turns out to be closed: what is idempotent, and what was not sent yet.
 *
 * Not checked: the server, which NTLM does not sign in. Not done: Kerberos, signing and sealing, proxies (407).
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * A request fails with: `ERR_AXIOS_NTLM_CHALLENGE`, `ERR_AXIOS_NTLM_WEAK`, `ERR_AXIOS_NTLM_CONNECTION`, `ERR_AXIOS_NTLM_AGENT`,
 *   `ERR_AXIOS_NTLM_BUSY`, `ERR_AXIOS_NTLM_DISPOSED`, `ERR_AXIOS_FETCH`, `ERR_AXIOS_NO_SECRET`, and those of every interceptor
 * @see [MS-NLMP]; [MS-NTHT]; RFC 4559 for the form of the fields; RFC 5929 section 4
 * @example
 * api.interceptors.request.use(ntlm({ username: 'EXAMPLE\\reports', password: secretFromEnv('REPORTS_PASSWORD') }))
 */
export function ntlm(options: NtlmOptions & CarrierOptions): NtlmInterceptor {
  const reader = new OptionReader('ntlm', options, [...NTLM_OPTIONS, ...carrierOptionNames])
  const step = new NtlmStep(ntlmSettings(reader))
  const dispose = async () => step.dispose()
  return Object.assign(interceptor(step, carrierSettings(reader)), { dispose, [Symbol.asyncDispose]: dispose })
}

/** Pools by target; those of an agent go with it. */
class NtlmStep implements Step {
  readonly name = 'ntlm'
  readonly stage = 'handshake'
  readonly #settings: NtlmSettings
  readonly #pools = new Map<unknown, Map<string, NtlmPool>>()
  #disposed = false

  constructor(settings: NtlmSettings) {
    this.#settings = settings
  }

  apply(): void {
    // All is done in exchange().
  }

  async exchange(request: OutgoingRequest, send: (message: Message) => Promise<Answer>): Promise<Answer> {
    if (this.#disposed) throw axiosAuthError('ERR_AXIOS_NTLM_DISPOSED')
    const pool = this.#pool(targetOf(request, this.#settings.bounds.idleTimeoutMs))
    const connection = await pool.acquire(request.config)
    return new NtlmExchange(this.#settings, request, send, pool, connection).run()
  }

  dispose(): void {
    this.#disposed = true
    for (const pools of [...this.#pools.values()]) for (const pool of [...pools.values()]) pool.dispose()
  }

  #pool(target: NtlmTarget): NtlmPool {
    const pools = this.#pools.get(target.lender) ?? new Map<string, NtlmPool>()
    // A blank stands in no origin.
    const key = `${target.origin} ${target.socketPath ?? ''}`
    const known = pools.get(key)
    if (known !== undefined) return known
    const pool: NtlmPool = new NtlmPool(target, boundsOf(target, this.#settings.bounds), () => {
      if (pools.get(key) === pool) pools.delete(key)
      if (pools.size === 0 && this.#pools.get(target.lender) === pools) this.#pools.delete(target.lender)
    })
    pools.set(key, pool)
    this.#pools.set(target.lender, pools)
    return pool
  }
}

function targetOf({ origin, config }: OutgoingRequest, idleTimeoutMs: number): NtlmTarget {
  const agent = origin.startsWith('https:') ? 'httpsAgent' : 'httpAgent'
  return {
    origin,
    lender: Object.hasOwn(config, agent) ? config[agent] : undefined,
    socketPath: Object.hasOwn(config, 'socketPath') ? (config.socketPath ?? undefined) : undefined,
    idleTimeoutMs,
  }
}

/** An agent of the caller's that bounds its connections bounds these as well. */
function boundsOf({ lender }: NtlmTarget, { maxConnections, idleTimeoutMs }: PoolBounds): PoolBounds {
  const most = lender instanceof Agent && lender.maxSockets >= 1 ? Math.floor(lender.maxSockets) : Number.POSITIVE_INFINITY
  return { maxConnections: Math.min(maxConnections, most), idleTimeoutMs }
}
