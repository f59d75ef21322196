import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dated, field, heads, list, sig } from './definitions.js'
import { mistakes } from './signing.js'

/** Definitions that cannot be read back, signed or trusted, and every line about them. */
const wrong = [
  [{ message: '{json}\n{body}' }, 'message: column 2: {json} needs a JSON pointer, such as {json:/id} in "{json}\\n{body}"'],
  [
    { message: '{item}\n{body}', scope: { json: '/a', hold: 'all' } },
    'message: column 2: {item} needs a JSON pointer, such as {item:/id} in "{item}\\n{body}"',
  ],
  [sig({ format: 'v={signature}{x}' }), 'signature.format: captures {x}, which is no role and no field; declare it in "fields"'],
  [
    sig({ format: 'v={signature?}' }),
    'signature.format: {signature?} in "v={signature?}": without a signature there is nothing to verify; take "?" away',
  ],
  [
    sig({ format: 'v={signature?},w=1', members: ',' }),
    'signature.format: {signature?} in "{signature?}": without a signature there is nothing to verify; take "?" away',
  ],
  [sig({ format: 'v={signature},w={signature}' }), 'signature.format: captures {signature}, as does signature: it has one home'],
  [
    sig({ format: 't={timestamp},v={signature}' }),
    'signature.format: captures {timestamp}, which is no role and no field; declare "timestamp": { "unit": "seconds" } beside "signature"',
  ],
  [
    sig({ format: '{nonce}:{signature}' }),
    'signature.format: captures {nonce}, which is no role and no field; declare "nonce": {} beside "signature"',
  ],
  [
    sig({ format: '{algorithm}:{signature}' }),
    'signature.format: captures {algorithm}, which is no role and no field; give "algorithm" as an object, from the names in the request to hashes',
  ],
  [sig({ encoding: 'raw' }), 'signature.encoding: "raw" writes no text, and what carries a signature is text: hex, base64 or base64url'],
  [
    { ...dated({ format: 't={timestamp},k={f}' }), fields: { f: { header: 'g' } } },
    'fields.f.format: captures {f}, as does timestamp: it has one home',
  ],
  [
    sig({ format: '{signature},v={keyId}', members: ',' }),
    'signature.format: member "{signature}" is no name=value; without "members" the format is read as a whole',
    'signature.format: does not hold {signature}',
  ],
  [
    sig({
      format: Array.from({ length: 31 }, (_, i) => `a${i}=b`)
        .concat('s={signature}')
        .join(','),
      members: ',',
    }),
    'signature.format: names more than 30 members',
  ],
  [
    sig({ format: '{signature+}', encoding: 'base64' }),
    'signature.format: "+" in {signature+} stands behind other text: where whole elements repeat, take it away and write "list": ","',
  ],
  [
    sig({ format: '{keyId},{signature+},x' }),
    'signature.format: "+" in {signature+} needs "members", or a "list" without it: nothing says how the next one is told from this',
  ],
  [
    sig({ format: 'a{signature+}' }),
    'signature.format: "+" in {signature+} needs the "list" that stands between them, or "members", or a "list" without it: nothing says how the next one is told from this',
  ],
  [sig({ format: '{keyId+},{signature}' }), 'signature.format: "+" in {keyId+} stands only behind {signature}'],
  [sig({ format: 's={signature};k={keyId+}', members: ';' }), 'signature.format: "+" in {keyId+} stands only behind {signature}'],
  [
    sig({ format: '{header:x}{signature}' }),
    'signature.format: {header:x} in "{header:x}{signature}": a format holds plain names; what is printed must be readable again',
    'signature.format: captures {header}, which is no role and no field; declare it in "fields"',
  ],
  [sig({ format: '{param:p}={signature}' }), 'signature.format: {param:p} is not declared; add it to "params"'],
  [
    { signature: { authorization: '{param:p}' } },
    'signature: {param:p} is not declared; add it to "params"',
    'signature.authorization: "" is no auth-scheme; write the whole text: "header": "authorization", "format": "... {signature}"',
  ],
  [
    { signature: { header: '{param:p}' } },
    'signature.header: {param:p} is not declared; add it to "params"',
    'signature.header: "" is no field name',
  ],
  [{ signature: { header: 'x', from: '{body}' } }, 'signature: header and from: it has one place'],
  [{ signature: { from: '{header:a}{header:b}' } }, 'signature.from: names one part of the request that it is read from'],
  [{ signature: { from: 'x' } }, 'signature.from: names one part of the request that it is read from'],
  [{ signature: { header: 'x', query: 'y', form: 'z' } }, 'signature: header and query and form: it has one place'],
  [{ nonce: {}, message: '{nonce}\n{body}' }, 'nonce: has no home, and no format captures {nonce}'],
  [{ keyId: {} }, 'keyId: has no home, and no format captures {keyId}'],
  [{ fields: { f: {} }, message: '{f}\n{body}' }, 'fields.f: has no home, and no format captures {f}'],
  [sig({ encoding: 'hex|first:15' }), 'signature.encoding: keeps too little of the MAC to prove anything'],
  [sig({ encoding: 'base64|first:15' }), 'signature.encoding: keeps too little of the MAC to prove anything'],
  [sig({ encoding: 'hex|upper|sha256' }), 'signature.encoding: "hex|upper|sha256" writes no text; end with hex or base64'],
  [
    sig({ encoding: 'hex|hex' }),
    'signature.encoding: pipe "hex" in "hex|hex" takes octets; an encoder never encodes text: put utf8 before it if that is meant',
  ],
  [sig({ encoding: 'hex|fromHex' }), 'signature.encoding: "hex|fromHex" writes no text; end with hex or base64'],
  [sig({ encoding: '' }), 'signature.encoding: must be a text that is not empty; got string'],
  [
    sig({ encoding: 'hexAnyCase|upper' }),
    'signature.encoding: unknown pipe "hexAnyCase" in "hexAnyCase|upper"; known are md5, sha1, sha224, sha256, sha384, sha512, sha512-256, sha3-224, sha3-256, sha3-384, sha3-512, sm3, hmac, hex, base64, base64url, base64urlPadded, fromHex, fromBase64, fromBase64url, base32, fromBase32, normalPath, time, lower, upper, trim, squeeze, strip, unprefix, unsuffix, remove, removeFirst, replace, prepend, append, reverse, drop, first, last, before, beforeLast, after, afterLast, default, decimals, unless, encode, encodeUri, encodeForm, encodeParam, encodePath, decode, normalize, text, length, lowerEscapes, utf16le, utf16be, latin1, utf8, jcs, sorted, minify, stringify, without, omit, spaced, escapeUnicode, escapeSlashes, quote, json, spelt, pbkdf2, hkdf',
  ],
  [
    { key: '{secret|hmac}' },
    'key: pipe "hmac" in {secret|hmac} needs the key that is being made; derive it step by step: { chain: [...] }',
  ],
  [
    { key: { chain: ['{secret}', '{body|hmac}'] } },
    'key.chain[0]: pipe "hmac" in {body|hmac} needs the key that is being made; derive it step by step: { chain: [...] }',
  ],
  [
    { key: { chain: ['x'] } },
    'key.chain[0]: does not hold {secret}: the key must come from it, by its own slot: {secret|prepend:text|sha256}',
  ],
  [{ key: { chain: ['{secret}', '{bodi}'] } }, 'key.chain[1]: column 2: unknown part {bodi}; did you mean {body}? in "{bodi}"'],
  [{ key: '{secret:x}' }, 'key: column 2: unknown part {secret:x}; did you mean {secret}? in "{secret:x}"'],
  [{ key: '{secret|fromhex}' }, 'key: column 2: unknown pipe "fromhex" in "{secret|fromhex}"; did you mean "fromHex"?'],
  [{ message: '{header:a b}\n{body}' }, 'message: column 2: {header:a b} names no field in "{header:a b}\\n{body}"'],
  [{ message: '{query}{form}' }, 'message: column 9: {form} needs a name, such as {form:date} in "{query}{form}"'],
  [{ message: '{form}{body}' }, 'message: column 2: {form} needs a name, such as {form:date} in "{form}{body}"'],
  [{ message: '{cookie}{body}' }, 'message: column 2: {cookie} needs a name, such as {cookie:date} in "{cookie}{body}"'],
  [{ message: '{item}{body}' }, 'message: column 2: {item:...} needs a "scope" in "{item}{body}"'],
  [
    { message: '{item:a}{body}', scope: { json: '/a', hold: 'all' } },
    'message: column 2: {item:a} is no JSON pointer; it begins with "/" in "{item:a}{body}"',
  ],
  [{ message: '{item:/a}{body}' }, 'message: column 2: {item:...} needs a "scope" in "{item:/a}{body}"'],
  [{ message: '{param}{body}' }, 'message: column 2: {param} needs a name, such as {param:region} in "{param}{body}"'],
  [{ message: '{method:x}{body}' }, 'message: column 2: {method} takes no argument in "{method:x}{body}"'],
  [{ message: '{body|first}' }, 'message: column 2: pipe "first" in "{body|first}" needs a count, such as first:8'],
  [{ message: '{body|first:x}' }, 'message: column 2: pipe "first" in "{body|first:x}" needs a count, such as first:8'],
  [
    { message: '{body|first:0}' },
    'message: does not sign the body, so that anybody can change it; put {body} or a digest of it in, or say why not in "allowUnboundBody"',
  ],
  [{ message: '{body|hex:1}' }, 'message: column 2: pipe "hex" in "{body|hex:1}" takes no argument'],
  [
    { message: '{header:a|replace:x}\n{body}' },
    'message: column 2: pipe "replace" in "{header:a|replace:x}\\n{body}" needs what to replace and by what, such as replace:&/_',
  ],
  [
    { message: '{header:a|replace:/x}\n{body}' },
    'message: column 2: pipe "replace" in "{header:a|replace:/x}\\n{body}" needs what to replace and by what, such as replace:&/_',
  ],
  [
    { message: '{header:a|strip}\n{body}' },
    'message: column 2: pipe "strip" in "{header:a|strip}\\n{body}" needs an argument, such as strip:whsec_',
  ],
  [
    { message: '{header:a|normalize:x}\n{body}' },
    'message: column 2: pipe "normalize" in "{header:a|normalize:x}\\n{body}" needs a form of Unicode, such as normalize:NFKD',
  ],
  [
    { message: '{header:a|time:seconds}\n{body}' },
    'message: column 2: pipe "time" in "{header:a|time:seconds}\\n{body}" takes a time as it was carried: {timestamp}, or a field with "unit"',
  ],
  [
    { ...dated(), message: '{timestamp|time:x}.{body}' },
    'message: column 2: pipe "time" in "{timestamp|time:x}.{body}" needs a unit or a pattern of UTC, such as time:YYYY-MM-DD',
  ],
  [{ message: '{body|json:a}' }, 'message: column 2: pipe "json" in "{body|json:a}" needs a JSON pointer, such as json:/nonce'],
  [{ message: '{body|omit}' }, 'message: column 2: pipe "omit" in "{body|omit}" needs an argument, such as omit:sign'],
  [{ message: '{body|without}' }, 'message: column 2: pipe "without" in "{body|without}" needs an argument, such as without:sign'],
  [
    { message: '{body|lower}' },
    'message: column 2: pipe "lower" in "{body|lower}" takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text',
  ],
  [
    { message: '{body|sha256|lower}' },
    'message: column 2: pipe "lower" in "{body|sha256|lower}" takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text',
  ],
  [
    { message: '{header:a|fromHex|lower}\n{body}' },
    'message: column 2: pipe "lower" in "{header:a|fromHex|lower}\\n{body}" takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text',
  ],
  [
    { message: '{header:a|hex}\n{body}' },
    'message: column 2: pipe "hex" in "{header:a|hex}\\n{body}" takes octets; an encoder never encodes text: put utf8 before it if that is meant',
  ],
  [
    { message: '{unheard}\n{body}' },
    'message: column 2: unknown part {unheard}; known are body, method, target, path, query, scheme, host, authority, rawTarget, hostname, port, origin, url, header, query, form, cookie, json, xml, item, param, secret, signature in "{unheard}\\n{body}"',
  ],
  [
    { message: '{keyId}\n{body}' },
    'message: column 2: unknown part {keyId}; declare "keyId": { "header": "..." } beside "signature" and write {keyId} in "{keyId}\\n{body}"',
  ],
  [
    { message: '{nonce}\n{body}' },
    'message: column 2: unknown part {nonce}; declare "nonce": { "header": "..." } beside "signature" and write {nonce} in "{nonce}\\n{body}"',
  ],
  [
    { message: '{timestamp}\n{body}' },
    'message: column 2: unknown part {timestamp}; declare "timestamp": { "header": "...", "unit": "seconds" } beside "signature" and write {timestamp} in "{timestamp}\\n{body}"',
  ],
  [
    { message: '{a b}{body}' },
    'message: column 2: {a b} names no part in "{a b}{body}"; a part is a name, such as {body} or {header:date}',
  ],
  [{ message: '{body||hex}' }, 'message: column 2: "" names no pipe in "{body||hex}"'],
  [{ message: '{body|sha 256}' }, 'message: column 2: "sha 256" names no pipe in "{body|sha 256}"'],
  [{ message: '{}' }, 'message: column 2: {} names no part in "{}"; a part is a name, such as {body} or {header:date}'],
  [{ message: '}' }, 'message: column 1: "}" without "{" in "}"; write "}}" for a literal brace'],
  [
    { message: '{{body}}' },
    'message: does not sign the body, so that anybody can change it; it holds no part of the request: a part stands in one pair of braces, such as {body}',
  ],
  [
    { message: '{body{' },
    'message: column 1: "{" is never closed in "{body{"; write "{{" for a literal brace, "\\{" and "\\}" in the argument of a pipe',
  ],
  [
    { message: '{header:a\\}{body}' },
    'message: column 1: "{" is never closed in "{header:a\\\\}{body}"; write "{{" for a literal brace, "\\{" and "\\}" in the argument of a pipe',
  ],
  [
    { message: '{method}' },
    'message: does not sign the body, so that anybody can change it; put {body} or a digest of it in, or say why not in "allowUnboundBody"',
  ],
  [
    { ...dated(), message: '{body}' },
    'timestamp: is checked but not signed, so that anybody can renew an old request; put {timestamp} into the message',
  ],
  [{ nonce: { header: 'n' } }, 'nonce: is not signed, so that anybody can give an old request a new one; put {nonce} into the message'],
  [
    { message: '{header:a}{body}' },
    'message: two different requests can be signed alike: {header:a} runs into {body}; put a separator between that the first cannot hold; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    { message: '{body}{header:a}' },
    'message: two different requests can be signed alike: {body} runs into {header:a}; put a separator between that the first cannot hold; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [{ ambiguous: 'x' }, 'ambiguous: is declared, and the message is not: leave it out'],
  [{ insecure: 'x', construction: 'hash' }, 'message: does not hold {secret}, so that anybody can make the hash'],
  [{ construction: 'hash', message: '{secret}{body}' }, 'construction: a plain hash is no HMAC and can be extended; say so in "insecure"'],
  [
    { construction: 'hash', insecure: 'x', key: '{secret}', message: '{secret}{body}' },
    'key: a plain hash takes no key; put {secret} into the message',
  ],
  [
    { construction: 'hash' },
    'construction: a plain hash is no HMAC and can be extended; say so in "insecure"',
    'message: does not hold {secret}, so that anybody can make the hash',
  ],
  [
    { signature: { json: '/s' } },
    'message: signs the octets of the body, which hold the signature; sign its members, or {body|without:...}, {body|omit:...}',
  ],
  [
    { signature: { form: 's' } },
    'message: signs the octets of the body, which hold the signature; sign its members, or {body|without:...}, {body|omit:...}',
  ],
  [
    { signature: { header: ['x-a', 'x-b'], format: 'v={signature}' }, message: '{header:x-b}\n{body}' },
    'message: holds {header:x-b}, where the signature stands: it is what is being made',
  ],
  [
    { signature: { authorization: 'A', format: 's={signature}' }, message: '{header:authorization|lower}\n{body}' },
    'message: holds {header:authorization}, where the signature stands: it is what is being made',
  ],
  ...['query', 'cookie', 'form'].map((place) => [
    { signature: { [place]: 's' }, message: `{${place}:s|trim}`, allowUnboundBody: 'x' },
    `message: holds {${place}:s}, where the signature stands: it is what is being made`,
  ]),
  [
    { signature: { json: '/s' }, message: { choose: [{ when: { method: 'PUT' }, use: 'put\n{json:/a}' }, { use: 'all\n{json:/s}' }] } },
    'message: holds {json:/s}, where the signature stands: it is what is being made',
  ],
  [
    field({ value: '{body|sha256|hex}' }, '{body}'),
    'fields.f: is carried, but neither in the message nor on a list that is, so that it proves nothing',
  ],
  [
    field({ unit: 'seconds' }, '{body}'),
    'fields.f: is carried, but neither in the message nor on a list that is, so that it proves nothing',
  ],
  [field({ names: ' ' }, '{body}'), 'fields.f: is carried, but neither in the message nor on a list that is, so that it proves nothing'],
  [
    {
      fields: { d: { header: 'd', value: '{body|sha256|hex}' }, s: { header: 's', names: ' ', mustInclude: ['host', 'd?'] } },
      define: { l: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' } },
      message: '{s}\n{l}',
    },
    'message: does not sign the body, so that anybody can change it; "d?" need not be on the list: write "d", which is asked for where the "when" of its field holds',
    'fields.d: is carried, but neither in the message nor on a list that is, so that it proves nothing',
  ],
  [
    { message: { choose: [{ when: { method: 'GET' }, use: '{header:a}{body}' }, { use: '{header:a}{path}{body}' }] } },
    'message: two different requests can be signed alike: its branches can print the same; let each print what it is chosen by, or begin with a text of its own; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ each: ['query', 'form'] }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: what one source holds prints like what another does; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ item: '{value}' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: its items do not print {name}; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ item: '{name}' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: its items do not print {value}; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ join: '' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: nothing separates its items; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ merge: ',' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: values of one name are joined, and each may hold what joins them; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ each: 'json', flatten: '.' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: nested members print like others whose names hold what joins them; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ item: '{name}{value}' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: {name} may hold what separates it from what follows; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    list({ encode: 'rfc3986', item: '{name}={value}', join: 'a' }),
    'message: two different requests can be signed alike: message is a list that can be read in several ways: {value} may hold what separates it from what follows; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    heads({ item: '{value}:{name}\n' }),
    'message: two different requests can be signed alike: define.l is a list that can be read in several ways: its items do not begin with {name}; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    heads({ item: '{name}{value}\n' }),
    'message: two different requests can be signed alike: define.l is a list that can be read in several ways: {name} may hold what separates it from what follows; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    heads({ item: '{name}:{value}' }),
    'message: two different requests can be signed alike: define.l is a list that can be read in several ways: nothing separates its items; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    heads({ named: { '(a)': 'x: {method}\n' } }),
    'message: two different requests can be signed alike: define.l is a list that can be read in several ways: an item of "named" can print like another item; let it begin with {name}; a vendor\'s scheme that is so says why in "ambiguous"',
  ],
  [
    {
      signature: { header: 'x' },
      fields: { i: { dictionary: 'signature-input', label: 'a', names: 'components', format: '{i}' } },
      message: '{i}\n{body}',
    },
    'fields.i.format: "{i}": parameters begin with ";"',
    'signature: has no label, and i has: what stands under a label is a signature of its own',
  ],
  [
    {
      signature: { dictionary: 'signature', label: 'a', encoding: 'base64' },
      fields: { i: { dictionary: 'signature-input', label: 'b', names: 'components' } },
      message: '{i}\n{body}',
    },
    'signature.label: is not the label of what it covers',
  ],
  [
    { scope: { json: '/a', hold: 'all' }, signature: { dictionary: 'signature', label: 'a', encoding: 'base64' }, message: '{body}' },
    'scope: has no place beside labels',
  ],
  [
    {
      signature: { dictionary: 'signature', label: 'sig1', encoding: 'base64' },
      fields: { i: { dictionary: 'signature-input', label: 'sig1', names: 'components', format: 'created={timestamp}' } },
      timestamp: { unit: 'seconds' },
      message: '{i}\n{body}',
    },
    'fields.i.format: "created={timestamp}": parameters begin with ";"',
    'timestamp: has no home, and no format captures {timestamp}',
  ],
  [
    {
      signature: { dictionary: 'signature', label: 'sig1', encoding: 'base64' },
      fields: { i: { dictionary: 'signature-input', label: 'sig1', names: 'components', format: ';created=x' } },
      message: '{i}\n{body}',
    },
    'fields.i.format: "created=x" is no parameter, such as created={timestamp} or keyid="{keyId?}"; what is fixed is a field with "value", captured here',
  ],
]

describe('what cannot be read back, signed or trusted is told with its place, and nothing else is', () => {
  for (const [definition, ...lines] of wrong)
    test(lines.join('; '), () => assert.deepEqual(mistakes(definition), lines, JSON.stringify(definition)))
})

test('what cannot be said is told so, and not taken for the nearest word', () => {
  const signature = (encoding) => ({ signature: { header: 'x-signature', encoding } })
  for (const [definition, said] of [
    [signature('base58'), 'unknown pipe "base58" in "base58"; that encoding cannot be said: LANGUAGE.md, chapter 8'],
    [{ message: '{body|base62}' }, 'that encoding cannot be said: LANGUAGE.md, chapter 8'],
    [{ algorithm: 'keccak256' }, 'unknown word "keccak256"; that hash cannot be said: LANGUAGE.md, chapter 8'],
    [{ algorithm: 'blake2b512' }, 'that hash cannot be said'],
    [{ message: '{body|ripemd160|hex}' }, 'that hash cannot be said'],
    [{ algorithm: 'rsa-sha256' }, 'unknown word "rsa-sha256"; a signature of a public key cannot be said: LANGUAGE.md, chapter 8'],
    [{ algorithm: { ES256: 'es256' } }, 'algorithm.ES256: unknown word "es256"; a signature of a public key cannot be said'],
    [{ timestamp: { header: 't', unit: 'DD/MM/YYYY h:mm:ss A' }, message: '{timestamp}.{body}' }, '12-hour clocks cannot be said'],
    [{ timestamp: { header: 't', unit: 'DD/MM/YYYY HH:mm:ss A' }, message: '{timestamp}.{body}' }, 'holds "A", which is none of'],
    [{ message: '{body|crc32}' }, 'that hash cannot be said'],
    [{ message: '{body|adler32}' }, 'that hash cannot be said'],
    [{ key: '{secret|scrypt}' }, 'a key that is made so cannot be said: LANGUAGE.md, chapter 8'],
    [{ message: '{method|capitalize}\n{body}' }, 'unknown pipe "capitalize" in "{method|capitalize}\\n{body}"; that cannot be said'],
    [
      { define: { l: { each: 'query', sort: 'desc', item: '{name}', join: '' } }, message: '{l}' },
      'an order from the last to the first cannot',
    ],
    [{ signature: { xml: '/soap:Envelope/sig' }, message: '{body}' }, 'prefixes and attributes cannot be said'],
    [{ signature: { xml: '/req/@sig' }, message: '{xml:/req/id}', ambiguous: 'x' }, 'attributes cannot be said'],
  ]) {
    const told = mistakes(definition).join('\n')
    assert.ok(told.includes(said), told)
  }
  assert.deepEqual(mistakes({ algorithm: 'sha265' }), ['algorithm: unknown word "sha265"; did you mean "sha256"?'])
})
