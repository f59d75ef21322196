import { printfFormat, shellWord } from './shell-text.js'

/** A request that is complete. */
export interface ReadyRequest {
  readonly method: string
  readonly url: string
  /** Names and values in turn; each character is an octet. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
  /** The file that holds exactly this body. */
  readonly bodyFile: string | undefined
}

/** Fields that curl makes of itself, and makes right. */
const BY_CURL = ['host', 'content-length', 'connection', 'transfer-encoding']
/** Fields that curl adds where nobody gives them, and that a signature may cover. */
const ADDED_BY_CURL = ['content-type', 'accept']

/** A command that sends the request octet for octet. What curl would add of itself, and a scheme may look at, is switched off. */
export function curlLine({ method, url, headers, body, bodyFile }: ReadyRequest): string {
  const words = ['curl', '--globoff', '--path-as-is', '-X', shellWord(method), shellWord(url)]
  const names = new Set<string>()
  const host = /^https?:\/\/([^/?#]+)/i.exec(url)?.[1]
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string]
    const lower = name.toLowerCase()
    names.add(lower)
    if (BY_CURL.includes(lower) && !(lower === 'host' && value !== host)) continue
    words.push('-H', shellWord(Buffer.from(value === '' ? `${name};` : `${name}: ${value}`, 'latin1').toString('utf8')))
  }
  for (const name of ADDED_BY_CURL) if (!names.has(name) && (name === 'accept' || body.length > 0)) words.push('-H', shellWord(`${name}:`))
  if (body.length === 0) return words.join(' ')
  if (bodyFile !== undefined) return [...words, '--data-binary', shellWord(`@${bodyFile}`)].join(' ')
  const text = Buffer.from(body).toString('utf8')
  if (isCopyable(text) && Buffer.compare(Buffer.from(text), body) === 0) return [...words, '--data-raw', shellWord(text)].join(' ')
  return `printf ${printfFormat(body)} | ${[...words, '--data-binary', '@-'].join(' ')}`
}

/** Text that a terminal shows as it is. */
function isCopyable(text: string): boolean {
  return !/[^\n\P{C}]/u.test(text)
}
