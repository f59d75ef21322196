/** What is taken for what, each the other way as well. */
const MISTAKEN: readonly (readonly [string, string])[] = [
  ['{path}', '{target}'],
  ['{path}', '{url}'],
  ['{target}', '{url}'],
  ['{target}', '{path}{query}'],
  ['{method}', '{method|lower}'],
  ['{host}', '{authority}'],
  ['{body}', '{body|sha256|hex}'],
  ['{body|sha256|hex}', '{body|sha256|hex|upper}'],
  ['{body|md5|hex}', '{body|md5|hex|upper}'],
]

/** What of a URL senders sign. */
const URLS = ['{host}{path}', '{host}{target}', '{origin}{path}', '{url|before:?}', '{origin}']
const HOSTS = ['{header:host}', '{host}', '{hostname}', '{authority}']
/** A digest, what it is of, and how it is written. */
const DIGEST = /^\{(.+?)\|(md5|sha1|sha256|sha384|sha512)((?:\|(?:hex|base64|base64url|upper))*)\}$/
const DIGESTS = ['sha256', 'md5', 'sha1', 'sha512', 'sha384']
const WRITTEN = ['|hex', '|base64', '|hex|upper', '']
/** How a digest usually stands in a message. */
const HASHED = ['|sha256|hex', '|sha256|base64', '|md5|hex', '|md5|base64', '|sha512|hex', '|sha1|hex']
/** Parts that are short by themselves, or one value of many. */
const REQUESTED =
  /^(?:method|target|rawTarget|path|query|scheme|host|hostname|port|authority|origin|header|form|cookie|json|xml|item|param|secret|timestamp|nonce|keyId|algorithm)\b/
const DECODED = ['fromHex', 'fromBase64', 'fromBase64url', 'decode', 'encode']

/** How the secret stands in a string that is hashed. */
const SECRETS = [
  '&key={secret}',
  '&{secret}',
  '|{secret}',
  ':{secret}',
  '{secret|md5|hex}',
  '{secret|sha1|hex}',
  '{secret|sha256|hex}',
  '{secret|upper}',
]
/** Parts that hold an amount of money, by their names. */
const MONEY = /(?:amount|amt|sum|price|total|value|fee|betrag|montant)[^/]*$/i
const AMOUNTS = ['decimals:2', 'remove:.', 'decimals:2|remove:.', 'before:.']

/** What a slot is easily taken for: another part, or the same through fewer pipes. */
export function takenFor(slot: string): readonly string[] {
  const others = MISTAKEN.flatMap(([one, other]) => (slot === one ? [other] : slot === other ? [one] : []))
  const piped = pipedOf(slot)
  const fewer = piped.slice(1).map((_pipe, at) => `{${piped.slice(0, at + 1).join('|')}}`)
  return [...others, ...fewer.reverse()]
}

/**
 * What else a sender may sign in its place: less or more of the URL, another digest, one more pipe.
 *
 * @param between - what stands between the slots of the template
 */
export function slotsLike(slot: string, between: string): readonly string[] {
  const piped = pipedOf(slot)
  return [...targetsLike(piped, between), ...hostsLike(slot), ...digestsLike(slot), ...hashedLike(piped), ...textsLike(slot, piped)]
}

function pipedOf(slot: string): readonly string[] {
  return slot.slice(1, -1).split(/(?<!\\)\|/)
}

/** Path and target: the whole of them, without segments in front, with the host, the query on its own. */
function targetsLike(piped: readonly string[], between: string): readonly string[] {
  const [part = ''] = piped
  if (part === 'url') return [...URLS, `{${piped.join('|')}|unsuffix:/}`]
  if (part !== 'path' && part !== 'target') return []
  const shorter = [1, 2, 3, 4].map((count) => `${part}${'|after:/'.repeat(count)}`)
  return [
    '{path}',
    '{target}',
    `{path}${between}{query}`,
    ...shorter.flatMap((text, at) => (at === 0 ? [`{${text}}`] : [`{${text}|prepend:/}`, `{${text}}`])),
    `{host}{${part}}`,
    `{hostname}{${part}}`,
    '{url|before:?}',
    '{path|append:/}',
    '{path|unsuffix:/}',
  ]
}

/** The body, or a text of `define`, that a sender hashes or encodes before it stands in the message. */
function hashedLike(piped: readonly string[]): readonly string[] {
  const [part = ''] = piped
  if (piped.length > 1 || REQUESTED.test(part)) return []
  return (part === 'body' ? [...HASHED, '|base64', '|base64url'] : HASHED).map((pipes) => `{${part}${pipes}}`)
}

function hostsLike(slot: string): readonly string[] {
  return HOSTS.includes(slot) ? HOSTS : []
}

function digestsLike(slot: string): readonly string[] {
  const [, what, own, written = ''] = DIGEST.exec(slot) ?? []
  if (what === undefined) return []
  return [...WRITTEN.map((other) => `{${what}|${own}${other}}`), ...DIGESTS.map((other) => `{${what}|${other}${written}}`)]
}

/** Another case; of what is carried decoded or encoded, and with its name in front. */
function textsLike(slot: string, piped: readonly string[]): readonly string[] {
  const [part = ''] = piped
  if (slot === '{secret}') return SECRETS
  if (part.startsWith('body') || part.startsWith('secret') || DIGEST.test(slot)) return []
  const inner = slot.slice(1, -1)
  const cases = ['lower', 'upper'].map((pipe) => `{${inner}|${pipe}}`)
  if (/^(?:method|timestamp|host|hostname|port|scheme|authority)/.test(part)) return cases
  const name = /^(?:query|form|cookie|header):([^?|]+)/.exec(inner)?.[1]
  const named = name === undefined ? [] : ['=', ':', ''].map((mark) => `${name}${mark}${slot}`)
  const money = /^(?:query|form|json)/.test(part) && MONEY.test(part) ? AMOUNTS : []
  return [...cases, ...named, ...[...money, ...DECODED].map((pipe) => `{${inner}|${pipe}}`)]
}
