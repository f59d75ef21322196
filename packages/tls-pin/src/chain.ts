import { type KeyObject, X509Certificate } from 'node:crypto'
import { types } from 'node:util'
import { invalidType, invalidValue, type ValidityWindow } from '@countersign/core/base'
import { type Certificate, readCertificate } from '@countersign/core/certificates'
import { pemCertificates } from './encodings.js'

/** How a chain was judged. No window: it leads to no root. */
export interface ChainVerdict {
  /** When each of the paths to a root counts; certificates count up to and including notAfter. */
  readonly windows: readonly ValidityWindow[]
  /** Why there is no path, for operators. */
  readonly reason: string
}

/** Certificate authorities as configured: PEM text or DER octets, one or several. */
export type AuthoritiesInput = string | Uint8Array | readonly (string | Uint8Array)[]

/** The deepest path: leaf, four intermediates, root. */
const MOST_DEPTH = 6
/** Signatures cost about 0.1 ms each, and whoever connects sends the intermediates. */
const MOST_SIGNATURES = 16
const MOST_SENT = 8
const MOST_PATHS = 4

/** NIST SP 800-57 part 1, 112 bits of security: level 2 of OpenSSL, and what public authorities must not go below. */
const LEAST_MODULUS_BITS = 2048
const LEAST_CURVE_BITS = 224

/** The object identifier of keys on elliptic curves, in DER; that of the curve follows (RFC 5480 section 2.1.1). */
const EC_PUBLIC_KEY = Buffer.from('06072a8648ce3d0201', 'hex')

const KEY_USAGE = '2.5.29.15'
/** Of the first octet of key usage: digitalSignature and keyAgreement. */
const HANDSHAKE_USAGES = 0x80 | 0x08
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const ANY_PURPOSE = '2.5.29.37.0'
const NAME_CONSTRAINTS = '2.5.29.30'
/** The extensions that may be critical since they are obeyed here: basic constraints, key usage, extended key usage, alternative names. */
const KNOWN_CRITICAL: ReadonlySet<string> = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17'])

/** MD2, MD4, MD5 and SHA-1 with RSA, DSA and ECDSA: with these, two certificates can share one signature. */
const BROKEN_ALGORITHMS: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.3',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.3.14.3.2.29',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
])
const RSA_PSS = '1.2.840.113549.1.1.10'
const SHA1_OID = Buffer.from('06052b0e03021a', 'hex')

/**
 * Reads the authorities of a factory. Each of them is trusted by itself, whether it is self-signed or not.
 *
 * @throws TypeError when there is none, one is no certificate, or one is no authority
 */
export function readAuthorities(factory: string, option: string, input: unknown): readonly Certificate[] {
  const entries: readonly unknown[] = Array.isArray(input) ? input : [input]
  const authorities = entries.flatMap((entry, i) => {
    const octets = authorityOctets(entry)
    if (octets === null) throw invalidType(factory, `${option}[${i}]`, 'PEM text or DER octets of certificates', entry)
    const certificates = octets?.map((der) => readCertificate(der))
    if (certificates === undefined || certificates.includes(undefined)) {
      throw invalidValue(factory, `${option}[${i}]`, 'must be certificates in PEM (-----BEGIN CERTIFICATE-----) or one in DER')
    }
    return certificates as Certificate[]
  })
  if (authorities.length === 0) throw invalidValue(factory, option, 'must contain at least one certificate')
  if (authorities.some((authority) => authority.authority === undefined)) {
    throw invalidValue(
      factory,
      option,
      'contains a certificate that is not an authority (basicConstraints CA:TRUE); to accept a single client certificate, pin it instead',
    )
  }
  return authorities
}

function authorityOctets(entry: unknown): Uint8Array[] | undefined | null {
  if (typeof entry === 'string') return pemCertificates(entry.trimStart())
  if (!types.isUint8Array(entry)) return null
  const text = Buffer.from(entry).toString('latin1')
  return text.trimStart().startsWith('-----') ? pemCertificates(text.trimStart()) : [entry]
}

/**
 * Checks that certificates lead to a root (RFC 5280 section 6, without policies).
 *
 * Each signature is verified up to a root, each issuer is an authority within its path length, and both dates of all of them make the
 * window of the path. The extended key usage of each of them, where there is one, allows client authentication (or any purpose), and
 * the key usage of the client's, signatures or key agreement. Certificates with name constraints, with critical extensions that are not
 * obeyed here, signed over MD5 or SHA-1, or with RSA and DSA keys below 2048 bits, curves below 224 or without a name lead nowhere.
 * Not checked: revocation.
 */
export class ChainCheck {
  readonly #roots: readonly Certificate[]
  readonly #verdicts = new WeakMap<Certificate, ChainVerdict>()

  constructor(roots: readonly Certificate[]) {
    this.#roots = roots
  }

  /**
   * @param leaf - the client's certificate; judged once per object
   * @param sent - what came with it, in any order; may hold the leaf and roots too, which count for nothing
   */
  judge(leaf: Certificate, sent: readonly Certificate[]): ChainVerdict {
    let verdict = this.#verdicts.get(leaf)
    if (verdict === undefined) {
      verdict = new PathSearch(this.#roots, sent.slice(0, MOST_SENT)).run(leaf)
      this.#verdicts.set(leaf, verdict)
    }
    return verdict
  }
}

class PathSearch {
  readonly #roots: readonly Certificate[]
  readonly #sent: readonly Certificate[]
  readonly #windows: ValidityWindow[] = []
  #signatures = 0
  #reason = 'no authority in the option ca issued it, and no certificate sent with it leads to one'

  constructor(roots: readonly Certificate[], sent: readonly Certificate[]) {
    this.#roots = roots
    this.#sent = sent
  }

