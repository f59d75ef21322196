import { usageError } from '../exit-codes.js'
import { unchunked } from './chunked.js'
import { fieldOf, fieldProblem, type HttpRequest, TOKEN } from './http-request.js'

const LF = 0x0a

/**
 * Reads a request as it went over the wire, or as somebody saved it: a request line, fields, an empty line, the body.
 *
 * Lines end with CR LF, or with LF alone as an editor leaves them; the body is taken octet for octet. What exceeds Content-Length is cut,
 * since an editor puts a line feed at the end. A chunked body is put together.
 *
 * @throws CommandError (usage) that names the line
 */
export function parseRawRequest(octets: Uint8Array): HttpRequest {
  const notes: string[] = []
  const saved = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
  // Some editors put a byte order mark at the beginning; no request has one there.
  const { lines, rest } = headOf(saved.indexOf('\ufeff') === 0 ? saved.subarray(3) : saved)
  const [method, target] = requestLine(lines[0] ?? '')
  const headers = fieldsOf(lines.slice(1), notes)
  return { method, url: target, headers, body: bodyOf(rest, headers, notes), notes }
}

function headOf(octets: Buffer): { lines: string[]; rest: Buffer } {
  const lines: string[] = []
  let at = 0
  while (at < octets.length) {
    const end = octets.indexOf(LF, at)
    const stop = end < 0 ? octets.length : end
    const line = octets.toString('latin1', at, stop).replace(/\r$/, '')
    at = stop + 1
    // RFC 9112 section 2.2: empty lines before the request line are skipped.
    if (line === '' && lines.length > 0) break
    if (line !== '') lines.push(line)
  }
  return { lines, rest: octets.subarray(Math.min(at, octets.length)) }
}

function requestLine(line: string): [string, string] {
  const [method = '', target = '', version = 'HTTP/1.1', ...more] = line.split(' ')
  if (TOKEN.test(method) && target !== '' && /^HTTP\/\d(\.\d)?$/.test(version) && more.length === 0) return [method, target]
  throw usageError('the first line of a raw request must be like "POST /hooks HTTP/1.1"')
}

function fieldsOf(lines: readonly string[], notes: string[]): string[] {
  const headers: string[] = []
  for (const [i, line] of lines.entries()) {
    if (/^[ \t]/.test(line)) {
      if (headers.length === 0) throw usageError('line 2 of the raw request starts with a space: the first field must not be folded')
      headers.push(`${headers.pop()} ${trimmed(line)}`)
      notes.push(`line ${i + 2} continues the field above (obs-fold); it was joined with one space`)
      continue
    }
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, Math.max(0, colon)), trimmed(line.slice(colon + 1))]
    if (colon < 0) throw usageError(`line ${i + 2} of the raw request is not a field: it has no colon. An empty line ends the fields`)
    const problem = fieldProblem(name, value)
    if (problem !== undefined) throw usageError(`line ${i + 2} of the raw request ${problem}`)
    headers.push(name, value)
  }
  return headers
}

/** Optional white space around a value is no part of it (RFC 9110 section 5.5). */
function trimmed(text: string): string {
  let start = 0
  let end = text.length
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t'
  while (start < end && isBlank(start)) start += 1
  while (end > start && isBlank(end - 1)) end -= 1
  return text.slice(start, end)
}

function bodyOf(rest: Buffer, headers: readonly string[], notes: string[]): Uint8Array {
  if (fieldOf(headers, 'transfer-encoding')?.toLowerCase() === 'chunked') {
    const whole = unchunked(rest)
    if (whole !== undefined) return whole
    notes.push('Transfer-Encoding is chunked but the body has no chunks; it was used as it is')
    return rest
  }
  const length = fieldOf(headers, 'content-length')
  if (length === undefined || !/^\d{1,15}$/.test(length)) return rest
  const wanted = Number(length)
  if (rest.length > wanted) notes.push(`the body has ${rest.length} octets and Content-Length says ${wanted}; the rest was cut`)
  if (rest.length < wanted) notes.push(`the body has ${rest.length} octets and Content-Length says ${wanted}: some of it is missing`)
  return rest.subarray(0, wanted)
}
