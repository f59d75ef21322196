import { usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import { isThisMachine } from '../this-machine.js'
import { parseCurl, parseCurlWords, type ReadBodyFile } from './curl.js'
import { parseHar } from './har.js'
import { fieldOf, fieldProblem, type HttpRequest, octetText, TOKEN } from './http-request.js'
import { readOctets, readText } from './octets.js'
import { parseRawRequest } from './raw-request.js'

/** How the note about an origin that nobody named begins. */
export const ASSUMED_ORIGIN = 'assumed to be sent to'

const SOURCES = ['request', 'har', 'curl'] as const

/** Which of the ways to name a request reads stdin, if one does. */
export function readsStdin(flags: Flags): boolean {
  return [...SOURCES, 'body-file'].some((name) => flags.text(name) === '-')
}

/**
 * The request that the command line names: a saved one (`--request`, `--har`, `--curl`), the words of a curl command behind `--`, or
 * `[METHOD] URL` with `--header` and `--body` or `--body-file`.
 *
 * @param words - the positional arguments behind the scheme
 * @throws CommandError (usage) when none is named, or several are
 */
export function readRequest(words: readonly string[], flags: Flags): HttpRequest {
  const named = SOURCES.filter((name) => flags.text(name) !== undefined)
  const isCurl = /(?:^|[/\\])curl(?:\.exe)?$/.test(words[0] ?? '')
  if (named.length + (words.length > 0 ? 1 : 0) > 1) throw usageError('name one request: --request, --har, --curl, or a URL')
  if (flags.has('entry') && !flags.has('har')) throw usageError('--entry says which request of a --har is meant')
  const isTyped = named.length === 0 && !isCurl
  if (!isTyped && (flags.texts('header').length > 0 || flags.has('body') || flags.has('body-file')))
    throw usageError('--header, --body and --body-file go with a URL; the saved request has its own')
  if (isTyped) return typedRequest(words, flags)
  return withOrigin(isCurl ? parseCurlWords(words, readOctets) : savedRequest(flags, readOctets), flags)
}

function savedRequest(flags: Flags, readFile: ReadBodyFile): HttpRequest {
  const [request, har, curl] = SOURCES.map((name) => flags.text(name))
  if (request !== undefined) return parseRawRequest(readOctets(request))
  if (har !== undefined) return parseHar(readText(har), flags.integer('entry', 'requests', 1))
  const text = curl as string
  // No file is called so, and who has a command on the clipboard pastes it here.
  return parseCurl(/^\s*curl\s/.test(text) ? text : readText(text), readFile)
}

function typedRequest(words: readonly string[], flags: Flags): HttpRequest {
  const [first, second, ...more] = words
  if (first === undefined) throw usageError('name a request: [METHOD] URL, --request FILE, --har FILE, --curl FILE, or -- curl ...')
  if (more.length > 0) throw usageError('a request is given as [METHOD] URL; there are too many arguments')
  const body = typedBody(flags)
  const method = second === undefined ? (body.length > 0 ? 'POST' : 'GET') : first
  if (!TOKEN.test(method)) throw usageError('METHOD is not an HTTP method')
  const url = second ?? first
  if (!/^(?:https?:\/\/[^/?#]|\/)/i.test(url)) throw usageError('URL must start with http://, https:// or /')
  const headers = flags.texts('header').flatMap(typedHeader)
  return withOrigin({ method, url, headers, body, notes: [] }, flags)
}

function typedBody(flags: Flags): Uint8Array {
  const file = flags.text('body-file')
  if (!flags.has('body')) return file === undefined ? new Uint8Array(0) : readOctets(file)
  if (file !== undefined) throw usageError('give --body or --body-file')
  // Blank text is a body too, so it is not asked for with flags.text.
  return Buffer.from(flags.anyText('body') ?? '')
}

function typedHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon)).trim()
  if (colon < 0) throw usageError("--header is written 'Name: value'")
  const value = line.slice(colon + 1).trim()
  const problem = fieldProblem(name, value)
  if (problem !== undefined) throw usageError(`--header ${JSON.stringify(name.slice(0, 60))} ${problem}`)
  return [name, octetText(value)]
}

/** A path gets the origin that --origin names, or the one that its Host suggests, so that schemes that sign the URL can be judged. */
function withOrigin(request: HttpRequest, flags: Flags): HttpRequest {
  const host = fieldOf(request.headers, 'host')
  if (!request.url.startsWith('/') || flags.has('origin') || host === undefined) return request
  const origin = `${isThisMachine(host) ? 'http' : 'https'}://${host}`
  if (!URL.canParse(origin) || new URL(origin).pathname !== '/') return request
  const note = `${ASSUMED_ORIGIN} ${origin}; use --origin if not`
  return { ...request, url: `${origin}${request.url}`, notes: [...request.notes, note] }
}
