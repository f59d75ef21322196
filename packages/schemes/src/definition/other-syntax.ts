import { meantBy } from './other-words.js'

const PARTS = ['body', 'method', 'target', 'path', 'query', 'url', 'host', 'timestamp', 'nonce', 'keyId', 'secret']
/** What holds values by name, as programs write it, and as a template does. */
const HOLDERS: readonly (readonly [holder: RegExp, part: string])[] = [
  [/^headers?$/, 'header:'],
  [/^(?:query|params|args)$/, 'query:'],
  [/^form$/, 'form:'],
  [/^cookies?$/, 'cookie:'],
  [/^(?:body|json|data|payload)$/, 'json:/'],
]

/**
 * What a slot that cannot be read says in the syntax of another language: blanks, `body.id`, `headers["date"]`, `sha256(body)`,
 * `raw_body`.
 *
 * @param text - what stands between the braces
 * @returns the end of a message
 */
export function slotMeant(text: string): string {
  const usual = 'a part is a name, such as {body} or {header:date}'
  if (/^\s*\\[nrt]/.test(text)) return 'a line feed stands outside of the braces, as \\n'
  const tight = text.replace(/\s*\|\s*/g, '|').trim()
  if (tight !== text) return `write it without blanks, {${tight}}`
  const call = /^([\w-]+)\((.*)\)$/.exec(text)
  if (call !== null) return 'pipes stand behind a part, as in {body|sha256|hex}'
  const [first = '', ...rest] = text.replace(/^(?:req|request)\./, '').split(/\.|\[["']?|["']?\]/)
  const name = rest.filter((one) => one !== '')
  const holder = HOLDERS.find(([one]) => one.test(first))?.[1]
  if (holder !== undefined && name.length > 0 && name.every((one) => /^[\w-]+$/.test(one)))
    return `write {${holder}${name.join(holder === 'json:/' ? '/' : '.')}}`
  const part = meantBy(name.length === 0 ? first : name.join(''), PARTS)
  return part === undefined ? usual : `did you mean {${part}}?`
}

const OUTSIDE: Readonly<Record<string, string>> = {
  newline: 'a line feed, as \\n,',
  linefeed: 'a line feed, as \\n,',
  lf: 'a line feed, as \\n,',
  nl: 'a line feed, as \\n,',
  eol: 'a line feed, as \\n,',
  crlf: 'CR LF, as \\r\\n,',
  tab: 'a tab, as \\t,',
  space: 'a blank',
  colon: '":"',
  comma: '","',
  pipe: '"|"',
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  contenttype: 'write {header:content-type}',
  contentlength: 'write {body|length}, or {header:content-length}',
  useragent: 'write {header:user-agent}',
  ip: 'what is not in the request is a param: {param:ip}',
  clientip: 'what is not in the request is a param: {param:ip}',
  remoteaddr: 'what is not in the request is a param: {param:ip}',
  status: 'the status of a response is a param: {param:status}',
  file: 'the files of a multipart body cannot be said: LANGUAGE.md, chapter 8',
  files: 'the files of a multipart body cannot be said: LANGUAGE.md, chapter 8',
  fragment: 'no request holds the fragment of a URL',
  trailer: 'trailers cannot be said: LANGUAGE.md, chapter 8',
}

/**
 * What a part that the language does not have says: a mark that a text holds as it is, or what is written otherwise.
 *
 * @returns the end of a message; undefined where the word says nothing of the kind
 */
export function partMeant(name: string): string | undefined {
  const word = name.toLowerCase()
  const mark = Object.hasOwn(OUTSIDE, word) ? OUTSIDE[word] : undefined
  if (mark !== undefined) return `${mark} stands outside of the braces`
  return Object.hasOwn(ELSEWHERE, word) ? ELSEWHERE[word] : undefined
}
