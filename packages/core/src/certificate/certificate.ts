import { hash } from 'node:crypto'
import { type DerElement, DerError, DerReader, oidText, stringText, TAG, timeValue } from './der.js'

/** One attribute of a distinguished name. Its type is always the dotted object identifier, such as `2.5.4.3` for CN. */
export interface NameAttribute {
  readonly type: string
  /** The text; of a value that is no text, its DER in lower-case hex, with `opaque` set. */
  readonly value: string
  readonly opaque?: true
}

/** A distinguished name: its RDNs in the order of the certificate (the country first, the common name last, as a rule). */
export type DistinguishedName = readonly (readonly NameAttribute[])[]

/** One subject alternative name. An `ip` is the address's octets in lower-case hex. */
export interface AlternativeName {
  readonly type: 'dns' | 'email' | 'uri' | 'ip'
  readonly value: string
}

/** An extension as it stands in the certificate. */
export interface CertificateExtension {
  readonly critical: boolean
  readonly value: Uint8Array
}

/** Which digest a pin holds: SHA-256 of the certificate, SHA-256 of its public key (SubjectPublicKeyInfo), SHA-1 of the certificate. */
export type PinKind = 'sha256' | 'spki' | 'sha1'

/**
 * What an X.509 certificate says, read from its DER. Nothing is verified: no signature, no issuer, no date.
 *
 * The digests are those of the octets given, and are computed once, when first asked for.
 */
export class Certificate {
  /** The certificate's octets; a copy of what was given. */
  readonly der: Uint8Array
  /** The serial number: lower-case hex without leading zeros, with `-` before it where it is negative. */
  readonly serial: string
  /** Milliseconds since the epoch. The certificate counts from notBefore to notAfter, both included. */
  readonly notBefore: number
  readonly notAfter: number
  /** The object identifier of the algorithm that it is signed with. */
  readonly signatureAlgorithm: string
  /** The AlgorithmIdentifier of the signature, whole. */
  readonly signatureIdentifier: Uint8Array
  /** SubjectPublicKeyInfo, as it stands in the certificate. */
  readonly publicKeyInfo: Uint8Array
  /** The extensions by object identifier. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>
  readonly #issuer: DerElement
  readonly #subject: DerElement
  readonly #digests = new Map<PinKind, string>()
  #subjectName: DistinguishedName | undefined
  #issuerName: DistinguishedName | undefined
  #alternativeNames: readonly AlternativeName[] | undefined

  /** @throws DerError when the octets are not one certificate and nothing else */
  constructor(octets: Uint8Array) {
    this.der = Uint8Array.from(octets)
    const outer = new DerReader(this.der)
    const whole = outer.inside(outer.take(TAG.sequence))
    outer.finish()
    const body = whole.inside(whole.take(TAG.sequence))
    const outerAlgorithm = whole.content(whole.take(TAG.sequence))
    whole.take(TAG.bitString)
    whole.finish()

    body.takeIf(0xa0)
    this.serial = integerText(body.content(body.take(TAG.integer)))
    const algorithm = body.take(TAG.sequence)
    this.signatureIdentifier = body.content(algorithm)
    // RFC 5280 section 4.1.1.2: both must be the same.
    if (Buffer.compare(this.signatureIdentifier, outerAlgorithm) !== 0) throw new DerError('two signature algorithms')
    const identifier = body.inside(algorithm)
    this.signatureAlgorithm = oidText(identifier.content(identifier.take(TAG.oid)))
    this.#issuer = body.take(TAG.sequence)
    const [notBefore, notAfter] = readValidity(body.inside(body.take(TAG.sequence)))
    this.notBefore = notBefore
    this.notAfter = notAfter
    this.#subject = body.take(TAG.sequence)
    const key = body.take(TAG.sequence)
    this.publicKeyInfo = this.der.subarray(key.at, key.end)
    body.takeIf(0x81)
    body.takeIf(0x82)
    const extensions = body.takeIf(0xa3)
    this.extensions = extensions === undefined ? new Map() : readExtensions(body.inside(extensions))
    body.finish()
  }

  /** A digest in lower-case hex. */
  digest(kind: PinKind): string {
    let digest = this.#digests.get(kind)
    if (digest === undefined) {
      const octets = kind === 'spki' ? this.publicKeyInfo : this.der
      digest = hash(kind === 'sha1' ? 'sha1' : 'sha256', octets, 'hex')
      this.#digests.set(kind, digest)
    }
    return digest
  }

  /** @throws DerError when the name is malformed */
  get subject(): DistinguishedName {
    this.#subjectName ??= readName(new DerReader(this.der, this.#subject.start, this.#subject.end))
    return this.#subjectName
  }

  /** @throws DerError when the name is malformed */
  get issuer(): DistinguishedName {
    this.#issuerName ??= readName(new DerReader(this.der, this.#issuer.start, this.#issuer.end))
    return this.#issuerName
  }

