/** Names of the pairs in target information ([MS-NLMP] section 2.2.2.1). */
const PAIR = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const

/** MsvAvFlags: the type 3 message has a MIC. */
const HAS_MIC = 0x2

/** Target information: pairs in the order of the server. Their names are numbers and may stand once each. */
export type TargetInfo = ReadonlyMap<number, Buffer>

/**
 * Reads target information: pairs of a name (2 octets), a length (2 octets) and a value, up to the pair 0.
 *
 * @returns undefined where a pair does not fit, stands twice, has a wrong length, or the end is missing
 */
export function readTargetInfo(octets: Buffer): TargetInfo | undefined {
  const pairs = new Map<number, Buffer>()
  let at = 0
  while (at + 4 <= octets.length) {
    const name = octets.readUInt16LE(at)
    const length = octets.readUInt16LE(at + 2)
    at += 4
    if (name === PAIR.end) return length === 0 && fits(pairs) ? pairs : undefined
    if (at + length > octets.length || pairs.has(name)) return undefined
    pairs.set(name, octets.subarray(at, at + length))
    at += length
  }
  return undefined
}

/** The server's time as a FILETIME of 8 octets. Where it is there, the client owes a MIC. */
export function serverTime(pairs: TargetInfo): Buffer | undefined {
  return pairs.get(PAIR.timestamp)
}

/** What the client adds to the server's pairs, so that its proof covers them. */
export interface Binding {
  /** The service that the client means, such as `HTTP/api.example.com`. */
  readonly targetName: string
  /** 16 octets; without them the pair holds zeros, which says that there are none. */
  readonly channelBindings: Uint8Array | undefined
}

/**
 * The target information of the answer: the server's pairs, whatever they say of name and channel replaced with what the client
 * knows, and the flag of the MIC where there is one ([MS-NLMP] section 3.1.5.1.2).
 */
export function boundTargetInfo(pairs: TargetInfo, binding: Binding, mic: boolean): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of pairs) if (!OURS.has(name)) parts.push(pair(name, value))
  const flags = Buffer.from(pairs.get(PAIR.flags) ?? Buffer.alloc(4))
  flags.writeUInt8(((flags[0] as number) & ~HAS_MIC) | (mic ? HAS_MIC : 0))
  if (mic || pairs.has(PAIR.flags)) parts.push(pair(PAIR.flags, flags))
  parts.push(pair(PAIR.channelBindings, binding.channelBindings ?? Buffer.alloc(16)))
  parts.push(pair(PAIR.targetName, Buffer.from(binding.targetName, 'utf16le')))
  parts.push(pair(PAIR.end, Buffer.alloc(0)))
  return Buffer.concat(parts)
}

const OURS: ReadonlySet<number> = new Set([PAIR.flags, PAIR.targetName, PAIR.channelBindings])

function pair(name: number, value: Uint8Array): Buffer {
  const octets = Buffer.alloc(4 + value.length)
  octets.writeUInt16LE(name, 0)
  octets.writeUInt16LE(value.length, 2)
  octets.set(value, 4)
  return octets
}

function fits(pairs: TargetInfo): boolean {
  const time = pairs.get(PAIR.timestamp)
  const flags = pairs.get(PAIR.flags)
  return (time === undefined || time.length === 8) && (flags === undefined || flags.length === 4)
}
