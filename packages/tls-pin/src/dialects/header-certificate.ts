import type { ValidityWindow } from '@countersign/core/base'
import { type AlternativeName, type Certificate, type Digests, type PinKind, readCertificate } from '@countersign/core/certificates'
import { ChainCheck } from '../chain.js'
import { refuse } from '../errors.js'
import { Remembered } from '../remembered.js'
import type { Presented, Verification } from '../source.js'
import type { FieldNames } from './header-fields.js'
import type { HeaderFields, Reading } from './header-source.js'

interface Decoded {
  readonly certificate: Certificate
  readonly sent: readonly Certificate[]
}

/** What the proxy says about the certificate. */
export interface Statement {
  readonly verification: Verification
  readonly said: string | undefined
}

/** The proxy says nothing. */
export const UNSTATED: Statement = Object.freeze({ verification: 'unstated', said: undefined })
/** The proxy has verified it. */
export const VERIFIED: Statement = Object.freeze({ verification: 'verified', said: undefined })

/** Reads certificates from header values. A value is decoded once and remembered. */
export class CertificateReader {
  readonly #chain: ChainCheck | undefined
  readonly #remembered: Remembered<Decoded>

  /**
   * @param decode - the certificates of a value, the client's first; undefined when it is malformed
   * @param ca - the authorities that it must lead to
   */
  constructor(decode: (value: string) => readonly Uint8Array[] | undefined, ca: readonly Certificate[] | undefined) {
    this.#remembered = new Remembered((value) => readAll(decode(value)))
    this.#chain = ca === undefined ? undefined : new ChainCheck(ca)
  }

  /** The reading of a header that holds a certificate. With authorities of our own, their word goes before the proxy's. */
  read(name: string, value: string | undefined, statement: Statement, fields: HeaderFields, names: FieldNames): Reading {
    if (value === undefined) return refuse('ERR_TLS_HEADER_MISSING', `the header ${name} is missing`)
    if (value === '') return refuse('ERR_TLS_HEADER_EMPTY')
    const decoded = this.#remembered.of(value)
    if (decoded === undefined) return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${name} does not contain a certificate`)
    const { certificate, sent } = decoded
    if (this.#chain === undefined || statement.verification === 'failed')
      return new HeaderPresented(certificate, certificate, statement, fields, names)
    const { windows, reason } = this.#chain.judge(certificate, sent)
    const ours: Statement = windows.length === 0 ? { verification: 'failed', said: reason } : VERIFIED
    return new HeaderPresented(certificate, certificate, ours, fields, names, { windows, alternativeNames: undefined })
  }
}

function readAll(encoded: readonly Uint8Array[] | undefined): Decoded | undefined {
  const certificates = encoded?.map((octets) => readCertificate(octets))
  const certificate = certificates?.[0]
  if (certificates === undefined || certificate === undefined || certificates.includes(undefined)) return undefined
  return { certificate, sent: certificates.slice(1) as Certificate[] }
}

/** One digest, which is all that a header holds of the certificate. */
export class SoleDigest implements Digests {
  readonly #kind: PinKind
  readonly #digest: string

  constructor(kind: PinKind, digest: string) {
    this.#kind = kind
    this.#digest = digest
  }

  digest(kind: PinKind): string | undefined {
    return kind === this.#kind ? this.#digest : undefined
  }
}

/** What is known besides. */
interface FurtherFacts {
  readonly windows: readonly ValidityWindow[] | undefined
  readonly alternativeNames: readonly AlternativeName[] | undefined
}

const NOTHING_FURTHER: FurtherFacts = Object.freeze({ windows: undefined, alternativeNames: undefined })

/** A certificate, or digests of it, as headers present it. */
export class HeaderPresented implements Presented {
  readonly kind = 'presented'
  readonly certificate: Certificate | undefined
  readonly verification: Verification
  readonly said: string | undefined
  readonly windows: readonly ValidityWindow[] | undefined
  readonly alternativeNames: readonly AlternativeName[] | undefined
  readonly #digests: Digests
  readonly #fields: HeaderFields
  readonly #names: FieldNames

  constructor(
    certificate: Certificate | undefined,
    digests: Digests,
    statement: Statement,
    fields: HeaderFields,
    names: FieldNames,
    further = NOTHING_FURTHER,
  ) {
    this.certificate = certificate
    this.verification = statement.verification
    this.said = statement.said
    this.windows = further.windows
    this.alternativeNames = further.alternativeNames
    this.#digests = digests
    this.#fields = fields
    this.#names = names
  }

  digest(kind: PinKind): string | undefined {
    return this.#digests.digest(kind)
  }

  field(key: string): string | undefined {
    const name = this.#names.get(key)
    return name === undefined ? undefined : this.#fields.get(name)
  }
}
