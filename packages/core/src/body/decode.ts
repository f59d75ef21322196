import { nodeZlib } from '../builtins.js'
import { coreError } from '../errors.js'

type Decoder = (octets: Buffer, options: { maxOutputLength: number }, done: (error: Error | null, decoded: Buffer) => void) => void

const decoders = new Map<string, 'gunzip' | 'inflate' | 'brotliDecompress'>([
  ['gzip', 'gunzip'],
  ['x-gzip', 'gunzip'],
  ['deflate', 'inflate'],
  ['br', 'brotliDecompress'],
])

/** The coding that a Content-Encoding names, in lower case; undefined for none and for `identity`. */
export function contentCoding(field: string | undefined): string | undefined {
  const coding = field?.trim().toLowerCase()
  return coding === '' || coding === 'identity' ? undefined : coding
}

/**
 * The decoder of one content coding (RFC 9110 section 8.4.1): gzip, x-gzip, deflate (with its zlib wrapper) or br.
 *
 * @throws CountersignError `ERR_BODY_ENCODING` (415) for any other, and for a list of several
 */
export function decoderOf(coding: string): Decoder {
  const decoder = decoders.get(coding)
  if (decoder === undefined) throw coreError('ERR_BODY_ENCODING')
  return nodeZlib()[decoder]
}

/**
 * Takes a content coding off. An empty body decodes to an empty body.
 *
 * @param limit - the most octets that may come out; at least 1 where there are octets, since as many were read under it
 * @throws CountersignError (as a rejection) `ERR_BODY_TOO_LARGE` when more would come out, `ERR_BODY_MALFORMED` when the octets do not decode
 */
export function decodeBody(octets: Buffer, decoder: Decoder, limit: number): Buffer | Promise<Buffer> {
  if (octets.length === 0) return octets
  return new Promise((resolve, reject) => {
    decoder(octets, { maxOutputLength: limit }, (error, decoded) => {
      if (error) reject(coreError(isTooLarge(error) ? 'ERR_BODY_TOO_LARGE' : 'ERR_BODY_MALFORMED', undefined, error))
      else resolve(decoded)
    })
  })
}

function isTooLarge(error: Error): boolean {
  return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
}
