import { isIPv4, isIPv6 } from 'node:net'

/**
 * The octets of an IP address: 4, or 16. An IPv4 address that is mapped into IPv6 is the IPv4 address (RFC 4291 section 2.5.5.2),
 * and a zone index is left out.
 *
 * @returns undefined when the text is no address
 */
export function addressOctets(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number)
  if (!isIPv6(text)) return undefined
  const octets = ipv6Octets(text.split('%', 1)[0] as string)
  const isMapped = octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff
  return isMapped ? octets.slice(12) : octets
}

function ipv6Octets(address: string): number[] {
  const [head, tail] = address.split('::') as [string, string | undefined]
  const before = groupOctets(head)
  if (tail === undefined) return before
  const after = groupOctets(tail)
  return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after]
}

function groupOctets(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
