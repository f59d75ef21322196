/** HTTP/2 frames written by hand (RFC 9113 section 4.1), for what no well-behaved client sends. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const types = { data: 0, headers: 1, rstStream: 3, settings: 4 }

/** One frame. `flags` is the octet of flags, such as 1 for END_STREAM. */
export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = types[type]
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** The connection preface and the HEADERS frame of a request on stream 1, its body still open. */
export function openRequest(fields = {}) {
  const all = { ':method': 'POST', ':scheme': 'http', ':path': '/', ':authority': '127.0.0.1', ...fields }
  // HPACK: literal field without indexing, names and values without Huffman coding, each below 127 octets.
  const literals = Object.entries(all).map(([name, value]) =>
    Buffer.from([0, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)]),
  )
  return Buffer.concat([PREFACE, frame('settings', 0, 0), frame('headers', 4, 1, Buffer.concat(literals))])
}

/** RST_STREAM of stream 1 with an error code. */
export function reset(code) {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(code)
  return frame('rstStream', 0, 1, payload)
}
