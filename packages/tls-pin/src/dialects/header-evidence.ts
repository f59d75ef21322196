import { invalidValue, type OptionReader } from '@countersign/core/base'
import { fingerprintHex, type PinKind } from '@countersign/core/certificates'
import { refuse } from '../errors.js'
import { Remembered } from '../remembered.js'
import { CERTIFICATE_KEYS, CERTIFICATE_KINDS } from '../source.js'
import { CertificateReader, HeaderPresented, SoleDigest, type Statement } from './header-certificate.js'
import { missingStatement } from './header-fields.js'
import { readCa } from './header-options.js'
import type { HeaderFields, Reading } from './header-source.js'

/** How the one header that a source believes holds the certificate. */
export interface EvidenceForm {
  /** The header, in lower case. */
  readonly header: string
  /** What it holds: certificates, the client's first, or a fingerprint. */
  readonly holds: ((value: string) => readonly Uint8Array[] | undefined) | PinKind
  readonly fieldNames: ReadonlyMap<string, string>
}

/** A form, ready to read. */
export interface Evidence {
  readonly kinds: readonly PinKind[]
  readonly keys: ReadonlySet<string>
  readonly read: (fields: HeaderFields, statement: Statement) => Reading
}

/**
 * Prepares the reading of a form.
 *
 * @throws TypeError when `ca` is wrong, or is given where there is no certificate to check
 */
export function evidence(reader: OptionReader, { header, holds, fieldNames }: EvidenceForm): Evidence {
  if (typeof holds === 'function') {
    const certificates = new CertificateReader(holds, readCa(reader))
    return {
      kinds: CERTIFICATE_KINDS,
      keys: new Set([...CERTIFICATE_KEYS, ...fieldNames.keys()]),
      read: (fields, statement) => certificates.read(header, fields.get(header), statement, fields, fieldNames),
    }
  }
  if (reader.asksFor('ca')) throw invalidValue(reader.factory, 'ca', 'needs the whole certificate; a fingerprint cannot be checked')
  const digests = new Remembered((value) => readDigest(value, holds))
  const dates = ['NOTBEFORE', 'NOTAFTER'].map((key) => fieldNames.get(key)).filter((name) => name !== undefined)
  return {
    kinds: [holds],
    keys: digestKeys(holds, fieldNames),
    read: (fields, statement) => {
      const value = fields.get(header)
      if (value === undefined) return refuse('ERR_TLS_HEADER_MISSING', `the header ${header} is missing`)
      if (value === '') return refuse('ERR_TLS_HEADER_EMPTY')
      const digest = digests.of(value)
      if (digest === undefined) return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${header} does not contain a ${holds} fingerprint`)
      return missingStatement(fields, dates) ?? new HeaderPresented(undefined, digest, statement, fields, fieldNames)
    },
  }
}

function readDigest(value: string, kind: PinKind): SoleDigest | undefined {
  const digest = fingerprintHex(value)
  return digest?.length === (kind === 'sha1' ? 40 : 64) ? new SoleDigest(kind, digest) : undefined
}

function digestKeys(kind: PinKind, fieldNames: ReadonlyMap<string, string>): ReadonlySet<string> {
  const parts = fieldNames.has('SUBJECT') ? ['CN', 'O', 'OU'] : []
  return new Set(['FINGERPRINT', ...(kind === 'sha256' ? ['FINGERPRINT256'] : []), ...parts, ...fieldNames.keys()])
}
