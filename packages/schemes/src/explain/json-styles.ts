import { type Cause, type Told, told } from './causes.js'
import { type JsonStyle, lowerEscape, upperEscape } from './json-tree.js'

const TIGHT: JsonStyle = { comma: '', colon: ':' }
const SPACED: JsonStyle = { comma: ' ', colon: ': ' }
const LINES: JsonStyle = { comma: '', colon: ': ' }

const ASCII = { escaped: /[^\0-\x7f]/g, escapeOne: lowerEscape } as const
const SLASHES = { escaped: /\//g, escapeOne: () => '\\/' } as const
const PHP = { escaped: /\/|[^\0-\x7f]/g, escapeOne: (c: string) => (c === '/' ? '\\/' : lowerEscape(c)) } as const
// encoding/json escapes these so that JSON can stand in HTML and in old JavaScript.
const GO = { escaped: /[<>&\u2028\u2029]/g, escapeOne: lowerEscape } as const
const GSON = { escaped: /[<>&='\u2028\u2029]/g, escapeOne: lowerEscape } as const
// System.Text.Json's default encoder: ASCII without what is special in HTML; a quote is escaped as a character too.
const DOTNET = {
  escaped: /\\[\\"]|[<>&'+`]|[^\0-\x7f]/g,
  escapeOne: (c: string) => (c === '\\\\' ? c : upperEscape(c.length === 2 ? '"' : c)),
} as const

/** How a sender may have written JSON that was read and written again on the way, or before it was signed. */
export const JSON_STYLES: readonly (readonly [cause: Cause, title: string, style: JsonStyle])[] = [
  ['body-spacing', 'JSON without blanks (JSON.stringify, separators=(",", ":"))', TIGHT],
  ['body-spacing', "JSON with a blank behind commas and colons (Python's json.dumps with ensure_ascii=False)", SPACED],
  ['body-unicode', "JSON with \\u escapes and blanks (Python's json.dumps)", { ...SPACED, ...ASCII }],
  ['body-spacing', 'JSON indented by two blanks', { ...LINES, indent: '  ' }],
  ['body-spacing', 'JSON indented by four blanks', { ...LINES, indent: '    ' }],
  [
    'body-unicode',
    'JSON with \\u escapes and no blanks (json.dumps with separators, PHP with JSON_UNESCAPED_SLASHES)',
    { ...TIGHT, ...ASCII },
  ],
  ['body-slashes', "JSON with escaped slashes and \\u escapes (PHP's json_encode)", { ...TIGHT, ...PHP }],
  ['body-slashes', 'JSON with escaped slashes (PHP with JSON_UNESCAPED_UNICODE)', { ...TIGHT, ...SLASHES }],
  ['body-html-escapes', 'JSON with \\u003c, \\u003e and \\u0026 (Go and Rails)', { ...TIGHT, ...GO }],
  ['body-html-escapes', 'JSON with \\u003c, \\u003e, \\u0026, \\u003d and \\u0027 (Gson)', { ...TIGHT, ...GSON }],
  ['body-unicode', 'JSON with \\u escapes in capitals (System.Text.Json)', { ...TIGHT, ...DOTNET }],
  ['body-key-order', 'JSON with its members sorted', { ...TIGHT, sorted: true }],
  ['body-key-order', 'JSON with its members sorted, and blanks (json.dumps with sort_keys)', { ...SPACED, ...ASCII, sorted: true }],
  ['body-key-order', 'JSON with its members sorted, with blanks, without \\u escapes', { ...SPACED, sorted: true }],
  ['body-key-order', 'JSON with its members sorted and \\u escapes, no blanks', { ...TIGHT, ...ASCII, sorted: true }],
  ['body-html-escapes', 'JSON with its members sorted and \\u003c, \\u003e, \\u0026 (a map in Go)', { ...TIGHT, ...GO, sorted: true }],
  ['body-spacing', 'JSON indented by tabs', { ...LINES, indent: '\t' }],
  ['body-unicode', 'JSON indented by two blanks, with \\u escapes (json.dumps with indent)', { ...LINES, ...ASCII, indent: '  ' }],
  ['body-unicode', 'JSON indented by four blanks, with \\u escapes (json.dumps with indent)', { ...LINES, ...ASCII, indent: '    ' }],
  [
    'body-slashes',
    'JSON indented by four blanks, with escaped slashes and \\u escapes (JSON_PRETTY_PRINT)',
    { ...LINES, ...PHP, indent: '    ' },
  ],
  ['body-spacing', 'JSON indented by two blanks, with CR LF (Json.NET on Windows)', { ...LINES, indent: '  ', newline: '\r\n' }],
  ['body-spacing', 'JSON as the pretty printer of Jackson writes it', { ...LINES, colon: ' : ', indent: '  ', inlineLists: true }],
  ['body-unicode', 'JSON indented by two blanks, with \\u escapes in capitals (System.Text.Json)', { ...LINES, ...DOTNET, indent: '  ' }],
  [
    'body-unicode',
    'JSON indented by two blanks, with CR LF and \\u escapes in capitals (System.Text.Json on Windows)',
    { ...LINES, ...DOTNET, indent: '  ', newline: '\r\n' },
  ],
  [
    'body-key-order',
    'JSON with its members sorted, indented by two blanks, with \\u escapes',
    { ...LINES, ...ASCII, indent: '  ', sorted: true },
  ],
  [
    'body-key-order',
    'JSON with its members sorted, indented by four blanks, with \\u escapes',
    { ...LINES, ...ASCII, indent: '    ', sorted: true },
  ],
  ['body-key-order', 'JSON with its members sorted, indented by two blanks', { ...LINES, indent: '  ', sorted: true }],
  ['body-key-order', 'JSON with its members sorted, indented by four blanks', { ...LINES, indent: '    ', sorted: true }],
  ['body-newline', 'JSON without blanks and a line feed (json.Encoder of Go, jq -c)', { ...TIGHT, end: '\n' }],
  ['body-html-escapes', 'JSON with \\u003c, \\u003e, \\u0026 and a line feed (json.Encoder of Go)', { ...TIGHT, ...GO, end: '\n' }],
  ['body-spacing', 'JSON indented by two blanks, and a line feed (jq, editors)', { ...LINES, indent: '  ', end: '\n' }],
  ['body-spacing', 'JSON indented by four blanks, and a line feed (editors)', { ...LINES, indent: '    ', end: '\n' }],
]

/**
 * One line of a style. Where a style differs by its blanks alone, and the body has escapes that no style without any writes, it is these
 * that the sender does not sign.
 *
 * @param body - the body as it came
 */
export function styleTold(cause: Cause, title: string, body: string): Told {
  const escapes = cause === 'body-spacing' ? escapesIn(body) : undefined
  const line = `the sender signs the body as ${title}`
  return escapes === undefined ? told(cause, line) : told(escapes, `${line}; it arrives with ${ESCAPES[escapes]}`)
}

type Escapes = 'body-slashes' | 'body-unicode' | 'body-html-escapes'

const ESCAPES: Readonly<Record<Escapes, string>> = {
  'body-slashes': 'escaped slashes',
  'body-unicode': '\\u escapes',
  'body-html-escapes': '\\u escapes of what is special in HTML',
}

const HTML = new Set(['003c', '003e', '0026', '003d', '0027', '2028', '2029'])

/** The escapes that JSON does not ask for; the most telling ones. */
function escapesIn(text: string): Escapes | undefined {
  let found: Escapes | undefined
  for (const [, one = ''] of text.matchAll(/\\(u[0-9a-fA-F]{4}|.)/gs)) {
    if (one === '/') return 'body-slashes'
    const code = one.slice(1).toLowerCase()
    if (code === '' || code < '0020') continue
    if (!HTML.has(code)) found = 'body-unicode'
    else found ??= 'body-html-escapes'
  }
  return found
}
