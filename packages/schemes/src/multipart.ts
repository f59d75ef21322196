import { isAscii } from 'node:buffer'
import { textOf } from './json.js'
import { SchemeRefusal } from './refusal.js'

/** More parts than any vendor sends. */
const MAX_PARTS = 100

/** One parameter `boundary` (RFC 2046 section 5.1.1), quoted or not. */
const BOUNDARY = /;[ \t]*boundary=(?:"([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])"|([0-9A-Za-z'+_.-]{1,70}))[ \t]*(?:;|$)/i

/** RFC 7578 section 4.2, names without a character that senders escape in more than one way. */
const DISPOSITION = /^form-data; ?name="([^"\\%]*)"(; ?filename\*?=.*)?$/i

/**
 * The value of one field of a multipart/form-data body (RFC 7578), as UTF-8 text; undefined when there is none.
 *
 * Only the form that senders write is read: the first boundary begins the body and the last ends it, each part has a plain
 * Content-Disposition, and none a transfer encoding. What parsers of forms read in different ways is refused, so that a handler
 * cannot find another value than this.
 *
 * @param type - the value of Content-Type
 * @throws SchemeRefusal `ERR_HMAC_MALFORMED` for any other body, `ERR_HMAC_DUPLICATED` for a field that stands more than once or as a file too
 */
export function multipartField(type: string, body: Uint8Array, name: string): string | undefined {
  let found: string | undefined
  for (const part of partsOf(boundaryOf(type), Buffer.from(body.buffer, body.byteOffset, body.length))) {
    const { name: partName, isFile, content } = readPart(part)
    if (isNested(partName.toLowerCase(), name.toLowerCase())) throw malformed(`names the field ${name} with brackets, as parts of it`)
    if (partName.toLowerCase() !== name.toLowerCase()) continue
    if (found !== undefined) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the form field ${name} stands more than once`)
    if (isFile || partName !== name) throw malformed(`names the field ${name} in another way`)
    found = textOf(content)
  }
  return found
}

/** Whether parsers put a value beside that of a name, or in its place: the handler would find another than was signed. */
export function isNested(key: string, name: string): boolean {
  return nestedIn(key) === name
}

/**
 * The other name under which parsers put a pair: those of `a[b]=1`, to whom `[a]=1` is `a=1`, and URLSearchParams, to which a query may
 * begin with its mark. Undefined where its name is the only one.
 */
export function nestedIn(key: string): string | undefined {
  if (key.startsWith('?')) return key.slice(1)
  const open = key.indexOf('[')
  if (open !== 0) return open < 0 ? undefined : key.slice(0, open)
  const close = key.indexOf(']')
  return close < 0 ? undefined : key.slice(1, close)
}

function boundaryOf(type: string): string {
  const found = BOUNDARY.exec(type)
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined || type.match(/boundary/gi)?.length !== 1) throw malformed('names no boundary, or more than one')
  return boundary
}

function* partsOf(boundary: string, body: Buffer): Generator<Buffer> {
  if (!body.toString('latin1', 0, boundary.length + 4).startsWith(`--${boundary}\r\n`)) throw malformed('does not begin with its boundary')
  const delimiter = `\r\n--${boundary}`
  let start = boundary.length + 4
  for (let parts = 1; ; parts += 1) {
    const end = body.indexOf(delimiter, start, 'latin1')
    const behind = end + delimiter.length
    const mark = body.toString('latin1', behind, behind + 2)
    if (end < 0 || parts > MAX_PARTS || (mark !== '\r\n' && mark !== '--')) throw malformed('is not what its boundary says')
    yield body.subarray(start, end)
    start = behind + 2
    if (mark === '\r\n') continue
    if (body.length > start && body.toString('latin1', start) !== '\r\n') throw malformed('goes on behind its last boundary')
    return
  }
}

interface Part {
  readonly name: string
  readonly isFile: boolean
  readonly content: Buffer
}

function readPart(part: Buffer): Part {
  const end = part.indexOf('\r\n\r\n', 0, 'latin1')
  if (end < 0) throw malformed('has a part without a blank line')
  const lines = textOf(part.subarray(0, end)).split('\r\n')
  const dispositions = lines.filter((line) => /^content-disposition[ \t]*:/i.test(line))
  const [disposition = ''] = dispositions
  const content = part.subarray(end + 4)
  const found = DISPOSITION.exec(disposition.slice(disposition.indexOf(':') + 1).trim())
  if (found === null || dispositions.length > 1 || !lines.every((line) => isPlain(line, content)))
    throw malformed('has a part that is not plainly named')
  return { name: found[1] as string, isFile: found[2] !== undefined, content }
}

/** Whether a line of a part's head leaves the content as it is, in UTF-8, for every parser of forms. */
function isPlain(line: string, content: Buffer): boolean {
  const [, name = '', value = ''] = /^content-(disposition|type|length|transfer-encoding):[ \t]*(.*)$/i.exec(line) ?? []
  if (name.toLowerCase() === 'transfer-encoding') return /^(?:7bit|8bit|binary)$/i.test(value)
  return name !== '' && (!/charset/i.test(value) || UTF_8.test(value) || (ASCII.test(value) && isAscii(content)))
}

const UTF_8 = /^[^"]*;[ \t]*charset=(?:utf-?8|"utf-?8")$/i
const ASCII = /^[^"]*;[ \t]*charset=(?:us-ascii|iso-8859-1)$/i

function malformed(problem: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `the multipart body ${problem}`)
}
