import { clientBlob, fileTime, messageIntegrity, type NtlmIdentity, prove, responseKey } from './crypto.js'
import { type Binding, boundTargetInfo, readTargetInfo, serverTime, type TargetInfo } from './target-info.js'

// [MS-NLMP] section 2.2.2.5. Neither LM (0x80) nor KEY_EXCH (0x40000000) nor OEM (0x2) is ever offered.
const FLAG = {
  unicode: 0x1,
  requestTarget: 0x4,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  bits128: 0x20000000,
  bits56: 0x80000000,
} as const
const OFFERED = Object.values(FLAG).reduce((all, flag) => all + flag, 0)

const SIGNATURE = Buffer.from('NTLMSSP\0')
/** Windows 10.0, build 17763, revision 15 of NTLMSSP ([MS-NLMP] section 2.2.2.10): gss-ntlmssp refuses messages without a version. */
const VERSION = Buffer.from('0a0063450000000f', 'hex')

const TYPE1_OCTETS = 40
const TYPE2_LEAST_OCTETS = 48
const TYPE3_HEADER_OCTETS = 88
/** What fits into the fields of an HTTP message many times over; the lengths inside messages have 16 bits. */
const MOST_TOKEN_CHARACTERS = 16_384

/** The server's challenge: its type 2 message, read. */
export interface NtlmChallenge {
  /** The message as received, for the MIC. */
  readonly octets: Buffer
  readonly flags: number
  /** 8 octets. */
  readonly serverChallenge: Buffer
  readonly targetInfo: TargetInfo
}

/** Why a type 2 message is of no use. */
export interface NtlmProblem {
  /** `malformed`: it is none. `weak`: the server does not offer what NTLMv2 needs. */
  readonly kind: 'malformed' | 'weak'
  readonly problem: string
}

/**
 * The type 1 message, 40 octets: it offers Unicode, NTLM with extended session security, and names neither domain nor workstation.
 *
 * @see [MS-NLMP] section 2.2.1.1
 */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(TYPE1_OCTETS)
  startMessage(message, 1)
  message.writeUInt32LE(OFFERED, 12)
  for (const at of [16, 24]) message.writeUInt32LE(TYPE1_OCTETS, at + 4)
  message.set(VERSION, 32)
  return message
}

/**
 * Reads the token of a type 2 message. Linear in its length.
 *
 * @param token - base64 as it stands behind `NTLM `
 * @see [MS-NLMP] section 2.2.1.2
 */
export function readChallenge(token: string): NtlmChallenge | NtlmProblem {
  const octets = decoded(token)
  if (octets === undefined) return malformed('is not base64')
  if (octets.length < TYPE2_LEAST_OCTETS) return malformed(`has ${octets.length} octets; a challenge has at least ${TYPE2_LEAST_OCTETS}`)
  if (!octets.subarray(0, 8).equals(SIGNATURE)) return malformed('does not start with NTLMSSP')
  const type = octets.readUInt32LE(8)
  if (type !== 2) return malformed(`is of type ${type}, not 2`)
  const flags = octets.readUInt32LE(20)
  const missing = missingOffer(flags)
  if (missing !== undefined) return { kind: 'weak', problem: `the server does not offer ${missing}, which NTLMv2 requires` }
  const info = field(octets, 40)
  const targetInfo = info === undefined ? undefined : readTargetInfo(info)
  if (targetInfo === undefined) return malformed('has malformed target information')
  return { octets, flags, serverChallenge: octets.subarray(24, 32), targetInfo }
}

/** What a type 3 message is made from. */
export interface Authentication {
  readonly identity: NtlmIdentity
  readonly workstation: string
  /** 8 random octets, for this message alone. */
  readonly clientChallenge: Uint8Array
  /** Milliseconds since the epoch; counts where the server states no time. */
  readonly now: number
  readonly binding: Binding
}

/**
 * The type 3 message: an NTLMv2 response, no LM response, no session key, and a MIC where the server states its time.
 *
 * @param negotiate - the type 1 message as sent
 * @see [MS-NLMP] sections 2.2.1.3 and 3.1.5.1.2
 */
export function authenticateMessage(negotiate: Uint8Array, challenge: NtlmChallenge, authentication: Authentication): Buffer {
  const { identity, workstation, clientChallenge, now, binding } = authentication
  const time = serverTime(challenge.targetInfo)
  const info = boundTargetInfo(challenge.targetInfo, binding, time !== undefined)
  const blob = clientBlob(time ?? fileTime(now), clientChallenge, info)
  const { response, sessionKey } = prove(responseKey(identity), challenge.serverChallenge, blob)
  const texts = [identity.domain, identity.username, workstation].map((text) => Buffer.from(text, 'utf16le'))
  // 24 zeros are what Windows sends in the place of the LM response.
  const message = authenticateLayout([Buffer.alloc(24), response, ...texts, Buffer.alloc(0)], (challenge.flags & OFFERED) >>> 0)
  if (time !== undefined) message.set(messageIntegrity(sessionKey, negotiate, challenge.octets, message), 72)
  return message
}

/** Fields in the order of the header (LM, NT, domain, user, workstation, session key); in the payload the texts come first, as on Windows. */
function authenticateLayout(fields: Buffer[], flags: number): Buffer {
  const message = Buffer.alloc(TYPE3_HEADER_OCTETS + fields.reduce((sum, octets) => sum + octets.length, 0))
  startMessage(message, 3)
  let at = TYPE3_HEADER_OCTETS
  for (const index of [2, 3, 4, 0, 1, 5]) {
    const octets = fields[index] as Buffer
    const descriptor = 12 + index * 8
    message.writeUInt16LE(octets.length, descriptor)
    message.writeUInt16LE(octets.length, descriptor + 2)
    message.writeUInt32LE(at, descriptor + 4)
    message.set(octets, at)
    at += octets.length
  }
  message.writeUInt32LE(flags, 60)
  message.set(VERSION, 64)
  return message
}

function startMessage(message: Buffer, type: number): void {
  message.set(SIGNATURE)
  message.writeUInt32LE(type, 8)
}

function decoded(token: string): Buffer | undefined {
  if (token.length > MOST_TOKEN_CHARACTERS) return undefined
  const octets = Buffer.from(token, 'base64')
  return octets.toString('base64') === token ? octets : undefined
}

function field(octets: Buffer, descriptor: number): Buffer | undefined {
  const length = octets.readUInt16LE(descriptor)
  const start = octets.readUInt32LE(descriptor + 4)
  if (start < TYPE2_LEAST_OCTETS || start + length > octets.length) return undefined
  return octets.subarray(start, start + length)
}

function missingOffer(flags: number): string | undefined {
  if ((flags & FLAG.extendedSessionSecurity) === 0) return 'extended session security'
  if ((flags & FLAG.targetInfo) === 0) return 'target information'
  if ((flags & FLAG.unicode) === 0) return 'Unicode'
  return undefined
}

function malformed(problem: string): NtlmProblem {
  return { kind: 'malformed', problem: `the type 2 message ${problem}` }
}
