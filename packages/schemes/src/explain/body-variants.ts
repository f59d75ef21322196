import { createHash } from 'node:crypto'
import { brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { encodeRfc3986 } from '../text/percent.js'
import type { Budget } from './budget.js'
import { type Cause, type Told, told } from './causes.js'
import { JSON_STYLES, styleTold } from './json-styles.js'
import { type JsonStyle, type JsonTree, jsonTree, writeJson } from './json-tree.js'
import { pythonBytes, pythonDict } from './python-text.js'
import type { Variant } from './trial.js'
import { writeWeight } from './weight.js'
import { windows1252 } from './windows-text.js'

/** The largest body of which other spellings are tried, octets. */
export const MOST_BODY_OCTETS = 1024 * 1024

type Content = string | Uint8Array | undefined

/** The body in the forms that other spellings are made of, each made once and only when it is asked for. */
class Body {
  readonly octets: Uint8Array
  readonly #budget: Budget
  #text: string | undefined
  #pairs: URLSearchParams | undefined
  #json: { readonly tree: JsonTree | undefined; readonly value: unknown } | undefined

  constructor(octets: Uint8Array, budget: Budget) {
    this.octets = octets
    this.#budget = budget
  }

  get text(): string {
    this.#text ??= Buffer.from(this.octets.buffer, this.octets.byteOffset, this.octets.byteLength).toString()
    return this.#text
  }

  get latin1(): string {
    return Buffer.from(this.octets.buffer, this.octets.byteOffset, this.octets.byteLength).toString('latin1')
  }

  get tree(): JsonTree | undefined {
    return this.#read.tree
  }

  /** Writes its JSON again; undefined where it is none. Many small values cost more than their octets say. */
  written(style: JsonStyle): string | undefined {
    if (this.tree === undefined) return undefined
    this.countWriting()
    return writeJson(this.tree, style) + (style.end ?? '')
  }

  /** Counts what it costs to write all of its values again. @throws BudgetSpent */
  countWriting(): void {
    this.#budget.octets(writeWeight(this.octets))
  }

  /** The parameters of a form. */
  get pairs(): URLSearchParams | undefined {
    if (/^[^{["=&]+=/.test(this.text)) this.#pairs ??= new URLSearchParams(this.text)
    return this.#pairs
  }

  /** As JSON.parse gives it: of members of one name the last, numbers as doubles. */
  get value(): unknown {
    return this.#read.value
  }

  get #read() {
    if (this.#json === undefined) {
      // Once by JSON.parse, which says whether it is JSON, once by its tree, and once for its value.
      this.#budget.parse(3)
      const text = this.text.replace(/^\ufeff/, '')
      const tree = jsonTree(text)
      this.#json = { tree, value: tree === undefined ? undefined : JSON.parse(text) }
    }
    return this.#json
  }
}

type Maker = readonly [cause: Cause, title: string, make: (body: Body) => Content, tell?: (body: Body) => Told]

const asText = (make: (text: string) => Content) => (body: Body) => make(body.text)

const ENDS: readonly Maker[] = [
  ['body-newline', 'the sender signs a line feed behind the body, which does not arrive', asText((text) => `${text}\n`)],
  ['body-newline', 'a line feed stands behind the body, which the sender does not sign', asText((text) => text.replace(/\r?\n$/, ''))],
  ['body-newline', 'the sender signs CR LF behind the body, which does not arrive', asText((text) => `${text}\r\n`)],
  [
    'body-line-ends',
    'the sender signs the body with CR LF where LF arrives',
    asText((text) => text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')),
  ],
  ['body-line-ends', 'the sender signs the body with LF where CR LF arrives', asText((text) => text.replaceAll('\r\n', '\n'))],
  ['body-line-ends', 'the sender signs the body without its line feeds', asText((text) => text.replace(/[\r\n]+/g, ''))],
  [
    'body-bom',
    'a byte order mark stands in front of the body, which the sender does not sign',
    asText((text) => text.replace(/^\ufeff/, '')),
  ],
  ['body-bom', 'the sender signs a byte order mark in front of the body, which does not arrive', asText((text) => `\ufeff${text}`)],
  ['body-newline', 'blanks or lines stand around the body, which the sender does not sign', asText((text) => text.trim())],
]

const CHARSETS: readonly Maker[] = [
  [
    'body-charset',
    'the sender signs the body in ISO 8859-1',
    asText((text) => (/^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined)),
  ],
  ['body-charset', 'the sender signs the body in Windows-1252', asText(windows1252)],
  ['body-charset', 'the sender signs the body in UTF-16 (little endian)', asText((text) => Buffer.from(text, 'utf16le'))],
  ['body-charset', 'the sender signs the body in UTF-16 (big endian)', asText((text) => Buffer.from(text, 'utf16le').swap16())],
  [
    'body-charset',
    'the sender signs the body in UTF-16 with a byte order mark (getBytes("UTF-16") of Java)',
    asText((text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()),
  ],
  ['body-charset', 'the sender signs the UTF-8 of a body that was read as ISO 8859-1', (body) => body.latin1],
  ['body-charset', 'the sender signs the body after what is no UTF-8 in it was replaced by U+FFFD', (body) => body.text],
  ['body-charset', 'the body arrives with each octet written as a character of UTF-8', asText(unread)],
  ['body-charset', 'the sender signs the body with "?" for what is not ASCII', asText((text) => text.replace(/[^\0-\x7f]/gu, '?'))],
  ['body-normalized', 'the sender signs the body in normal form C', asText((text) => text.normalize('NFC'))],
  ['body-normalized', 'the sender signs the body in normal form D', asText((text) => text.normalize('NFD'))],
]

const PACKED: readonly Maker[] = [
  ['body-compressed', 'the sender signs the body before it was compressed (gzip)', ({ octets }) => unpacked(octets, gunzipSync)],
  ['body-compressed', 'the sender signs the body before it was compressed (deflate)', ({ octets }) => unpacked(octets, inflateSync)],
  ['body-compressed', 'the sender signs the body before it was compressed (br)', ({ octets }) => unpacked(octets, brotliDecompressSync)],
  ['body-compressed', 'the sender signs the compressed body (gzip), and it arrives decompressed', ({ octets }) => gzipSync(octets)],
  [
    'body-compressed',
    'the sender signs the compressed body (gzip -9), and it arrives decompressed',
    ({ octets }) => gzipSync(octets, { level: 9 }),
  ],
  ['body-compressed', 'the sender signs the compressed body (deflate), and it arrives decompressed', ({ octets }) => deflateSync(octets)],
  ['body-base64', 'the body arrives in base64, and the sender signs what it stands for', asText(fromBase64)],
  ['body-base64', 'the sender signs the body in base64', ({ octets }) => Buffer.from(octets).toString('base64')],
  ['body-digest', 'the sender signs the hex SHA-256 of the body', ({ octets }) => createHash('sha256').update(octets).digest('hex')],
  ['body-digest', 'the sender signs the SHA-256 of the body', ({ octets }) => createHash('sha256').update(octets).digest()],
]

const AGAIN: readonly Maker[] = [
  [
    'body-string',
    'the body was put through a JSON writer twice: the sender signs it as one JSON string',
    asText((text) => JSON.stringify(text)),
  ],
  [
    'body-string',
    'the body arrives as one JSON string, and the sender signs what is in it',
    ({ value }) => (typeof value === 'string' ? value : undefined),
  ],
  [
    'body-parsed',
    'the sender signs the body as JSON.stringify writes it after JSON.parse: numbers, repeated members or their order changed',
    ({ tree, value }) => (tree === undefined ? undefined : JSON.stringify(value)),
  ],
  [
    'body-parsed',
    'the sender signs the body as JSON.stringify indents it after JSON.parse: numbers, repeated members or their order changed',
    ({ tree, value }) => (tree === undefined ? undefined : JSON.stringify(value, null, 2)),
  ],
  ['body-form', 'the sender signs the form with its parameters encoded again', form((pairs) => new URLSearchParams(pairs).toString())],
  [
    'body-form',
    'the sender signs the form with blanks as %20',
    form((pairs) => new URLSearchParams(pairs).toString().replaceAll('+', '%20')),
  ],
  ['body-form', 'the sender signs the form encoded by RFC 3986', form((pairs) => byRfc3986(pairs))],
  [
    'body-form',
    'the sender signs the form encoded by RFC 3986 with blanks as + (urlencode of Python)',
    form((pairs) => byRfc3986(pairs).replaceAll('%20', '+')),
  ],
  ['body-form', 'the sender signs the form with its parameters sorted', form((pairs) => sorted(pairs).toString())],
  ['body-form', 'the sender signs the form decoded', asText((text) => (text.includes('=') ? percentDecoded(text) : undefined))],
  ['body-form', 'the sender signs the form as JSON', form((pairs) => JSON.stringify(Object.fromEntries(pairs)))],
  ['body-form', 'the sender signs the members of the JSON as a form', ({ value }) => asForm(value)],
]

const SPELT: readonly Maker[] = [
  ['body-repr', "the sender signs str() of the body's octets in Python: b'...'", ({ octets }) => pythonBytes(octets)],
  [
    'body-repr',
    "the sender signs str() of the parsed body in Python: {'a': 1}",
    ({ tree }) => (tree === undefined ? undefined : pythonDict(tree)),
  ],
  [
    'body-string',
    'the sender signs a Buffer that JSON.stringify has written: {"type":"Buffer","data":[...]}',
    ({ octets }) => (octets.length > MOST_LISTED ? undefined : JSON.stringify(Buffer.from(octets))),
  ],
]
/** Of larger bodies no list of octets is made. */
const MOST_LISTED = 64 * 1024

const PLACEHOLDERS: readonly Maker[] = [
  ['body-empty', 'the sender signs an empty body', () => ''],
  ...['{}', '[]', 'null', 'undefined', '""', '[object Object]', 'None'].map(
    (text): Maker => ['body-empty', `the sender signs "${text}" in place of the body`, () => text],
  ),
]

const STYLES: readonly Maker[] = JSON_STYLES.map(([cause, title, style]) => [
  cause,
  title,
  (body) => body.written(style),
  (body) => styleTold(cause, title, body.text),
])

/** What senders do to a body most. */
const MAKERS: readonly Maker[] = [...ENDS, ...STYLES, ...AGAIN, ...CHARSETS, ...PACKED, ...PLACEHOLDERS, ...SPELT]

/** Other bodies that the sender may have signed; each spelling once. */
export function bodyVariants(octets: Uint8Array, budget: Budget): readonly Variant[] {
  if (octets.length > MOST_BODY_OCTETS) return []
  const body = new Body(octets, budget)
  const makers = octets.length === 0 ? PLACEHOLDERS.slice(1) : MAKERS
  const seen = new Map<string, number>([[fingerprint(octets), -1]])
  return makers.map(([cause, title, make, tell], at) => (trial) => {
    const content = make(body)
    if (content === undefined) return undefined
    const made = typeof content === 'string' ? Buffer.from(content) : content
    budget.octets(made.length)
    const mark = fingerprint(made)
    const first = seen.get(mark)
    if (first !== undefined && first !== at) return undefined
    seen.set(mark, at)
    return { ...trial, body: made, told: [...trial.told, tell?.(body) ?? told(cause, title)] }
  })
}

function fingerprint(octets: Uint8Array): string {
  return octets.length <= 32 ? Buffer.from(octets).toString('latin1') : createHash('sha1').update(octets).digest('base64')
}

/** Text whose characters are octets of UTF-8, as those octets. */
function unread(text: string): Content {
  return /^[\0-\xff]*$/.test(text) && /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1') : undefined
}

function unpacked(octets: Uint8Array, unpack: (octets: Uint8Array, options: { maxOutputLength: number }) => Uint8Array): Content {
  try {
    return unpack(octets, { maxOutputLength: MOST_BODY_OCTETS })
  } catch {
    return undefined
  }
}

function fromBase64(text: string): Content {
  const bare = text.trimEnd()
  return bare.length >= 4 && bare.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(bare) ? Buffer.from(bare, 'base64') : undefined
}

/** Makes something of the parameters of a form; of nothing else. */
function form(make: (pairs: URLSearchParams) => string): (body: Body) => Content {
  return (body) => {
    if (body.pairs === undefined) return undefined
    body.countWriting()
    return make(body.pairs)
  }
}

function byRfc3986(pairs: URLSearchParams): string {
  return [...pairs].map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`).join('&')
}

function sorted(pairs: URLSearchParams): URLSearchParams {
  const copy = new URLSearchParams(pairs)
  copy.sort()
  return copy
}

function percentDecoded(text: string): Content {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function asForm(value: unknown): Content {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const pairs = Object.entries(value).map(([name, member]): [string, string] => [
    name,
    typeof member === 'object' ? JSON.stringify(member) : String(member),
  ])
  return new URLSearchParams(pairs).toString()
}
