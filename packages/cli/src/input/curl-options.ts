/** What an option of curl does to the request. `none` takes no value and changes nothing that is signed, `skip` takes one and does not either. */
export type CurlMeaning =
  | 'method'
  | 'header'
  | 'data'
  | 'data-binary'
  | 'data-raw'
  | 'data-urlencode'
  | 'json'
  | 'upload'
  | 'get'
  | 'head'
  | 'url'
  | 'user'
  | 'bearer'
  | 'agent'
  | 'referer'
  | 'cookie'
  | 'none'
  | 'skip'
  | 'refused'

const SHORT: Readonly<Record<string, CurlMeaning>> = {
  X: 'method',
  H: 'header',
  d: 'data',
  T: 'upload',
  G: 'get',
  I: 'head',
  u: 'user',
  A: 'agent',
  e: 'referer',
  b: 'cookie',
  F: 'refused',
  K: 'refused',
}

const LONG: Readonly<Record<string, CurlMeaning>> = {
  request: 'method',
  header: 'header',
  data: 'data',
  'data-ascii': 'data',
  'data-binary': 'data-binary',
  'data-raw': 'data-raw',
  'data-urlencode': 'data-urlencode',
  json: 'json',
  'upload-file': 'upload',
  get: 'get',
  head: 'head',
  url: 'url',
  user: 'user',
  'oauth2-bearer': 'bearer',
  'user-agent': 'agent',
  referer: 'referer',
  cookie: 'cookie',
  form: 'refused',
  'form-string': 'refused',
  config: 'refused',
  'aws-sigv4': 'refused',
  digest: 'refused',
  ntlm: 'refused',
  negotiate: 'refused',
  anyauth: 'refused',
  next: 'refused',
  'url-query': 'refused',
  'request-target': 'refused',
}

const SHORT_WITH_VALUE = 'oxmwDcCEyYzQPrtUh'
const SHORT_ALONE = 'sSLvikfg#NOJn012346aBjlpqRMZV:'
const LONG_WITH_VALUE =
  'output proxy max-time connect-timeout resolve connect-to cacert capath cert key cert-type key-type pass retry retry-delay retry-max-time ' +
  'limit-rate write-out dump-header cookie-jar interface ciphers tls-max max-redirs proto unix-socket proxy-user noproxy output-dir ' +
  'pinnedpubkey stderr trace trace-ascii local-port keepalive-time speed-limit speed-time dns-servers range max-filesize'
const LONG_ALONE =
  'silent show-error location verbose include insecure fail fail-with-body globoff compressed http1.0 http1.1 http2 http3 http2-prior-knowledge ' +
  'tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 ipv4 ipv6 no-buffer remote-name remote-header-name netrc progress-bar path-as-is no-progress-meter ' +
  'create-dirs tcp-nodelay no-keepalive location-trusted disable basic styled-output no-styled-output ssl-reqd remote-time'

/** What a short option means, by its letter; undefined: curl may know it, we do not. */
export function shortOption(letter: string): CurlMeaning | undefined {
  if (Object.hasOwn(SHORT, letter)) return SHORT[letter]
  return SHORT_WITH_VALUE.includes(letter) ? 'skip' : SHORT_ALONE.includes(letter) ? 'none' : undefined
}

const WITH_VALUE = new Set(LONG_WITH_VALUE.split(' '))
const ALONE = new Set(LONG_ALONE.split(' '))

/** What a long option means, by its name without dashes. */
export function longOption(name: string): CurlMeaning | undefined {
  if (Object.hasOwn(LONG, name)) return LONG[name]
  return WITH_VALUE.has(name) ? 'skip' : ALONE.has(name) ? 'none' : undefined
}

/** Whether an option is followed by a value. */
export function takesValue(meaning: CurlMeaning): boolean {
  return meaning !== 'none' && meaning !== 'get' && meaning !== 'head'
}
