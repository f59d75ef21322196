import { usageError } from '../exit-codes.js'
import { type CurlMeaning, longOption, shortOption, takesValue } from './curl-options.js'
import { fieldOf, fieldProblem, type HttpRequest, octetText, TOKEN } from './http-request.js'
import { shellWords } from './shell-words.js'

/** Reads a file that a curl command names with `@`. */
export type ReadBodyFile = (path: string) => Uint8Array

/** Reads the text of a curl command, as browsers copy it ("Copy as cURL (bash)"). */
export function parseCurl(text: string, readFile: ReadBodyFile): HttpRequest {
  const { words, notes } = shellWords(text)
  const request = parseCurlWords(words, readFile)
  return { ...request, notes: [...notes, ...request.notes] }
}

/**
 * Reads a curl command whose words a shell has split: the request that curl would send, with the fields that it adds and that can be known.
 *
 * Not told: User-Agent, which holds curl's version; what curl does after a redirect.
 *
 * @throws CommandError (usage) for an option that is not known, or that makes what cannot be known before it is sent (multipart)
 */
export function parseCurlWords(words: readonly string[], readFile: ReadBodyFile): HttpRequest {
  const [command = '', ...rest] = words
  if (!/(?:^|[/\\])curl(?:\.exe)?$/.test(command)) throw usageError('this is not a curl command')
  const draft = new CurlDraft(readFile)
  for (const [meaning, value] of optionsOf(rest)) draft.take(meaning, value)
  return draft.request()
}

type CurlOption = readonly [meaning: CurlMeaning, value: string]

function* optionsOf(words: readonly string[]): Generator<CurlOption> {
  let isOver = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (isOver || !word.startsWith('-') || word === '-') {
      yield ['url', word]
      continue
    }
    isOver = word === '--'
    if (isOver) continue
    const { options, open } = word.startsWith('--') ? longWord(word) : shortWord(word)
    yield* options
    if (open === undefined) continue
    at += 1
    if (at >= words.length) throw usageError(`${shownOption(word)} of the curl command needs a value`)
    yield [open, words[at] as string]
  }
}

interface OptionWord {
  readonly options: readonly CurlOption[]
  /** The option whose value is the next word. */
  readonly open?: CurlMeaning
}

function longWord(word: string): OptionWord {
  const meaning = longOption(word.slice(2)) ?? unknown(word)
  if (meaning === 'refused') throw refused(word)
  return takesValue(meaning) ? { options: [], open: meaning } : { options: [[meaning, '']] }
}

/** `-sSXPOST`: switches, then one that takes the rest of the word or the next word. */
function shortWord(word: string): OptionWord {
  const options: CurlOption[] = []
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] as string
    const meaning = shortOption(letter) ?? unknown(`-${letter}`)
    if (meaning === 'refused') throw refused(`-${letter}`)
    if (!takesValue(meaning)) options.push([meaning, ''])
    else if (at + 1 === word.length) return { options, open: meaning }
    else return { options: [...options, [meaning, word.slice(at + 1)]] }
  }
  return { options }
}

function unknown(option: string): never {
  throw usageError(`the curl command has the option ${shownOption(option)}, which is not known here; leave it out if it does not matter`)
}

function refused(option: string): Error {
  return usageError(
    `the curl command has ${shownOption(option)}, whose octets are not known before curl runs; save the request and use --request`,
  )
}

function shownOption(option: string): string {
  return JSON.stringify(option.slice(0, 40))
}

class CurlDraft {
  readonly #readFile: ReadBodyFile
  readonly #headers: string[] = []
  readonly #dropped = new Set<string>()
  readonly #implied = new Map<string, string>()
  readonly #data: Uint8Array[] = []
  readonly #urls: string[] = []
  #method: string | undefined
  #isGet = false
  #isHead = false
  #upload: Uint8Array | undefined

  constructor(readFile: ReadBodyFile) {
    this.#readFile = readFile
  }

  take(meaning: CurlMeaning, value: string): void {
    if (meaning === 'method') this.#method = value
    else if (meaning === 'header') this.#header(value)
    else if (meaning === 'url') this.#urls.push(value)
    else if (meaning === 'get') this.#isGet = true
    else if (meaning === 'head') this.#isHead = true
    else if (meaning === 'upload') this.#upload = this.#readFile(value)
    else if (meaning === 'user') this.#imply('Authorization', `Basic ${Buffer.from(value).toString('base64')}`)
    else if (meaning === 'bearer') this.#imply('Authorization', `Bearer ${value}`)
    else if (meaning === 'agent') this.#imply('User-Agent', value)
    else if (meaning === 'referer') this.#imply('Referer', value)
    else if (meaning === 'cookie') this.#cookie(value)
    else if (meaning !== 'none' && meaning !== 'skip') this.#takeData(meaning, value)
  }

