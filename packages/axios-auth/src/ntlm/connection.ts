import type http from 'node:http'
import type { Duplex } from 'node:stream'
import { type checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls'
import { type AxiosAuthError, axiosAuthError } from '../errors.js'
import { dedicatedAgent, identityCheckOf, type SocketOwner } from './agent.js'
import { channelBindings } from './crypto.js'

/** Where connections lead, and what they are made with. All requests of one target may share a connection. */
export interface NtlmTarget {
  /** Scheme, host and port. */
  readonly origin: string
  /** The agent that the caller gave for the request. */
  readonly lender: unknown
  /** A unix socket in the place of host and port. */
  readonly socketPath: string | undefined
  /** How long a connection is kept that nobody uses, milliseconds. */
  readonly idleTimeoutMs: number
}

/**
 * One connection, and the agent whose only one it ever is: what is sent through that agent goes over this connection or not at all. So
 * the messages of a handshake cannot part, and nothing is ever sent with the identity of another.
 */
export class NtlmConnection {
  readonly agent: http.Agent
  /** Whether a handshake has signed it in; whatever is sent over it then is sent as that user. */
  authenticated = false
  /** False once nothing more may be sent over it, though an answer may still be read from it. */
  reusable = true
  /** Why the connection was never made. */
  refusal: AxiosAuthError | undefined
  readonly #closedLater: () => void
  readonly #url: URL
  readonly #socketPath: string | undefined
  readonly #check: typeof checkServerIdentity | undefined
  #asked = false
  #closed = false
  #missed = false
  #requests = 0
  #firstOfTwo = 0
  #socket: Duplex | undefined
  #certificate: PeerCertificate | undefined

  /**
   * @param closed - called once when the connection has been closed, by whomever
   * @throws AxiosAuthError `ERR_AXIOS_NTLM_AGENT`
   */
  constructor(target: NtlmTarget, closed: () => void) {
    this.#closedLater = closed
    this.#url = new URL(target.origin)
    this.#socketPath = target.socketPath
    this.#check = this.secure ? identityCheckOf(target.lender) : undefined
    this.agent = dedicatedAgent(target.lender, this.#owner(target))
  }

  #owner({ idleTimeoutMs }: NtlmTarget): SocketOwner {
    const midway = () => this.#requests === this.#firstOfTwo
    return {
      secure: this.secure,
      idleTimeoutMs,
      get midway() {
        return midway()
      },
      refuses: (options, request) => this.#refuses(options, request),
      opened: (socket) => this.#opened(socket),
      requested: () => {
        this.#requests += 1
      },
    }
  }

  get secure(): boolean {
    return this.#url.protocol === 'https:'
  }

  /** Whether it is open, or not opened yet. */
  get alive(): boolean {
    return !this.#closed && (!this.#asked || this.#socket?.destroyed === false)
  }

  /** Whether it was opened at all. */
  get opened(): boolean {
    return this.#socket !== undefined
  }

  /** How many requests went through its agent. */
  get requests(): number {
    return this.#requests
  }

  /** Says that the next request is the first message of a handshake: until the second one comes the connection is kept, whatever happens. */
  beginHandshake(): void {
    this.#firstOfTwo = this.#requests + 1
  }

  /** Whether something was to be sent when the connection had gone, and was not. */
  get missed(): boolean {
    return this.#missed
  }

  /** Whether the server would still pass the check that the caller's agent makes when it connects: pins may have been changed since. */
  get trusted(): boolean {
    const socket = this.#socket
    if (this.#check === undefined || !(socket instanceof TLSSocket) || this.#certificate === undefined) return true
    try {
      return this.#check(socket.servername || this.#host, this.#certificate) === undefined
    } catch {
      return false
    }
  }

  get #host(): string {
    return this.#url.hostname.replace(/^\[|\]$/g, '')
  }

  /** The channel bindings of its TLS connection; undefined where there are none. */
  get bindings(): Buffer | undefined {
    return this.#certificate === undefined ? undefined : channelBindings(this.#certificate.raw)
  }

  /**
   * Calls back once, when nothing is under way over the connection any more: a response that is read as a stream holds it until its
   * end. Where the connection has gone, at once.
   */
  whenFree(callback: () => void): void {
    if (!this.alive || this.#socket === undefined || this.#isFree()) {
      callback()
      return
    }
    const socket = this.#socket
    const done = () => {
      this.agent.off('free', done)
      socket.off('close', done)
      callback()
    }
    // Node's own listener of this event, which keeps or closes the socket, was the first to be added and has run by then.
    this.agent.on('free', done)
    socket.on('close', done)
  }

  /** Closes the connection, whatever is under way. */
  close(): void {
    this.#closed = true
    this.agent.destroy()
    this.#socket?.destroy()
  }

  #isFree(): boolean {
    return Object.values(this.agent.freeSockets).some((sockets) => (sockets?.length ?? 0) > 0)
  }

  #refuses(options: http.RequestOptions, request: http.ClientRequest): Error | undefined {
    if (this.#asked || this.#closed) {
      this.#missed = true
      return axiosAuthError('ERR_AXIOS_NTLM_CONNECTION')
    }
    this.#asked = true
    if (!this.#leadsHome(options) || isProxied(request))
      this.refusal = axiosAuthError('ERR_AXIOS_NTLM_AGENT', 'the request would go to a proxy')
    return this.refusal
  }

  /** A proxy that axios was told of, or found in the environment, takes the place of the host; it would share its connections among users. */
  #leadsHome(options: http.RequestOptions): boolean {
    if (this.#socketPath !== undefined) return options.socketPath === this.#socketPath
    const port = this.#url.port === '' ? (this.secure ? 443 : 80) : Number(this.#url.port)
    const asked = String(options.host ?? options.hostname).replace(/^\[|\]$/g, '')
    return asked.toLowerCase() === this.#host && Number(options.port ?? 0) === port
  }

  #opened(socket: Duplex): void {
    this.#socket = socket
    socket.once('close', this.#closedLater)
    // The TLS of a tunnel to an http:// origin ends at the proxy.
    if (this.secure && socket instanceof TLSSocket) this.#look(socket)
    if (this.#closed) socket.destroy()
  }

  /** Each call of getPeerX509Certificate takes the leaf off the chain that a client's socket shows from then on: this has to look first. */
  #look(socket: TLSSocket): void {
    const look = () => {
      const certificate = socket.getPeerCertificate()
      // An empty object says that there is none.
      if (Object.hasOwn(certificate, 'raw')) this.#certificate = certificate
    }
    if ((socket as TLSSocket & { secureConnecting?: boolean }).secureConnecting === false) look()
    else socket.prependOnceListener('secureConnect', look)
  }
}

/** Only a proxy is sent a whole URL (RFC 9112 section 3.2.2): what Node makes of a request where the agent has proxyEnv. */
function isProxied({ path }: http.ClientRequest): boolean {
  return !path.startsWith('/') && path !== '*'
}
