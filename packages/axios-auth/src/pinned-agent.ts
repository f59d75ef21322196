import type { ClientRequest } from 'node:http'
import { Agent, type AgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { checkServerIdentity, TLSSocket } from 'node:tls'
import { type Clock, invalidType, isOpen } from '@countersign/core/base'
import { type Pin, type PinSet, type PinsInput, readCertificate, readPins } from '@countersign/core/certificates'
import { type AxiosAuthError, axiosAuthError } from './errors.js'

/** What `pinnedAgent` takes: pins, and whatever `https.Agent` does. */
export interface PinnedAgentOptions extends Omit<AgentOptions, 'maxCachedSessions' | 'session'> {
  /** The certificates that the server may have: SHA-256, the SHA-256 of the public key, or the legacy SHA-1. */
  readonly pins: PinsInput
  /** Milliseconds since the epoch, for pins with dates. Default `Date.now`. */
  readonly now?: Clock
}

/**
 * An agent whose connections all lead to servers with a pinned certificate. Give it as `httpsAgent`.
 *
 * Each socket is looked at once its handshake is over, and before anything is sent on it; a server that shows no certificate is
 * refused. Sessions are never resumed. The chain, the name and the dates are checked as ever: a pin comes on top, and with
 * `rejectUnauthorized: false` it stands alone. Looked at is the certificate of the server itself, not those above it.
 *
 * Behind a proxy axios makes tunnels of its own out of the agent's options: there the pins hold as well, and the chain is always checked.
 *
 * @throws TypeError that names the option when there is no pin, or one is none
 * @throws AxiosAuthError `ERR_AXIOS_PIN`, as the error of a request, when the certificate fits none of the pins
 * @see RFC 7469 section 2.4 for `sha256/<base64>`
 * @example
 * const httpsAgent = pinnedAgent({ pins: ['sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='], keepAlive: true })
 * const api = axios.create({ baseURL: 'https://api.example.com', httpsAgent })
 */
export function pinnedAgent(options: PinnedAgentOptions): PinnedAgent {
  if (typeof options !== 'object' || options === null) throw invalidType('pinnedAgent', 'options', 'an object', options)
  const own: Record<string, unknown> = Object.assign(Object.create(null), options)
  const { pins, now = Date.now, ...rest } = own
  if (typeof now !== 'function') throw invalidType('pinnedAgent', 'now', 'a function', now)
  return new PinnedAgent(readPins('pinnedAgent', 'pins', pins), now as Clock, rest)
}

/** What `pinnedAgent` makes. */
export class PinnedAgent extends Agent {
  readonly #now: Clock
  readonly #rejectUnauthorized: boolean
  readonly #fitting = new WeakMap<object, Pin>()
  #pins: PinSet

  /** Made by `pinnedAgent`, which checks what it passes. */
  constructor(pins: PinSet, now: Clock, options: AgentOptions) {
    const identity = options.checkServerIdentity ?? checkServerIdentity
    super({
      ...options,
      // A resumed session is not looked at by checkServerIdentity, and may bring no certificate (CVE-2026-58040).
      maxCachedSessions: 0,
      session: undefined,
      // These two are for tunnels made of the options, whose sockets are never seen here: Node calls the one only where the other is on.
      rejectUnauthorized: true,
      checkServerIdentity: (host, certificate) => identity(host, certificate) ?? this.#problem(certificate.raw, host),
    })
    this.#now = now
    this.#pins = pins
    this.#rejectUnauthorized = options.rejectUnauthorized !== false
  }

  /**
   * Puts other pins in the place of these, and ends all connections, so that none outlives the pins under which it was made.
   *
   * @throws TypeError when a pin is none
   */
  setPins(pins: PinsInput): void {
    this.#pins = readPins('pinnedAgent', 'pins', pins)
    this.destroy()
  }

  /** Connects as `https.Agent` does, and looks at the certificate. */
  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    const checked = { ...options, session: undefined, rejectUnauthorized: this.#rejectUnauthorized }
    const late = callback && ((error: Error | null, socket: Duplex) => callback(error, this.#guarded(socket)))
    const socket = super.createConnection(checked as never, late as never)
    return socket ? this.#guarded(socket) : socket
  }

  /** Ends the idle connections whose pin has stopped to count, before a request takes one of them. */
  addRequest(request: ClientRequest, ...rest: unknown[]): void {
    if (Number.isFinite(this.#pins.until) || this.#pins.pins.some(({ window }) => Number.isFinite(window.until))) this.#endExpired()
    const base = Agent.prototype as unknown as { addRequest(request: ClientRequest, ...rest: unknown[]): void }
    base.addRequest.call(this, request, ...rest)
  }

  #endExpired(): void {
    const now = this.#now()
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) {
        const pin = this.#fitting.get(socket)
        if (pin === undefined || !isOpen(pin.window, now)) socket.destroy()
      }
    }
  }

  #guarded(socket: Duplex): Duplex {
    if (!(socket instanceof TLSSocket)) {
      socket?.destroy(axiosAuthError('ERR_AXIOS_PIN', 'the connection does not use TLS'))
      return socket
    }
    const look = (): void => {
      const problem = this.#problem(socket.getPeerX509Certificate()?.raw, socket.servername || socket.remoteAddress, socket)
      if (problem !== undefined) socket.destroy(problem)
    }
    // Before all other listeners: those of the request send it.
    if (!(socket as TLSSocket & { secureConnecting?: boolean }).secureConnecting) look()
    else socket.prependOnceListener('secureConnect', look)
    return socket
  }

  #problem(der: Uint8Array | undefined, host: unknown, socket?: object): AxiosAuthError | undefined {
    const certificate = der === undefined ? undefined : readCertificate(der)
    if (certificate === undefined) return axiosAuthError('ERR_AXIOS_PIN', `${host} presents no readable certificate`)
    const pin = this.#pins.match(certificate, this.#now())
    if (pin === undefined || pin === 'closed') {
      const what = pin === undefined ? 'none of the pins' : 'only pins that are not valid now'
      return axiosAuthError('ERR_AXIOS_PIN', `the certificate of ${host} (sha256:${certificate.digest('sha256')}) matches ${what}`)
    }
    if (socket !== undefined) this.#fitting.set(socket, pin)
    return undefined
  }
}