  #imply(name: string, value: string): void {
    this.#implied.set(name, value)
  }

  #cookie(value: string): void {
    if (!value.includes('=')) throw usageError('the curl command reads its cookies from a file; write them out: -b "name=value"')
    const before = this.#implied.get('Cookie')
    this.#imply('Cookie', before === undefined ? value : `${before};${value}`)
  }

  /** `Name: value` sets, `Name:` takes curl's own away, `Name;` sends it empty. */
  #header(line: string): void {
    const colon = line.indexOf(':')
    const isEmpty = colon < 0 && line.endsWith(';')
    const name = (isEmpty ? line.slice(0, -1) : line.slice(0, Math.max(0, colon))).trim()
    const value = colon < 0 ? '' : line.slice(colon + 1).trim()
    if (colon < 0 && !isEmpty) throw usageError('a -H of the curl command has no colon')
    const problem = fieldProblem(name, value)
    if (problem !== undefined) throw usageError(`the field ${JSON.stringify(name.slice(0, 60))} of the curl command ${problem}`)
    if (value === '' && !isEmpty) this.#dropped.add(name.toLowerCase())
    else this.#headers.push(name, octetText(value))
  }

  #takeData(meaning: CurlMeaning, value: string): void {
    if (meaning === 'data-raw') this.#data.push(Buffer.from(value))
    else if (meaning === 'data-urlencode') this.#data.push(Buffer.from(this.#encoded(value)))
    else if (meaning === 'json') {
      this.#imply('Content-Type', 'application/json')
      this.#imply('Accept', 'application/json')
      this.#data.push(this.#contentOf(value))
    } else {
      const octets = this.#contentOf(value)
      // curl's -d strips carriage returns, line feeds and NUL from a file.
      const isStripped = meaning === 'data' && value.startsWith('@')
      this.#data.push(isStripped ? Buffer.from(octets.filter((octet) => octet !== 0 && octet !== 10 && octet !== 13)) : octets)
    }
  }

  #contentOf(value: string): Uint8Array {
    return value.startsWith('@') ? this.#readFile(value.slice(1)) : Buffer.from(value)
  }

  #encoded(value: string): string {
    const mark = value.search(/[=@]/)
    const name = mark < 0 ? '' : value.slice(0, mark)
    const rest = value.slice(mark + 1)
    const content = value[mark] === '@' ? Buffer.from(this.#readFile(rest)) : Buffer.from(rest)
    return name === '' ? percentEncoded(content) : `${name}=${percentEncoded(content)}`
  }

  request(): HttpRequest {
    const [url, ...others] = this.#urls
    if (url === undefined) throw usageError('the curl command has no URL')
    if (others.length > 0) throw usageError('the curl command has several URLs; write one')
    const data = this.#data.length === 0 ? undefined : joinedData(this.#data, this.#implied.get('Content-Type') === 'application/json')
    const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
    if (!/^https?:\/\/[^/?#]/i.test(absolute)) throw usageError('the URL of the curl command is neither http nor https')
    const target = data !== undefined && this.#isGet ? withQuery(absolute, data) : absolute
    const body = (this.#isGet ? undefined : data) ?? this.#upload ?? new Uint8Array(0)
    const method = this.#method ?? this.#defaultMethod(data)
    if (!TOKEN.test(method)) throw usageError('the method of the curl command is not valid')
    return { method, url: target, headers: this.#allHeaders(absolute, body, data !== undefined), body, notes: [] }
  }

  #defaultMethod(data: Uint8Array | undefined): string {
    if (this.#isHead) return 'HEAD'
    if (this.#upload !== undefined) return 'PUT'
    return data === undefined || this.#isGet ? 'GET' : 'POST'
  }

  /** The command's fields, and those that curl adds of itself where the command neither gives nor drops them. */
  #allHeaders(url: string, body: Uint8Array, hasData: boolean): string[] {
    const isSent = body.length > 0 || (hasData && !this.#isGet)
    const own = new Map([
      ['Host', /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1] ?? ''],
      ['Accept', '*/*'],
      ...(isSent ? [['Content-Length', String(body.length)] as const] : []),
      ...(isSent && this.#upload === undefined ? [['Content-Type', 'application/x-www-form-urlencoded'] as const] : []),
      ...this.#implied,
    ])
    const added = [...own].filter(([name]) => {
      const lower = name.toLowerCase()
      return !this.#dropped.has(lower) && fieldOf(this.#headers, lower) === undefined
    })
    const bad = added.find(([name, value]) => fieldProblem(name, value) !== undefined)
    if (bad !== undefined) throw usageError(`the field ${bad[0]} of the curl command contains a line break or NUL`)
    return [...added.flatMap(([name, value]) => [name, octetText(value)]), ...this.#headers]
  }
}

function joinedData(pieces: readonly Uint8Array[], isJson: boolean): Buffer {
  const between = Buffer.from('&')
  return Buffer.concat(pieces.flatMap((piece, i) => (i === 0 || isJson ? [piece] : [between, piece])))
}

function withQuery(url: string, data: Uint8Array): string {
  const [bare = '', fragment] = url.split('#', 2)
  const query = Buffer.from(data).toString('utf8')
  return `${bare}${bare.includes('?') ? '&' : '?'}${query}${fragment === undefined ? '' : `#${fragment}`}`
}

/** As curl's --data-urlencode: a blank is a plus sign. */
function percentEncoded(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    const character = String.fromCharCode(octet)
    if (octet === 0x20) text += '+'
    else text += /[A-Za-z0-9._~-]/.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
