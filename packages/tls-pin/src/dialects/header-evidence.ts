import { invalidValue, type OptionReader, type PinKind } from '@countersign/core'
import { CERTIFICATE_KEYS, CERTIFICATE_KINDS } from '../source.js'
import { CertificateReader, HeaderPresented, type Statement } from './header-certificate.js'
import { type FieldNames, readDigest } from './header-fields.js'
import { readCa } from './header-options.js'
import type { HeaderFields, Reading } from './header-source.js'

/** How the one header that a source believes holds the certificate. */
export interface EvidenceForm {
  /** The header, in lower case. */
  readonly header: string
  /** What it holds: certificates, the client's first, or a fingerprint. */
  readonly holds: ((value: string) => readonly Uint8Array[] | undefined) | PinKind
  readonly fieldNames: FieldNames
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
export function evidence(options: OptionReader, { header, holds, fieldNames }: EvidenceForm): Evidence {
  if (typeof holds === 'function') {
    const reader = new CertificateReader(holds, readCa(options))
    return {
      kinds: CERTIFICATE_KINDS,
      keys: new Set([...CERTIFICATE_KEYS, ...fieldNames.keys()]),
      read: (fields, statement) => reader.read(header, fields.get(header), statement, fields, fieldNames),
    }
  }
  if (options.has('ca')) throw invalidValue(options.factory, 'ca', 'needs the whole certificate; of a fingerprint nothing can be checked')
  return {
    kinds: [holds],
    keys: digestKeys(holds, fieldNames),
    read: (fields, statement) => {
      const digest = readDigest(fields, header, holds)
      if (typeof digest !== 'string') return digest
      return new HeaderPresented({ ...statement, digests: new Map([[holds, digest]]), fields, names: fieldNames })
    },
  }
}

function digestKeys(kind: PinKind, fieldNames: FieldNames): ReadonlySet<string> {
  const parts = fieldNames.has('SUBJECT') ? ['CN', 'O', 'OU'] : []
  return new Set(['FINGERPRINT', ...(kind === 'sha256' ? ['FINGERPRINT256'] : []), ...parts, ...fieldNames.keys()])
}
