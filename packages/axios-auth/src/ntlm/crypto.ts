import { createHash, createHmac } from 'node:crypto'
import { readCertificate } from '@countersign/core/certificates'
import { md4 } from './md4.js'

/** Who signs in. `domain` is empty where the user name is of the form `user@domain`. */
export interface NtlmIdentity {
  readonly username: string
  readonly domain: string
  readonly password: string
}

/** The response to a challenge, and the key of the session that it opens. */
export interface NtlmProof {
  /** NTProofStr and the blob that it covers: what goes into NtChallengeResponse. */
  readonly response: Buffer
  /** SessionBaseKey, 16 octets. */
  readonly sessionKey: Buffer
}

/**
 * The key that answers challenges: NTOWFv2, HMAC-MD5 under the MD4 of the password, of the user name in upper case and the domain.
 *
 * @see [MS-NLMP] section 3.3.2
 */
export function responseKey({ username, domain, password }: NtlmIdentity): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(upperCased(username) + domain, 'utf16le'))
}

/**
 * What the client's proof covers beside the server's challenge: time, the client's own challenge, and the target information.
 *
 * @param fileTime - tenths of a microsecond since 1601, 8 octets
 * @see [MS-NLMP] section 2.2.2.7
 */
export function clientBlob(fileTime: Uint8Array, clientChallenge: Uint8Array, targetInfo: Uint8Array): Buffer {
  const versions = Buffer.from('0101000000000000', 'hex')
  return Buffer.concat([versions, fileTime, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)])
}

/** Proves that the key is known: NTProofStr over the server's challenge and the blob ([MS-NLMP] section 3.3.2). */
export function prove(key: Uint8Array, serverChallenge: Uint8Array, blob: Uint8Array): NtlmProof {
  const proof = hmacMd5(key, serverChallenge, blob)
  return { response: Buffer.concat([proof, blob]), sessionKey: hmacMd5(key, proof) }
}

/** The MIC over the three messages, of which the last has zeros in its place ([MS-NLMP] section 3.1.5.1.2). */
export function messageIntegrity(sessionKey: Uint8Array, ...messages: Uint8Array[]): Buffer {
  return hmacMd5(sessionKey, ...messages)
}

/** Milliseconds since 1970 as a FILETIME: tenths of a microsecond since 1601, 8 octets, the least significant first. */
export function fileTime(now: number): Buffer {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64LE(BigInt(Math.trunc(now)) * 10_000n + 116_444_736_000_000_000n)
  return octets
}

/**
 * The channel bindings of a TLS connection: MD5 of a gss_channel_bindings_struct with no addresses and, as application data,
 * `tls-server-end-point:` and the digest of the server's certificate.
 *
 * @param certificate - DER
 * @returns 16 octets; undefined where the certificate's signature names no digest (Ed25519), so that none is defined
 * @see RFC 5929 section 4; RFC 4121 section 4.1.1.2; [MS-NLMP] section 2.2.2.1
 */
export function channelBindings(certificate: Uint8Array): Buffer | undefined {
  const digest = endPointDigest(certificate)
  if (digest === undefined) return undefined
  return bindingsHash(Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(digest).update(certificate).digest()]))
}

/** MD5 of a gss_channel_bindings_struct that holds nothing but application data (RFC 4121 section 4.1.1.2). */
export function bindingsHash(data: Uint8Array): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt32LE(data.length, 16)
  return createHash('md5').update(header).update(data).digest()
}

const SIGNATURE_DIGESTS = new Map([
  ['1.2.840.113549.1.1.4', 'sha256'],
  ['1.2.840.113549.1.1.5', 'sha256'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.113549.1.1.14', 'sha224'],
  ['1.2.840.10040.4.3', 'sha256'],
  ['2.16.840.1.101.3.4.3.2', 'sha256'],
  ['1.2.840.10045.4.1', 'sha256'],
  ['1.2.840.10045.4.3.1', 'sha224'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
])
const RSA_PSS = '1.2.840.113549.1.1.10'
const SHA2_ARC = Buffer.from('6086480165030402', 'hex')
const SHA2_NAMES = new Map([
  [1, 'sha256'],
  [2, 'sha384'],
  [3, 'sha512'],
  [4, 'sha224'],
])

/** The digest of the certificate's signature, with SHA-256 in the place of MD5 and SHA-1 (RFC 5929 section 4.1). */
function endPointDigest(der: Uint8Array): string | undefined {
  const certificate = readCertificate(der)
  if (certificate === undefined) return undefined
  if (certificate.signatureAlgorithm !== RSA_PSS) return SIGNATURE_DIGESTS.get(certificate.signatureAlgorithm)
  // RSASSA-PSS-params (RFC 4055 section 3.1): the digest stands before that of the mask generation; left out it is SHA-1.
  const identifier = Buffer.from(certificate.signatureIdentifier)
  const at = identifier.indexOf(SHA2_ARC)
  return at === -1 ? 'sha256' : SHA2_NAMES.get(identifier[at + SHA2_ARC.length] as number)
}

/**
 * As Windows folds case: each UTF-16 unit for itself, so that sharp s stays, and never from beyond ASCII into it, so that no dotless i
 * becomes the I of another user.
 */
function upperCased(text: string): string {
  let folded = ''
  for (let i = 0; i < text.length; i += 1) {
    const unit = text[i] as string
    const upper = unit.toUpperCase()
    const fits = upper.length === 1 && (unit.charCodeAt(0) < 0x80 || upper.charCodeAt(0) >= 0x80)
    folded += fits ? upper : unit
  }
  return folded
}

function hmacMd5(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const mac = createHmac('md5', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}
