import { usageError } from '../exit-codes.js'
import { fieldProblem, type HttpRequest, octetText, TOKEN } from './http-request.js'
import { parseJsonText, RepeatedMember } from './json-text.js'

type Members = Readonly<Record<string, unknown>>

/** How many entries a message lists. */
const MOST_LISTED = 20

/**
 * Reads a request out of an HTTP Archive (HAR 1.2), as the network panels of browsers and proxies save it: a whole archive, one entry of it,
 * or the request of one.
 *
 * @param entry - which one, counted from 1; undefined: there has to be one only
 * @throws CommandError (usage) when the text is none, or when it has to be said which entry is meant
 */
export function parseHar(text: string, entry?: number): HttpRequest {
  let archive: unknown
  try {
    archive = parseJsonText(text)
  } catch (cause) {
    throw usageError(cause instanceof RepeatedMember ? `the HAR can be read in two ways: ${cause.message}` : 'the HAR is no JSON', {
      cause,
    })
  }
  const root = membersOf(archive, 'the HAR')
  const log = own(root, 'log')
  if (log === undefined) return requestOf(membersOf(own(root, 'request') ?? root, 'request'))
  const entries = own(membersOf(log, 'log'), 'entries')
  if (!Array.isArray(entries) || entries.length === 0) throw usageError('the HAR has no entries')
  return requestOf(requestAt(entries, chosen(entries, entry)))
}

function chosen(entries: readonly unknown[], entry: number | undefined): number {
  if (entry === undefined && entries.length === 1) return 0
  if (entry !== undefined && entry >= 1 && entry <= entries.length) return entry - 1
  const lines = entries.slice(0, MOST_LISTED).map((_, i) => {
    const request = requestAt(entries, i)
    return `  ${i + 1}  ${String(own(request, 'method')).slice(0, 16)} ${String(own(request, 'url')).slice(0, 100)}`
  })
  const more = entries.length > MOST_LISTED ? `\n  ... ${entries.length - MOST_LISTED} more` : ''
  throw usageError(`the HAR has ${entries.length} entries; say which with --entry N:\n${lines.join('\n')}${more}`)
}

function requestAt(entries: readonly unknown[], at: number): Members {
  const where = `entry ${at + 1}`
  return membersOf(own(membersOf(entries[at], where), 'request'), `the request of ${where}`)
}

function requestOf(request: Members): HttpRequest {
  const notes: string[] = []
  const method = own(request, 'method')
  const url = own(request, 'url')
  if (typeof method !== 'string' || !TOKEN.test(method)) throw usageError('the request of the HAR has no method')
  if (typeof url !== 'string' || url === '') throw usageError('the request of the HAR has no url')
  return { method, url, headers: headersOf(own(request, 'headers')), body: bodyOf(own(request, 'postData'), notes), notes }
}

function headersOf(list: unknown): string[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) throw usageError('the headers of the HAR are not a list')
  const headers: string[] = []
  for (const item of list as unknown[]) {
    const pair = membersOf(item, 'a header of the HAR')
    const [name, value] = [own(pair, 'name'), own(pair, 'value')]
    if (typeof name !== 'string' || typeof value !== 'string') throw usageError('a header of the HAR lacks name or value')
    // HTTP/2's pseudo-header fields (:method, :path ...) say what stands in the request line.
    if (name.startsWith(':')) continue
    const problem = fieldProblem(name, value)
    if (problem !== undefined) throw usageError(`the header ${JSON.stringify(name.slice(0, 60))} of the HAR ${problem}`)
    headers.push(name, octetText(value))
  }
  return headers
}

function bodyOf(data: unknown, notes: string[]): Uint8Array {
  if (data === undefined || data === null) return new Uint8Array(0)
  const post = membersOf(data, 'postData')
  const text = own(post, 'text')
  if (typeof text !== 'string') {
    if (Array.isArray(own(post, 'params')))
      throw usageError('the HAR contains the fields of a form but not its text, so its octets are lost')
    return new Uint8Array(0)
  }
  if (own(post, 'encoding') === 'base64') return Buffer.from(text, 'base64')
  if (text.includes('\uFFFD')) notes.push('the body contains U+FFFD: octets that are not UTF-8 were lost when the HAR was saved')
  return Buffer.from(text, 'utf8')
}

function membersOf(value: unknown, what: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw usageError(`${what} is not an object`)
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined
}
