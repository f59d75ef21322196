/** What says the same here, the words of other languages and tools for it, and a word that is known where it counts. */
type Row = readonly [target: string, words: string, beside?: string]

/** The first row counts whose target is known where the word stands; a target with `|` where each of its pipes is. */
const ROWS: readonly Row[] = [
  ['seconds', 'unix epoch unixtime unixtimestamp unixseconds epochtime epochseconds posix posixtime timestamp time sec secs s'],
  ['milliseconds', 'ms msec millis unixms unixmillis unixmilliseconds epochms epochmillis epochmilliseconds timestampms javatime'],
  ['microseconds', 'us usec micros'],
  ['nanoseconds', 'ns nsec nanos'],
  ['rfc3339', 'iso iso8601 isodate isoformat isostring toisostring datetime xsdatetime'],
  ['iso-basic', 'iso8601basic amzdate'],
  ['http-date', 'rfc822 rfc850 rfc1123 rfc2616 rfc2822 rfc5322 rfc7231 rfc9110 imffixdate gmt utc utcstring toutcstring date'],
  ['hex-seconds', 'hex hexunix hexepoch hextime hextimestamp'],
  ['float-seconds', 'float unixfloat'],
  ['base64', 'b64 b64encode base64encode tobase64 base64string tobase64string btoa base64std stdbase64'],
  ['fromBase64', 'b64decode base64decode decodebase64 unbase64 frombase64string atob'],
  ['fromBase64url', 'base64urldecode urlsafeb64decode'],
  ['hex|upper', 'hexupper upperhex hexuppercase uppercasehex hexcapitals'],
  ['hex', 'hexdigest hexdigits tohex tohexstring hexstring hexencode hexlify bin2hex base16 hexadecimal hexlower lowerhex'],
  ['fromHex', 'unhex unhexlify hexdecode decodehex hex2bin fromhexstring'],
  ['base64url', 'urlsafe urlsafebase64 base64urlsafe websafe websafebase64 base64urlencode base64urlnopad base64urlunpadded base64rawurl'],
  ['base64urlPadded', 'urlsafeb64encode base64urlpad urlsafebase64padded base64urlwithpadding'],
  ['base64url', 'random string text alphanumeric', 'uuid'],
  ['uuid', 'guid uuid4 uuidv4'],
  ['digits', 'number numeric int integer decimal'],
  ['lower', 'lowercase tolower tolowercase strtolower downcase'],
  ['upper', 'uppercase toupper touppercase strtoupper upcase'],
  ['rfc3986', 'percent percentencode url urlencode rawurlencode uriencode quote'],
  ['form', 'plus formurlencoded urlencoded httpbuildquery rfc1738', 'rfc3986'],
  ['uri', 'encodeuricomponent component javascript'],
  ['encode', 'urlencode urlescape percentencode rawurlencode uriencode escape'],
  ['encodeUri', 'encodeuricomponent'],
  ['decode', 'urldecode urlunescape percentdecode rawurldecode decodeuricomponent unescape unquote'],
  ['first', 'substr substring slice left truncate take'],
  ['last', 'right'],
  ['length', 'len strlen size count bytelength'],
  ['append', 'concat suffix'],
  ['prepend', 'prefix'],
  ['replace', 'replaceall strreplace gsub'],
  ['jcs', 'canonicalize canonicaljson rfc8785'],
  ['stringify', 'jsonencode jsonstringify jsondumps tojson'],
  ['sorted', 'sort sortkeys ksort'],
  ['utf8', 'bytes tobytes getbytes'],
  ['md5', 'md5sum hmacmd5'],
  ['sha1', 'sha sha1sum hmacsha1 sha1hmac'],
  ['sha256', 'sha2 sha256sum hmacsha256 sha256hmac hs256 hash digest hmac'],
  ['sha384', 'hmacsha384 sha384hmac hs384'],
  ['sha512', 'hmacsha512 sha512hmac hs512'],
  ['sha3-256', 'sha3 hmacsha3256'],
  ['sm3', 'hmacsm3 sm3hash'],
  ['hash', 'plain none digest concat', 'hmac'],
  ['name', 'key keys asc ascending alphabetical alphabetic alpha ascii ksort lexicographic lexicographical dictionary', 'name-any-case'],
  ['item', 'value values', 'name-any-case'],
  ['name', 'key k parameter', 'value'],
  ['value', 'v val', 'name'],
  ['query', 'queries params parameters queryparams querystring args search', 'headers'],
  ['form', 'body post postdata formdata urlencoded', 'headers'],
  ['body', 'payload rawbody requestbody bodyraw content data entity postdata', 'method'],
  ['method', 'verb httpverb httpmethod requestmethod'],
  ['target', 'uri requesturi requesttarget pathandquery pathwithquery pathquery fullpath originalurl endpoint resource'],
  ['path', 'requestpath pathname urlpath canonicaluri'],
  ['url', 'fullurl requesturl absoluteurl href'],
  ['query', 'querystring rawquery queryparams params search', 'method'],
  ['header', 'headers'],
  ['timestamp', 'ts t time date datetime now unix epoch requesttime xtimestamp', 'method'],
  ['nonce', 'salt random randomstring', 'method'],
  ['keyId', 'apikey accesskey accesskeyid appid appkey clientid publickey kid'],
  ['secret', 'key secretkey apisecret appsecret privatekey sharedsecret signingkey', 'method'],
  [
    'message',
    'template payload stringtosign tosign signingstring signaturestring basestring canonical canonicalstring signedpayload plaintext',
  ],
  ['algorithm', 'hash hmac digest alg algo hashalgorithm'],
  ['docs', 'documentation link homepage page'],
  ['name', 'id title', 'message'],
  ['format', 'prefix pattern template'],
  ['header', 'name in headername location'],
  ['json', 'body pointer jsonpath jsonpointer'],
  ['query', 'param parameter queryparam urlparam', 'cookie'],
  ['toleranceSeconds', 'tolerance maxage ttl window leeway skew clockskew maxskew validity expiry'],
  ['unit', 'type kind precision', 'hint'],
  ['members', 'separator delimiter', 'wrapped'],
  ['random', 'length size bytes'],
  ['value', 'hash constant const fixed equals expected'],
  ['mustInclude', 'required mandatory include'],
  ['each', 'foreach for of over source'],
  ['item', 'template format pair pattern entry'],
  ['join', 'separator sep delimiter glue between'],
  ['sort', 'order orderby sortby'],
  ['except', 'exclude excluding omit ignore without skip'],
  ['only', 'include including pick select keys'],
  ['use', 'then else default otherwise text template message value'],
  ['when', 'if case condition'],
]

/** A word without case and marks. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** The known word that a word of another language or tool stands for, or that differs in case and marks alone; undefined for none. */
export function meantBy(word: string, known: readonly string[]): string | undefined {
  const own = plain(word)
  if (own === '') return undefined
  const row = ([target, words, beside]: Row) =>
    (beside === undefined || known.includes(beside)) &&
    target.split('|').every((one) => known.includes(one)) &&
    words.split(' ').includes(own)
  return known.find((other) => plain(other) === own) ?? ROWS.find(row)?.[0]
}
