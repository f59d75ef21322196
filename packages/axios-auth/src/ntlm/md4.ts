// Neither Node (OpenSSL 3 without its legacy provider) nor Web Crypto has MD4, which NTLM derives its key with.

const ROUND_SHIFTS = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const

const ROUND_WORDS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
] as const

const ROUND_CONSTANTS = [0, 0x5a827999, 0x6ed9eba1] as const

/**
 * MD4 of some octets, 16 octets. Broken for every use but NTLM's key.
 *
 * @see RFC 1320
 */
export function md4(message: Uint8Array): Buffer {
  const blocks = padded(message)
  const state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let at = 0; at < blocks.length; at += 64) mixBlock(state, blocks, at)
  const digest = Buffer.alloc(16)
  for (const [i, word] of state.entries()) digest.writeUInt32LE(word >>> 0, i * 4)
  return digest
}

type State = [number, number, number, number]

function padded(message: Uint8Array): Buffer {
  const blocks = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64)
  blocks.set(message)
  blocks[message.length] = 0x80
  blocks.writeBigUInt64LE(BigInt(message.length) * 8n, blocks.length - 8)
  return blocks
}

function mixBlock(state: State, blocks: Buffer, at: number): void {
  let [a, b, c, d] = state
  for (const round of [0, 1, 2] as const) {
    for (const [step, word] of ROUND_WORDS[round].entries()) {
      const sum = a + chosen(round, b, c, d) + blocks.readUInt32LE(at + word * 4) + ROUND_CONSTANTS[round]
      const shift = ROUND_SHIFTS[round][step % 4] as number
      const turned = (sum << shift) | ((sum | 0) >>> (32 - shift))
      ;[a, b, c, d] = [d, turned, b, c]
    }
  }
  state[0] = (state[0] + a) | 0
  state[1] = (state[1] + b) | 0
  state[2] = (state[2] + c) | 0
  state[3] = (state[3] + d) | 0
}

function chosen(round: 0 | 1 | 2, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z)
  if (round === 1) return (x & y) | (x & z) | (y & z)
  return x ^ y ^ z
}
