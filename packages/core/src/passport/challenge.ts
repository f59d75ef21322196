/**
 * The auth-schemes that are sent in Authorization: IANA's registry of HTTP authentication schemes, and Hawk and NTLM. Where a strategy
 * with such a challenge was given no Authorization of that scheme, it was given nothing. Of any other, such as `ApiKey`, nobody knows
 * where its credentials are carried.
 */
const inAuthorization = new Set([
  'basic',
  'bearer',
  'concealed',
  'digest',
  'dpop',
  'gnap',
  'hawk',
  'hoba',
  'mutual',
  'negotiate',
  'ntlm',
  'oauth',
  'privatetoken',
  'scram-sha-1',
  'scram-sha-256',
  'vapid',
])

/** What a challenge says (RFC 9110 section 11.6.1), as far as it matters here. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Whether it has a parameter `error` (RFC 6750 section 3): then credentials were sent, wherever. */
  readonly hasError: boolean
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const SCHEME = new RegExp(`^${TOKEN}`)
const PARAM = new RegExp(
  `[ \\t]*(${TOKEN})[ \\t]*=[ \\t]*(?:${TOKEN}|"(?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f-\\uffff]|\\\\[\\t\\x20-\\x7e])*")[ \\t]*`,
  'y',
)

/**
 * Reads one challenge of printable ASCII: a scheme and its parameters, or the name alone of a scheme that is known. Other text, such as
 * a message meant for a person, is none; nothing vouches for what it holds.
 */
export function readChallenge(text: unknown): Challenge | undefined {
  if (typeof text !== 'string') return undefined
  const name = SCHEME.exec(text)?.[0]
  if (name === undefined) return undefined
  const scheme = name.toLowerCase()
  if (name.length === text.length) return inAuthorization.has(scheme) ? { scheme, hasError: false } : undefined
  if (text[name.length] !== ' ') return undefined
  const params = readParams(text, name.length + 1)
  return params === undefined ? undefined : { scheme, hasError: params.includes('error') }
}

/** The names of the parameters, in lower case; undefined when there is anything else. */
function readParams(text: string, start: number): string[] | undefined {
  const names: string[] = []
  let at = start
  for (;;) {
    PARAM.lastIndex = at
    const [whole, name] = PARAM.exec(text) ?? []
    if (whole === undefined || name === undefined) return undefined
    names.push(name.toLowerCase())
    at += whole.length
    if (at === text.length) return names
    if (text[at] !== ',') return undefined
    at += 1
  }
}

/**
 * Whether a request without these credentials is one without any of the challenge's kind.
 *
 * @param authorization - the value of the field, undefined when it is absent
 */
export function lacksCredentials({ scheme, hasError }: Challenge, authorization: string | undefined): boolean {
  if (hasError || !inAuthorization.has(scheme)) return false
  return authorization === undefined || SCHEME.exec(authorization)?.[0].toLowerCase() !== scheme
}
