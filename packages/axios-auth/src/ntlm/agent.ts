import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { checkServerIdentity } from 'node:tls'
import { axiosAuthError } from '../errors.js'
import { PinnedAgent } from '../pinned-agent.js'

type Opened = (error: Error | null, socket?: Duplex) => void

/** How an agent makes a connection: it answers it, or calls back later. */
type Connect = (request: http.ClientRequest, options: http.RequestOptions, opened: Opened) => Duplex | undefined | null

/** What the agent of one connection asks its owner. */
export interface SocketOwner {
  readonly secure: boolean
  /** How long Node keeps the socket idle, milliseconds, where the caller's agent says nothing; a Keep-Alive field of the server may say less. */
  readonly idleTimeoutMs: number
  /** @returns why no connection may be made now, or undefined: then exactly one is */
  refuses(options: http.RequestOptions, request: http.ClientRequest): Error | undefined
  opened(socket: Duplex): void
  /** Whether the next message follows at once, so that the server is not going to close the connection before. */
  readonly midway: boolean
  /** A request has come to the agent. */
  requested(): void
}

/** What Node's agents have and their types lack, and the hooks that subclasses replace, of which createConnection and keepSocketAlive are documented. */
interface Hooks {
  readonly options: http.AgentOptions
  readonly protocol: string
  createConnection: (options: http.RequestOptions, opened: Opened) => Duplex | undefined | null
  addRequest: (request: http.ClientRequest, ...rest: unknown[]) => void
  createSocket: (...rest: unknown[]) => void
  keepSocketAlive: (socket: Duplex) => boolean
  /** How agents of the family of agent-base connect. */
  connect?: (request: http.ClientRequest, options: object) => Duplex | PromiseLike<Duplex>
}

type AgentClass = new (options?: http.AgentOptions) => http.Agent

/**
 * An agent for one connection, kept alive, that is made as `lender` makes its own: with its TLS options (CA, client certificate, server
 * name), its local address, and, where it has one, its own way to connect, such as a pin or a tunnel.
 *
 * @param lender - the agent that the caller gave for the request; undefined: Node's global one
 * @throws AxiosAuthError `ERR_AXIOS_NTLM_AGENT` when it is no agent of Node, or hands out connections in a way of its own
 */
export function dedicatedAgent(lender: unknown, owner: SocketOwner): http.Agent {
  const Kind: AgentClass = owner.secure ? https.Agent : http.Agent
  const source = lendable(Kind, owner.secure, lender)
  // No bound over all names: a request that differs in, say, its address family would wait behind a socket that nobody uses.
  const bounds = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1, maxTotalSockets: Number.POSITIVE_INFINITY }
  const agent = new Kind({ timeout: owner.idleTimeoutMs, ...source.options, ...bounds })
  replaceHooks(hooksOf(agent), connectOf(source, owner.secure, hooksOf(agent)), owner)
  return agent
}

function hooksOf(agent: http.Agent): Hooks {
  return agent as unknown as Hooks
}

/**
 * What an agent checks of a server's certificate when it connects, in the words of Node; undefined where it has no check of its own. A pin is
 * one that may change.
 */
export function identityCheckOf(lender: unknown): typeof checkServerIdentity | undefined {
  const { checkServerIdentity: check } = lender instanceof http.Agent ? (hooksOf(lender).options as https.AgentOptions) : {}
  return typeof check === 'function' ? check : undefined
}

/** Node's global agent lends its options, but for the time after which it closes idle sockets: that is for the pool to decide. */
function lendable(Kind: AgentClass, secure: boolean, lender: unknown): Hooks {
  if (lender === undefined || lender === false) {
    const { timeout: _, ...options } = hooksOf((secure ? https : http).globalAgent).options
    return hooksOf(new Kind(options))
  }
  if (!(lender instanceof http.Agent)) throw axiosAuthError('ERR_AXIOS_NTLM_AGENT', 'the agent of the request is not an agent of Node')
  return hooksOf(lender)
}

function connectOf(source: Hooks, secure: boolean, agent: Hooks): Connect {
  const plain = hooksOf((secure ? https : http).Agent.prototype)
  const own = agent.createConnection
  if (typeof source.connect === 'function' && source.connect !== plain.connect) return tunnelled(source, secure)
  const sharesSockets = source.addRequest !== plain.addRequest || source.createSocket !== plain.createSocket
  if (sharesSockets && !(source instanceof PinnedAgent)) {
    throw axiosAuthError('ERR_AXIOS_NTLM_AGENT', 'the agent of the request overrides how connections are handed out')
  }
  const protocol = secure ? 'https:' : 'http:'
  if (source.protocol !== protocol) {
    throw axiosAuthError('ERR_AXIOS_NTLM_AGENT', `the agent of the request is for ${source.protocol}//, and its URL for ${protocol}//`)
  }
  if (source.createConnection === plain.createConnection) return (_, options, opened) => own.call(agent, options, opened)
  return (_, options, opened) => source.createConnection(options, opened)
}

function replaceHooks(agent: Hooks, connect: Connect, owner: SocketOwner): void {
  const { addRequest, keepSocketAlive } = agent
  let current: http.ClientRequest
  agent.addRequest = (request, ...rest) => {
    current = request
    owner.requested()
    if (request.method === 'HEAD') keepAfterHead(request)
    addRequest.call(agent, request, ...rest)
  }
  // Node closes at once what the server announces to close within a second.
  agent.keepSocketAlive = (socket) => keepSocketAlive.call(agent, socket) || owner.midway
  agent.createConnection = (options, opened) => {
    const refusal = owner.refuses(options, current)
    if (refusal !== undefined) {
      opened(refusal)
      return undefined
    }
    const socket = connect(current, options, (error, later) => {
      if (later !== undefined) owner.opened(later)
      opened(error, later)
    })
    if (socket) owner.opened(socket)
    return socket
  }
}

/**
 * Node closes the connection after an answer to HEAD that states no length, as that of Apache to a type 1 message, although no body follows
 * (RFC 9112 section 6.3). The handshake needs it.
 */
function keepAfterHead(request: http.ClientRequest): void {
  let keep = request.shouldKeepAlive
  Object.defineProperty(request, 'shouldKeepAlive', {
    configurable: true,
    enumerable: true,
    get: () => keep,
    set: (value: boolean) => {
      keep = value || (keep && staysOpen((request as { res?: http.IncomingMessage }).res))
    },
  })
}

/** RFC 9112 section 9.3. */
function staysOpen(response: http.IncomingMessage | undefined): boolean {
  if (response === undefined || response.httpVersion !== '1.1') return false
  const options = (response.headers.connection ?? '').toLowerCase().split(',')
  return !options.some((option) => option.trim() === 'close')
}

function tunnelled(source: Hooks, secureEndpoint: boolean): Connect {
  const connected = async (request: http.ClientRequest, options: object) => {
    const socket: unknown = await source.connect?.(request, { ...options, secureEndpoint })
    if (isSocket(socket)) return socket
    throw axiosAuthError('ERR_AXIOS_NTLM_AGENT', 'the agent of the request passes it to another agent')
  }
  return (request, options, opened) => {
    connected(request, options).then((socket) => opened(null, socket), opened)
    return undefined
  }
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Socket>).setNoDelay === 'function'
}
