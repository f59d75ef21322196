import { isAscii } from 'node:buffer'
import { SchemeRefusal } from '../refusal.js'
import { isNested, nestedIn } from '../text/nested-names.js'
import { encodeRfc3986 } from '../text/percent.js'
import { textOf } from './json.js'
import type { Pair } from './pairs.js'

/** More parts than any vendor sends. */
const MAX_PARTS = 100

/** One parameter `boundary` (RFC 2046 section 5.1.1), quoted or not. */
const BOUNDARY = /;[ \t]*boundary=(?:"([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])"|([0-9A-Za-z'+_.-]{1,70}))[ \t]*(?:;|$)/i

/** RFC 7578 section 4.2, names without a character that senders escape in more than one way. */
const DISPOSITION =
  /^form-data; ?name="([^"\\%]*)"((?:; ?filename=(?:"(?:[^"\\]|\\.)*"|[^"\\;\s]+))?(?:; ?filename\*=[\w-]+'[\w-]*'[^"\\;\s']+)?)$/i

/** A name that is not there says nothing to some parsers. */
const NAMELESS = /^; ?filename=""$/i

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

/**
 * The fields of a multipart/form-data body, encoded as the pairs of a form are; files are left out. The same bodies are refused, and a
 * file under the name of a field.
 */
export function multipartPairs(type: string, body: Uint8Array): readonly Pair[] {
  const parts = [...partsOf(boundaryOf(type), Buffer.from(body.buffer, body.byteOffset, body.length))].map(readPart)
  const fields = parts.filter(({ isFile }) => !isFile)
  const names = new Set(fields.map(({ name }) => name.toLowerCase()))
  const twin = parts.find(({ name, isFile }) => isFile && [name, ...nestedIn(name)].some((other) => names.has(other.toLowerCase())))
  if (twin !== undefined) throw malformed(`has a file and a field of the name ${twin.name}`)
  return fields.map(({ name, content }) => [encodeRfc3986(name), encodeRfc3986(textOf(content))])
}

/** The body with one more field at its end; what is there already stays. */
export function withMultipartField(type: string, body: Uint8Array, name: string, value: string): Uint8Array {
  const pair = `${encodeRfc3986(name)}=${encodeRfc3986(value)}`
  const same = multipartPairs(type, body).filter(([other]) => other === encodeRfc3986(name))
  if (same.length === 1 && same[0]?.join('=') === pair) return body
  if (same.length > 0) throw malformed(`has another value for the field ${name} already`)
  const boundary = boundaryOf(type)
  const octets = Buffer.from(body)
  const end = octets.lastIndexOf(`--${boundary}--`, undefined, 'latin1')
  const part = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const written = Buffer.concat([octets.subarray(0, end), part, octets.subarray(end)])
  if (multipartPairs(type, written).at(-1)?.join('=') !== pair) throw malformed(`cannot hold the field ${name}`)
  return written
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
  const [, name, filename = ''] = found ?? []
  const isFile = filename !== ''
  if (name === undefined || dispositions.length > 1 || !lines.every((line) => isPlain(line, isFile ? undefined : content)))
    throw malformed('has a part that is not plainly named')
  checkKind(name, filename, lines)
  return { name, isFile, content }
}

/**
 * Some parsers tell a file by the name of one, some by a type (formidable), or by that of octets too (busboy). Refused is what would be a
 * file to one and a field to another. A field that says that it is text is none to formidable, but senders are known that write so.
 */
function checkKind(name: string, filename: string, lines: readonly string[]): void {
  const types = lines.flatMap((line) => /^content-type[ \t]*:[ \t]*(.*)$/i.exec(line)?.[1]?.trim() ?? [])
  const [type = ''] = types
  const isField = filename === '' && !/^application\/octet-stream/i.test(type)
  const isFile = filename !== '' && type !== '' && (!NAMELESS.test(filename) || /^application\/octet-stream$/i.test(type))
  if (types.length > 1 || !(isField || isFile)) throw malformed(`has a part ${name} that is a field to some parsers and a file to others`)
}

/** Whether a line of a part's head leaves the content as it is, for every parser of forms; that of a field, in UTF-8. */
function isPlain(line: string, content: Buffer | undefined): boolean {
  const [, name = '', value = ''] = /^content-(disposition|type|length|transfer-encoding):[ \t]*(.*)$/i.exec(line) ?? []
  // Some parsers take the octets of a binary field for Latin-1.
  if (name.toLowerCase() === 'transfer-encoding')
    return /^(?:7bit|8bit)$/i.test(value) || (/^binary$/i.test(value) && (content === undefined || isAscii(content)))
  return name !== '' && (content === undefined || !/charset/i.test(value) || UTF_8.test(value) || (ASCII.test(value) && isAscii(content)))
}

const UTF_8 = /^[^"]*;[ \t]*charset=(?:utf-?8|"utf-?8")$/i
const ASCII = /^[^"]*;[ \t]*charset=(?:us-ascii|iso-8859-1)$/i

function malformed(problem: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `the multipart body ${problem}`)
}