  run(leaf: Certificate): ChainVerdict {
    const problem = unusable(leaf) ?? (allowsHandshakes(leaf) ? undefined : 'its key usage does not allow digital signatures')
    if (problem !== undefined) return { windows: [], reason: problem }
    this.#extend([leaf])
    return { windows: this.#windows, reason: this.#reason }
  }

  #extend(path: readonly Certificate[]): void {
    const last = path.at(-1) as Certificate
    for (const root of this.#roots) if (this.#issued(path, last, root)) this.#windows.push(windowOf([...path, root]))
    if (path.length >= MOST_DEPTH - 1) return
    for (const issuer of this.#sent) {
      if (this.#windows.length >= MOST_PATHS) return
      const isKnown = [...path, ...this.#roots].some((known) => known.digest('sha256') === issuer.digest('sha256'))
      if (!isKnown && this.#issued(path, last, issuer)) this.#extend([...path, issuer])
    }
  }

  #issued(path: readonly Certificate[], subject: Certificate, issuer: Certificate): boolean {
    const authority = issuer.authority
    if (authority === undefined) return false
    // RFC 5280 section 4.2.1.9: how many intermediates may follow; the leaf does not count.
    if (authority.pathLength !== undefined && path.length - 1 > authority.pathLength) return false
    const [below, above] = [nodeCertificate(subject), nodeCertificate(issuer)]
    // Names, key identifiers, and keyCertSign of the issuer.
    if (below === undefined || above === undefined || !above.ca || !below.checkIssued(above)) return false
    const problem = unusable(issuer)
    if (problem !== undefined) {
      this.#reason = `no authority accepted here issued it; about the one above it: ${problem}`
      return false
    }
    if (this.#signatures >= MOST_SIGNATURES) {
      this.#reason = 'too many certificates were sent with it'
      return false
    }
    this.#signatures += 1
    try {
      return below.verify(above.publicKey)
    } catch {
      return false
    }
  }
}

function unusable(certificate: Certificate): string | undefined {
  if (certificate.extensions.has(NAME_CONSTRAINTS)) return 'name constraints are not supported'
  for (const [oid, { critical }] of certificate.extensions) {
    if (critical && !KNOWN_CRITICAL.has(oid)) return `its critical extension ${oid} is not supported`
  }
  // As OpenSSL has it, the purposes of an authority bind what it issues.
  const { purposes } = certificate
  if (purposes !== undefined && !purposes.includes(CLIENT_AUTH) && !purposes.includes(ANY_PURPOSE)) {
    return 'its extended key usage does not allow client authentication'
  }
  return isBrokenSignature(certificate) ? 'it is signed with MD5 or SHA-1' : keyProblem(certificate)
}

/** RFC 5280 section 4.2.1.3. A bit string: its tag, its length, the count of unused bits, then the octets. */
function allowsHandshakes({ extensions }: Certificate): boolean {
  const value = extensions.get(KEY_USAGE)?.value
  if (value === undefined) return true
  const [tag, length, , usages] = value
  return tag === 0x03 && length === value.length - 2 && ((usages ?? 0) & HANDSHAKE_USAGES) !== 0
}

/** With a key that can be computed from what it signed, anybody is the authority, or the client. */
function keyProblem(certificate: Certificate): string | undefined {
  const key = publicKeyOf(certificate)
  if (key === undefined) return 'its public key cannot be read'
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < LEAST_MODULUS_BITS) {
    return `its key has ${modulusLength} bits; at least ${LEAST_MODULUS_BITS} are required`
  }
  if (key.asymmetricKeyType !== 'ec') return undefined
  // A curve of which all parameters are given can be one with a back door (CVE-2020-0601). Node may find the name of such a one.
  const parameters = certificate.publicKeyInfo[Buffer.from(certificate.publicKeyInfo).indexOf(EC_PUBLIC_KEY) + EC_PUBLIC_KEY.length]
  if (parameters !== 0x06) return 'its key is on an unnamed curve'
  // The names of curves hold their size: prime256v1, secp384r1, brainpoolP512r1.
  const bits = Number(/\d{3}/.exec(namedCurve ?? '')?.[0] ?? 0)
  return bits < LEAST_CURVE_BITS ? `its key is on a curve of less than ${LEAST_CURVE_BITS} bits` : undefined
}

function publicKeyOf(certificate: Certificate): KeyObject | undefined {
  try {
    return nodeCertificate(certificate)?.publicKey
  } catch {
    return undefined
  }
}

function isBrokenSignature({ signatureAlgorithm, signatureIdentifier }: Certificate): boolean {
  if (signatureAlgorithm !== RSA_PSS) return BROKEN_ALGORITHMS.has(signatureAlgorithm)
  // RFC 4055 section 3.1: the hash stands in [0], and is SHA-1 where that is left out.
  return !signatureIdentifier.includes(0xa0) || Buffer.from(signatureIdentifier).includes(SHA1_OID)
}

function windowOf(path: readonly Certificate[]): ValidityWindow {
  return {
    from: Math.max(...path.map(({ notBefore }) => notBefore)),
    until: Math.min(...path.map(({ notAfter }) => notAfter)),
  }
}

const parsed = new WeakMap<Certificate, X509Certificate | null>()

/** The certificate as node:crypto reads it; undefined when OpenSSL does not take it. */
function nodeCertificate(certificate: Certificate): X509Certificate | undefined {
  let known = parsed.get(certificate)
  if (known === undefined) {
    try {
      known = new X509Certificate(certificate.der)
    } catch {
      known = null
    }
    parsed.set(certificate, known)
  }
  return known ?? undefined
}
