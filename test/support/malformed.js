/** Requests that no guard may accept, the same in every run: signed under a wrong secret, then bent, or made of odd octets outright. */
import { docusign, hexSignature, sapApim, sign, slack, standardWebhooks, stripe, wso2 } from '@countersign/schemes'

/** The schemes that are sent malformed requests, each with a secret that it takes and one that is another's. */
export const schemes = [hexSignature, stripe, slack, wso2, docusign, standardWebhooks, sapApim].map((scheme) => {
  const decoded = scheme === standardWebhooks || scheme === sapApim
  const as = (text) => (decoded ? Buffer.from(text).toString('base64') : text)
  return { scheme, secret: as('the right secret of the fuzz test'), wrong: as('the wrong secret of the fuzz test') }
})

const METHODS = ['POST', 'POST', 'POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'OPTIONS', 'HEAD']
const NAMES = [
  'authorization',
  'date',
  'content-type',
  'content-encoding',
  'x-forwarded-for',
  'x-signature',
  'stripe-signature',
  '__proto__',
  'constructor',
  'x-a',
]
const TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'a/b; charset=utf-16',
  'garbage',
  '',
]
const BITS = [
  '=',
  ',',
  ';',
  ':',
  '"',
  '\\',
  ' ',
  '\t',
  '%',
  '%00',
  '{',
  '[',
  '0',
  'v1=',
  'v0=',
  't=',
  't=1,v1=',
  'v1,',
  'Basic ',
  'whsec_',
  'a'.repeat(64),
  '\u00e9',
  '\u0080',
  'null',
  'true',
  '1e9',
  '-1',
  '\u00ff',
]

/** mulberry32: small, seeded, and good enough to vary tests. */
export function randomOf(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit) => Math.floor(next() * limit)
  return { next, below, pick: (list) => list[below(list.length)] }
}

/** A length up to 8 KiB, mostly small. */
function lengthOf(random) {
  const most = random.pick([2, 8, 32, 70, 300, 8192])
  return random.below(most + 1)
}

/** Text of octets 0x00 to 0xff; `carried` leaves out what no field can carry. */
function textOf(random, carried) {
  const length = lengthOf(random)
  if (random.next() < 0.5) {
    let text = ''
    while (text.length < length) text += random.pick(BITS)
    return text
  }
  let text = ''
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(random.below(256))
  return carried ? text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, '?') : text
}

function octetsOf(random) {
  const octets = Buffer.allocUnsafe(lengthOf(random))
  for (let i = 0; i < octets.length; i += 1) octets[i] = random.below(256)
  return octets
}

/** Bends a text: an octet changed, cut, doubled, put in, another case, blanks. */
function bent(random, text, carried) {
  const at = random.below(text.length + 1)
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(carried ? 0x20 + random.below(0x5f) : random.below(256)) + text.slice(at + 1)
    case 1:
      return text.slice(0, at)
    case 2:
      return text.slice(at)
    case 3:
      return text + text
    case 4:
      return text.slice(0, at) + random.pick(BITS) + text.slice(at)
    case 5:
      return text.toUpperCase()
    case 6:
      return ` ${text}\t`
    case 7:
      return text.replace(/[0-9]+/, () => String(random.below(2) === 0 ? random.below(1e9) : `${random.below(1e9)}${random.below(1e9)}`))
    default:
      return text
  }
}

function bodyOf(random) {
  switch (random.below(5)) {
    case 0:
      return Buffer.alloc(0)
    case 1:
      return octetsOf(random)
    case 2:
      return Buffer.from(`{"n":${random.below(100)}}`)
    case 3:
      return Buffer.from(`{"a":"${textOf(random, false)}"`, 'latin1')
    default:
      return Buffer.from(random.pick(['[', '{', '"', '\\u', 'a=1&a=2&%', '\ufeff{}']).repeat(1 + random.below(200)))
  }
}

/**
 * One malformed request for a scheme of `schemes`.
 *
 * @param {object} options - `carried`: only octets that HTTP/1.1 can carry in a field and a request line; `now`: milliseconds
 * @returns `{ method, target, rawHeaders, body }`
 */
export function malformed(random, { scheme, wrong }, { carried = true, now = Date.now() } = {}) {
  const method = random.pick(METHODS)
  const target = `/${carried ? encodeURI(textOf(random, true).slice(0, 200)).replaceAll('#', '%23') : textOf(random, false)}`
  const body = bodyOf(random)
  const rawHeaders = random.next() < 0.75 ? [...signedHeaders(random, scheme, wrong, { method, target, body, now }, carried)] : []
  for (let extra = random.below(3); extra > 0; extra -= 1) {
    const name = random.pick(random.next() < 0.2 ? ownNames(scheme) : NAMES)
    rawHeaders.push(name === 'content-encoding' ? 'x-content-encoding' : name, textOf(random, carried))
  }
  if (random.next() < 0.2) rawHeaders.push('content-type', random.pick(TYPES))
  return { method, target, rawHeaders, body }
}

function ownNames({ signature, timestamp, nonce, params = {} }) {
  const homes = [signature, timestamp, nonce].flatMap((home) => home?.header ?? [])
  return homes.map((name) => name.replace('{n}', '1').replace(/\{param:(\w+)\}/g, (_, param) => params[param]))
}

/** The fields of a request that is rightly signed, under a secret that is not ours; then some of them bent, doubled or left out. */
function* signedHeaders(random, scheme, secret, { method, target, body, now }, carried) {
  const url = /^[\x21-\x7e]+$/.test(target) && !target.includes('#') ? target : '/'
  const input = { method, url, headers: { 'content-type': 'text/plain' }, body }
  const { headers } = sign(scheme, input, { secret, keyId: 'client', now: () => now, nonce: undefined, ...keyless(scheme) })
  yield* ['content-type', 'text/plain']
  for (const [name, value] of Object.entries(headers)) {
    const dice = random.next()
    if (dice < 0.04) continue
    const text = dice < 0.4 ? bent(random, value, carried) : value
    yield* [random.next() < 0.2 ? name.toUpperCase() : name, text]
    if (dice > 0.96) yield* [name, random.next() < 0.5 ? value : textOf(random, carried)]
  }
}

function keyless(scheme) {
  return JSON.stringify(scheme).includes('{keyId}') ? {} : { keyId: undefined }
}

/** Octets that are no HTTP message, or half of one. */
export function garbage(random) {
  const start = random.pick([
    '',
    'POST / HTTP/1.1\r\nhost: x\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\nx-signature: ',
    'GET ',
    'POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n',
  ])
  return Buffer.concat([Buffer.from(start, 'latin1'), octetsOf(random), Buffer.from('\r\n\r\n')])
}

/** A request that the guard of a scheme accepts. */
export function wellFormed({ scheme, secret }, { now = Date.now(), body = '{"n":1}' } = {}) {
  const input = { method: 'POST', url: '/orders', headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) }
  const { headers } = sign(scheme, input, { secret, keyId: 'client', now: () => now, ...keyless(scheme) })
  return {
    method: 'POST',
    target: '/orders',
    rawHeaders: ['content-type', 'text/plain', ...Object.entries(headers).flat()],
    body: input.body,
  }
}
