import { type AlternativeName, type Certificate, type PinKind, readCertificate, type ValidityWindow } from '@countersign/core'
import { ChainCheck } from '../chain.js'
import { refuse } from '../errors.js'
import type { Presented, Verification } from '../source.js'
import type { FieldNames } from './header-fields.js'
import type { HeaderFields, Reading } from './header-source.js'

/** How many header values are remembered with what they hold. */
const MOST_REMEMBERED = 1_000

interface Decoded {
  readonly certificate: Certificate
  readonly sent: readonly Certificate[]
}

/** What the proxy says about the certificate. */
export interface Statement {
  readonly verification: Verification
  readonly said?: string | undefined
}

/**
 * Reads certificates from header values. A value is decoded once and remembered, up to 1000 of them, the oldest going first; what
 * does not decode is not remembered.
 */
export class CertificateReader {
  readonly #decode: (value: string) => readonly Uint8Array[] | undefined
  readonly #chain: ChainCheck | undefined
  readonly #remembered = new Map<string, Decoded>()

  /**
   * @param decode - the certificates of a value, the client's first; undefined when it is malformed
   * @param ca - the authorities that it must lead to
   */
  constructor(decode: (value: string) => readonly Uint8Array[] | undefined, ca: readonly Certificate[] | undefined) {
    this.#decode = decode
    this.#chain = ca === undefined ? undefined : new ChainCheck(ca)
  }

  /** The reading of a header that holds a certificate. With authorities of our own, their word goes before the proxy's. */
  read(name: string, value: string | undefined, statement: Statement, fields: HeaderFields, names: FieldNames): Reading {
    if (value === undefined) return refuse('ERR_TLS_HEADER_MISSING', `the header ${name} is missing`)
    if (value === '') return refuse('ERR_TLS_HEADER_EMPTY')
    const decoded = this.#decoded(value)
    if (decoded === undefined) return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${name} holds no certificate`)
    const { certificate, sent } = decoded
    if (this.#chain === undefined || statement.verification === 'failed')
      return new HeaderPresented({ certificate, ...statement, fields, names })
    const { windows, reason } = this.#chain.judge(certificate, sent)
    if (windows.length === 0) return new HeaderPresented({ certificate, verification: 'failed', said: reason, fields, names })
    return new HeaderPresented({ certificate, verification: 'verified', windows, fields, names })
  }

  #decoded(value: string): Decoded | undefined {
    const known = this.#remembered.get(value)
    if (known !== undefined) return known
    const certificates = this.#decode(value)?.map((octets) => readCertificate(octets))
    const certificate = certificates?.[0]
    if (certificates === undefined || certificate === undefined || certificates.includes(undefined)) return undefined
    const decoded = { certificate, sent: certificates.slice(1) as Certificate[] }
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value as string)
    this.#remembered.set(value, decoded)
    return decoded
  }
}

/** What a HeaderPresented is made of. */
export interface HeaderFacts extends Statement {
  readonly certificate?: Certificate | undefined
  readonly digests?: ReadonlyMap<PinKind, string>
  readonly windows?: readonly ValidityWindow[]
  readonly alternativeNames?: readonly AlternativeName[] | undefined
  readonly fields: HeaderFields
  readonly names: FieldNames
}

/** A certificate, or its digests, as headers present it. */
export class HeaderPresented implements Presented {
  readonly kind = 'presented'
  readonly certificate: Certificate | undefined
  readonly verification: Verification
  readonly said: string | undefined
  readonly windows: readonly ValidityWindow[] | undefined
  readonly alternativeNames: readonly AlternativeName[] | undefined
  readonly #digests: ReadonlyMap<PinKind, string> | undefined
  readonly #fields: HeaderFields
  readonly #names: FieldNames

  constructor(facts: HeaderFacts) {
    this.certificate = facts.certificate
    this.verification = facts.verification
    this.said = facts.said
    this.windows = facts.windows
    this.alternativeNames = facts.alternativeNames
    this.#digests = facts.digests
    this.#fields = facts.fields
    this.#names = facts.names
  }

  digest(kind: PinKind): string | undefined {
    return this.certificate === undefined ? this.#digests?.get(kind) : this.certificate.digest(kind)
  }

  field(key: string): string | undefined {
    const name = this.#names.get(key)
    return name === undefined ? undefined : this.#fields.get(name)
  }
}
