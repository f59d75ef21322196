/**
 * Puts a chunked body together (RFC 9112 section 7.1). Extensions and trailers are dropped.
 *
 * @returns undefined when the octets are no whole chunked body
 */
export function unchunked(octets: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const end = octets.indexOf('\r\n', at)
    if (end < 0 || end - at > 1024) return undefined
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(octets.toString('latin1', at, end))?.[1]
    if (size === undefined) return undefined
    const [start, length] = [end + 2, Number.parseInt(size, 16)]
    if (length === 0) return Buffer.concat(chunks)
    at = start + length + 2
    if (at > octets.length || octets.toString('latin1', at - 2, at) !== '\r\n') return undefined
    chunks.push(octets.subarray(start, start + length))
  }
}