  /**
   * The subject alternative names of the four types that pins and conditions use; others are left out.
   *
   * @throws DerError when the extension is malformed
   */
  get alternativeNames(): readonly AlternativeName[] {
    this.#alternativeNames ??= readAlternativeNames(this.extensions.get('2.5.29.17')?.value)
    return this.#alternativeNames
  }

  /** Basic constraints (RFC 5280 section 4.2.1.9): whether it is an authority, and how many authorities may stand below it. */
  get authority(): { readonly pathLength: number | undefined } | undefined {
    const value = this.extensions.get('2.5.29.19')?.value
    if (value === undefined) return undefined
    const outer = new DerReader(value)
    const reader = outer.inside(outer.take(TAG.sequence))
    outer.finish()
    const flag = reader.takeIf(TAG.boolean)
    if (flag === undefined || reader.content(flag)[0] !== 0xff) return undefined
    const length = reader.takeIf(TAG.integer)
    reader.finish()
    return { pathLength: length === undefined ? undefined : Number.parseInt(integerText(reader.content(length)), 16) }
  }

  /** The purposes of its extended key usage (RFC 5280 section 4.2.1.12) as object identifiers; undefined when it has none: any. */
  get purposes(): readonly string[] | undefined {
    const value = this.extensions.get('2.5.29.37')?.value
    if (value === undefined) return undefined
    const outer = new DerReader(value)
    const reader = outer.inside(outer.take(TAG.sequence))
    const purposes: string[] = []
    while (!reader.done) purposes.push(oidText(reader.content(reader.take(TAG.oid))))
    return purposes
  }
}

/**
 * Reads a certificate from DER. Linear in its length.
 *
 * @returns undefined when the octets are not one well-formed certificate and nothing else
 */
export function readCertificate(octets: Uint8Array): Certificate | undefined {
  try {
    const certificate = new Certificate(octets)
    // Names are read when first asked for; a malformed one must not surface then.
    void [certificate.subject, certificate.issuer, certificate.alternativeNames, certificate.authority, certificate.purposes]
    return certificate
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function integerText(content: Uint8Array): string {
  const first = content[0]
  if (first === undefined) throw new DerError('an integer without octets')
  const value = BigInt(`0x${Buffer.from(content.buffer, content.byteOffset, content.length).toString('hex')}`)
  if (first < 0x80) return value.toString(16)
  return (value - (1n << BigInt(8 * content.length))).toString(16)
}

function readValidity(reader: DerReader): [number, number] {
  const times = [reader.take(), reader.take()].map((time) => timeValue(time.tag, reader.content(time)))
  reader.finish()
  return times as [number, number]
}

function readExtensions(holder: DerReader): Map<string, CertificateExtension> {
  const list = holder.inside(holder.take(TAG.sequence))
  holder.finish()
  const extensions = new Map<string, CertificateExtension>()
  while (!list.done) {
    const reader = list.inside(list.take(TAG.sequence))
    const oid = oidText(reader.content(reader.take(TAG.oid)))
    const flag = reader.takeIf(TAG.boolean)
    const value = reader.content(reader.take(TAG.octetString))
    reader.finish()
    // RFC 5280 section 4.2: no extension stands twice. With two, readers disagree which of them counts.
    if (extensions.has(oid)) throw new DerError('an extension stands twice')
    extensions.set(oid, { critical: flag !== undefined && reader.content(flag)[0] !== 0, value })
  }
  return extensions
}

function readName(reader: DerReader): DistinguishedName {
  const name: NameAttribute[][] = []
  while (!reader.done) {
    const set = reader.inside(reader.take(TAG.set))
    const attributes: NameAttribute[] = []
    while (!set.done) attributes.push(readAttribute(set.inside(set.take(TAG.sequence))))
    name.push(attributes)
  }
  return name
}

function readAttribute(reader: DerReader): NameAttribute {
  const type = oidText(reader.content(reader.take(TAG.oid)))
  const element = reader.take()
  reader.finish()
  const value = stringText(element.tag, reader.content(element))
  if (value !== undefined) return { type, value }
  return { type, value: Buffer.from(reader.octets.subarray(element.at, element.end)).toString('hex'), opaque: true }
}

const ALTERNATIVE_TYPES = new Map<number, AlternativeName['type']>([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
  [0x87, 'ip'],
])

function readAlternativeNames(value: Uint8Array | undefined): readonly AlternativeName[] {
  if (value === undefined) return []
  const outer = new DerReader(value)
  const reader = outer.inside(outer.take(TAG.sequence))
  outer.finish()
  const names: AlternativeName[] = []
  while (!reader.done) {
    const element = reader.take()
    const type = ALTERNATIVE_TYPES.get(element.tag)
    if (type === undefined) continue
    const text = Buffer.from(reader.content(element)).toString(type === 'ip' ? 'hex' : 'latin1')
    names.push({ type, value: text })
  }
  return names
}
