/** How sure a finding is: the signature holds once this is mended; it is a fact of the request; or it is likely by its looks alone. */
export type Confidence = 'proved' | 'fact' | 'likely'

/** What to do about each cause; the title of a finding says what was found. */
export const CAUSES = {
  'secret-newline': 'remove the line feed: echo writes one, printf %s does not; trim what is read from files and variables',
  'secret-blanks': 'remove the spaces at both ends of the secret',
  'secret-quotes': 'remove the quotes: some loaders of .env files and YAML keep them as part of the value',
  'secret-bom': 'write the file that holds the secret without a byte order mark',
  'secret-base64': 'agree whether the secret is its text or what it decodes to from base64; octets given as the secret are the key itself',
  'secret-base32': 'agree whether the secret is its text or what it decodes to from base32; octets given as the secret are the key itself',
  'secret-hex': 'agree whether the secret is its text or what it decodes to from hex; octets given as the secret are the key itself',
  'secret-prefix': 'give the secret exactly as the vendor shows it; whether the prefix counts is fixed by the scheme',
  'secret-escaped': 'decode or encode the secret: it went through a URL or a form on one of the two sides',
  'secret-case': 'copy the secret again without changing its case',
  'secret-hashed': 'sign with the secret itself, not with a hash of it',
  'secret-unset': "check the variable that the sender reads its secret from: it is not set, or the secret is the variable's name",
  'secret-other': 'configure the secret of this sender, or let the sender use that of this route',
  'secret-inactive': 'check notBefore and notAfter of the secret, and both clocks',
  'secret-undecodable': 'give the secret as the vendor shows it, or give the octets of the key',
  'key-unknown': 'add the key id to the secrets of the route, or check notBefore and notAfter of the existing ones',
  algorithm: 'use the same hash on both sides; set `algorithm` of the scheme if the sender is right',
  'not-hmac': 'use HMAC (RFC 2104): createHmac, hmac.new, hash_hmac; a hash of secret and message can be extended by anybody',
  'arguments-swapped': 'give the secret as the key and the string to sign as the message; many functions take the key first',
  'signature-encoding': 'write the signature in the encoding of the scheme; set `signature.encoding` if the sender is right',
  'signature-case': 'write hex in the case of the scheme; `signature.encoding` hexAnyCase accepts both',
  'signature-padding': 'keep or omit the "=" of base64 as the scheme does',
  'signature-escaped': 'percent-encode the signature once, and only in a URL',
  'prefix-missing': 'write the text before the signature as the scheme does',
  'prefix-doubled': 'write the text before the signature only once',
  'prefix-other': 'write the text before the signature as the scheme does; a different one may mean another version or hash',
  'signature-quoted': 'send the signature without quotes around it',
  'signature-form': 'write the field exactly in the form of the scheme',
  'field-repeated': 'send the field once; look for a proxy or a client that adds it again',
  'header-name': 'send the signature under the name that the scheme has, or set it in the scheme',
  'other-scheme': 'use the scheme of the sender, which is in the catalogue, or let the sender send the field that this scheme has',
  'signature-missing': 'sign the request; or look for a proxy that removes the field',
  'message-form': 'sign the string that the scheme describes; compare `theirs` and `ours`',
  'body-spacing': 'sign the octets that are sent, and verify the octets that came: never parse and write the JSON again',
  'body-key-order': 'sign the octets that are sent, and verify the octets that came: members were written in another order',
  'body-parsed': 'sign the octets that are sent, and verify the octets that came: 1.0 becomes 1, and members that are numbers come first',
  'body-slashes': 'sign the octets that are sent: JSON was written again with other escapes (PHP: JSON_UNESCAPED_SLASHES)',
  'body-unicode':
    'sign the octets that are sent: JSON was written again with other escapes (Python: ensure_ascii; PHP: JSON_UNESCAPED_UNICODE)',
  'body-html-escapes':
    'sign the octets that are sent: JSON was written again with HTML-safe escapes (Go: SetEscapeHTML(false); Gson: disableHtmlEscaping)',
  'body-newline': 'sign exactly what is sent: echo, editors and json.Encoder add a line feed, curl -d removes line feeds',
  'body-line-ends': 'sign what is sent: something turned CRLF into LF, or LF into CRLF (git, an editor, curl -d instead of --data-binary)',
  'body-bom': 'write the body without a byte order mark, or sign it too',
  'body-charset': 'sign the octets that are sent; text has to be turned into octets the same way for both',
  'body-normalized': 'sign the octets that are sent: the text was put into another Unicode normal form',
  'body-compressed':
    "agree whether the octets before or after Content-Encoding are signed: digestOver: 'decoded' verifies the decompressed body",
  'body-base64': 'decode the body if the platform delivers it in base64 (isBase64Encoded)',
  'body-string': 'sign the JSON itself: it was serialised twice',
  'body-repr': 'sign the octets of the body: str() and repr() of bytes or a dict give its Python notation, which nobody sends',
  'body-form': 'sign the octets that are sent: the form was parsed and written again',
  'body-digest': 'sign what the scheme has: the body itself, or its digest in the encoding that the scheme gives',
  'body-empty': 'sign the body: the sender signs before the body is set, or signs something in its place',
  'body-consumed':
    'put the guard before the body parser, or keep the octets: express.json({ verify: (req, _res, octets) => { req.rawBody = octets } })',
  'body-length': 'look for what changed the body on its way: a proxy, a parser, or a file saved by hand',
  'body-altered': 'the signature is right but the body is not: it was changed after its digest was computed',
  digest: 'compute the digest over the octets of the body as sent, in the form of the scheme',
  'url-scheme': 'set publicOrigin to what the sender calls, https:// included: TLS ends at a proxy',
  'url-host': 'set publicOrigin to the host that the sender calls, and let the proxy keep Host',
  'url-port': 'set publicOrigin to host and port exactly as the sender calls them',
  'path-prefix': 'let the proxy pass the path unchanged, or strip it after the guard',
  'path-slash': 'call the path exactly as it is served; look for a redirect or a proxy that adds or removes a slash',
  'path-encoding': 'sign the path as it stands in the request line: percent-encoding counts',
  'path-case': 'sign the path as it stands in the request line: case counts',
  'query-missing': 'sign path and query as they stand in the request line',
  'query-order': 'sign the parameters in the order of the request line, or sort them in the scheme',
  'query-encoding': 'sign the query as it stands in the request line: spaces as + or %20, brackets, %xx in capitals',
  method: 'sign the method that is sent; look for a redirect or a method override',
  'header-case': 'sign the value of the field exactly as it is sent',
  'header-blanks': 'sign the value of the field as it arrives: without folding, and with the blanks that are sent',
  'header-changed': 'sign the value of the field exactly as it is sent; HTTP clients and proxies complete Content-Type and others',
  'header-missing': 'send the field that was signed; look for a client or a proxy that removes it',
  'time-unit': 'write the time in the unit of the scheme: Date.now() is milliseconds, Math.floor(Date.now() / 1000) seconds',
  'time-zone': 'write the time in UTC: toISOString, gmdate, datetime.now(timezone.utc)',
  'time-stale': 'check both clocks (NTP); a queued or saved request must be signed again when it is sent',
  'time-future': 'check both clocks (NTP)',
  'time-form': 'read the clock once, and sign the time as the text that is sent',
  uncovered: 'also sign what the list must contain, or change mustInclude',
  'nothing-signed': 'use a scheme that signs method, path and time; allowEmptyBody accepts such requests',
  'body-unsigned': 'send the request without body, or set allowUnboundBody knowing that anybody on the way can change it',
  incomplete: 'send what the scheme signs; the title names it',
  malformed: 'compare the field with the scheme; the title names it',
  'algorithm-unlisted': 'sign with a hash that the scheme lists',
  unknown: 'compare the secret on both sides, letter by letter; then compare `ours` with the string that the sender signed',
} as const satisfies Record<string, string>

/** What can be wrong with a request whose signature does not hold. */
export type Cause = keyof typeof CAUSES

/** A cause, and how it shows in this case; holds no secret and no signature. */
export interface Told {
  readonly cause: Cause
  readonly title: string
}

/** One line of a cause. */
export function told(cause: Cause, title: string): Told {
  return { cause, title }
}
