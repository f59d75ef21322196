import type { Socket } from 'node:net'
import { invalidType, invalidValue } from '@countersign/core/base'
import { addressOctets } from './addresses.js'

interface Network {
  readonly octets: readonly number[]
  readonly bits: number
}

/** Whether the peer of a socket is a trusted proxy. Looked at once per socket: a peer does not change. */
export type PeerCheck = (socket: Socket) => boolean

/** The word that trusts whoever connects over a unix socket; the permissions of its file decide who can. */
const UNIX = 'unix'

/**
 * Reads the proxies whose headers are believed. Only the address of the socket's peer is looked at; X-Forwarded-For, and what
 * Express's `trust proxy` or Koa's `app.proxy` make of it, is never read.
 *
 * Shape: addresses (`10.0.0.7`, `::1`), networks in CIDR notation (`10.0.0.0/8`, `fd00::/8`), or `unix`. An IPv4 network also holds
 * the addresses mapped into IPv6 (`::ffff:10.0.0.7`).
 *
 * @param allowAnyPeer - whether a network of all addresses passes, since something else tells the proxy
 * @throws TypeError when there is none, or one is malformed, or all addresses are trusted
 */
export function trustedPeers(factory: string, option: string, input: unknown, allowAnyPeer: boolean): PeerCheck {
  if (!Array.isArray(input)) {
    throw invalidType(factory, option, "a list of the proxy's addresses or networks, such as ['127.0.0.1/32'] or ['unix']", input)
  }
  if (input.length === 0) throw invalidValue(factory, option, 'must name at least one address, network or "unix"')
  const networks = input.flatMap((entry, i) => (entry === UNIX ? [] : [readNetwork(factory, `${option}[${i}]`, entry, allowAnyPeer)]))
  const isUnixTrusted = input.includes(UNIX)
  const known = new WeakMap<Socket, boolean>()
  return (socket) => {
    let trusted = known.get(socket)
    if (trusted === undefined) {
      const address = socket.remoteAddress
      trusted = address === undefined ? isUnixTrusted && isUnixSocket(socket) : isWithin(networks, address)
      known.set(socket, trusted)
    }
    return trusted
  }
}

/**
 * Whether a socket was accepted by a server on a unix socket. That it has no remote address does not tell: neither has a TCP
 * connection whose peer has reset it meanwhile, and its request is still being served.
 *
 * A listening server of TCP always has an address. One of a unix socket has its path, or null where it came as a file descriptor
 * (systemd's socket activation, `listen({ fd })`).
 */
function isUnixSocket(socket: Socket): boolean {
  const { server } = socket as { server?: { address?: () => unknown; listening?: unknown } }
  if (socket.destroyed || typeof server?.address !== 'function') return false
  const address = server.address()
  return typeof address === 'string' || (address === null && server.listening === true)
}

function isWithin(networks: readonly Network[], address: string): boolean {
  const octets = addressOctets(address)
  return octets !== undefined && networks.some((network) => holds(network, octets))
}

function holds(network: Network, octets: readonly number[]): boolean {
  if (network.octets.length !== octets.length) return false
  const whole = network.bits >> 3
  for (let i = 0; i < whole; i += 1) if (network.octets[i] !== octets[i]) return false
  // Of a whole address nothing is left: the mask is 0.
  const mask = (0xff00 >> (network.bits & 7)) & 0xff
  return (((network.octets[whole] as number) ^ (octets[whole] as number)) & mask) === 0
}

const BITS = /^(?:0|[1-9]\d{0,2})$/

function readNetwork(factory: string, option: string, entry: unknown, allowAnyPeer: boolean): Network {
  if (typeof entry !== 'string') throw invalidType(factory, option, 'an address, a network in CIDR notation, or "unix"', entry)
  const [address, bits, more] = entry.split('/') as [string, string?, string?]
  const octets = addressOctets(address)
  if (octets === undefined || more !== undefined || address.includes('%')) {
    throw invalidValue(factory, option, 'is not an address or network; write "10.0.0.7", "10.0.0.0/8", "fd00::/8" or "unix"')
  }
  const given = bits === undefined ? undefined : prefixLength(address, octets, bits)
  if (bits !== undefined && given === undefined) throw invalidValue(factory, option, `has no such prefix length: "/${bits.slice(0, 8)}"`)
  if (given === 0 && !allowAnyPeer) {
    throw invalidValue(factory, option, 'trusts every address, so anybody could send certificate headers; name the network of the proxy')
  }
  return { octets, bits: given ?? octets.length * 8 }
}

/** A prefix of a mapped address, such as ::ffff:10.0.0.0/104, counts from the left of its 128 bits. */
function prefixLength(address: string, octets: readonly number[], text: string): number | undefined {
  if (!BITS.test(text)) return undefined
  const bits = address.includes(':') && octets.length === 4 ? Number(text) - 96 : Number(text)
  return bits >= 0 && bits <= octets.length * 8 ? bits : undefined
}
