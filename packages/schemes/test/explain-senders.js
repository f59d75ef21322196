/**
 * Senders of published schemes, written from the vendors' pages with node:crypto alone, that can make mistakes: what is signed and what
 * is sent are two things. The JSON holds what the writers of other languages escape.
 */
import { createHash, createHmac } from 'node:crypto'
import { scheme } from '@countersign/schemes'

export const NOW_MS = 1_768_478_400_000
export const SECRET = 'q3Vt7-a-secret-of-the-tests-0Z9y'
const BASE64 = Buffer.from('a key of the tests, 32 octets...').toString('base64')

/** JSON that every writer writes in another way, in the way of JSON.stringify. */
export const JSON_BODY = JSON.stringify({
  type: 'order/paid',
  name: 'Zo\u00eb & <b>',
  amount: 1050,
  items: [{ id: 2, at: 'a/b' }, { id: 1 }],
  note: 'it\'s "x"',
})
const FORM_BODY = 'Body=Hello+there&From=%2B14155550100&To=%2B14155550111&Name=Zo%C3%AB'

/** @returns {string} an HMAC in some encoding */
export function mac(hash, key, message, encoding) {
  return createHmac(hash, key).update(message).digest(encoding)
}

const sha256 = (content, encoding) => createHash('sha256').update(content).digest(encoding)
const join = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
const pathOf = (url) => new URL(url).pathname

/** What a sender does where it makes no mistake; `signed` and `sent` are the same request. */
function plan(sender, overrides) {
  const seconds = String(Math.floor(NOW_MS / 1000))
  const request = {
    method: 'POST',
    url: sender.url ?? 'https://api.example.com/v7/hooks/in',
    body: Buffer.from(sender.body ?? JSON_BODY),
    time: sender.time?.(NOW_MS) ?? seconds,
    type: sender.type ?? 'application/json',
  }
  const own = {
    secret: sender.secret ?? SECRET,
    hash: sender.hash ?? 'sha256',
    encoding: sender.encoding ?? 'hex',
    front: sender.front ?? '',
  }
  const changes = typeof overrides === 'function' ? overrides({ ...own, ...request, sender }) : overrides
  const { signed = {}, sent = {}, ...rest } = changes
  const made = { ...own, ...rest }
  made.key ??= sender.key?.(made.secret) ?? Buffer.from(made.secret)
  made.write ??= (octets) => made.front + octets.toString(made.encoding)
  return { ...made, signed: { ...request, ...rest, ...signed }, sent: { ...request, ...rest, ...sent } }
}

/** Signs and sends; the request as the receiver has it. */
export function send(sender, overrides = {}) {
  const {
    key,
    hash,
    write,
    signed,
    sent,
    extra = {},
    digest = (message) => createHmac(hash, key).update(message).digest(),
  } = plan(sender, overrides)
  const make = (message) => write(digest(Buffer.from(message), { key, hash }))
  const headers = { ...sender.headers({ make, signed, sent }), ...extra }
  const { method, url } = sent
  return { method, url, headers: { 'content-type': sent.type, ...headers }, body: sent.body }
}

/** The URL, and the fields of a form behind it in the order of their names. */
const fieldsBehindUrl = (header) => ({
  addressed: true,
  whole: true,
  form: true,
  hash: 'sha1',
  encoding: 'base64',
  body: FORM_BODY,
  type: 'application/x-www-form-urlencoded',
  headers: ({ make, signed }) => {
    const pairs = [...new URLSearchParams(signed.body.toString())].sort(([a], [b]) => (a < b ? -1 : 1))
    return { [header]: make(signed.url + pairs.map(([name, value]) => name + value).join('')) }
  },
})

const amzTime = (ms) => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Senders by the name of their preset. Each: the string to sign and the fields, as its vendor documents them. */
export const senders = {
  github: { front: 'sha256=', headers: ({ make, signed }) => ({ 'x-hub-signature-256': make(signed.body) }) },
  bitbucket: { front: 'sha256=', headers: ({ make, signed }) => ({ 'x-hub-signature': make(signed.body) }) },
  typeform: { front: 'sha256=', encoding: 'base64', headers: ({ make, signed }) => ({ 'typeform-signature': make(signed.body) }) },
  twitterX: {
    front: 'sha256=',
    encoding: 'base64',
    headers: ({ make, signed }) => ({ 'x-twitter-webhooks-signature': make(signed.body) }),
  },
  shopify: { encoding: 'base64', headers: ({ make, signed }) => ({ 'x-shopify-hmac-sha256': make(signed.body) }) },
  vercel: { hash: 'sha1', headers: ({ make, signed }) => ({ 'x-vercel-signature': make(signed.body) }) },
  stripe: {
    timed: true,
    headers: ({ make, signed, sent }) => ({ 'stripe-signature': `t=${sent.time},v1=${make(join(`${signed.time}.`, signed.body))}` }),
  },
  slack: {
    timed: true,
    front: 'v0=',
    headers: ({ make, signed, sent }) => ({
      'x-slack-request-timestamp': sent.time,
      'x-slack-signature': make(join(`v0:${signed.time}:`, signed.body)),
    }),
  },
  zoom: {
    timed: true,
    front: 'v0=',
    headers: ({ make, signed, sent }) => ({
      'x-zm-request-timestamp': sent.time,
      'x-zm-signature': make(join(`v0:${signed.time}:`, signed.body)),
    }),
  },
  customerIo: {
    timed: true,
    headers: ({ make, signed, sent }) => ({
      'x-cio-timestamp': sent.time,
      'x-cio-signature': make(join(`v0:${signed.time}:`, signed.body)),
    }),
  },
  webflow: {
    timed: true,
    time: (ms) => String(ms),
    headers: ({ make, signed, sent }) => ({
      'x-webflow-timestamp': sent.time,
      'x-webflow-signature': make(join(`${signed.time}:`, signed.body)),
    }),
  },
  zendesk: {
    timed: true,
    time: (ms) => new Date(ms).toISOString().replace('.000', ''),
    encoding: 'base64',
    headers: ({ make, signed, sent }) => ({
      'x-zendesk-webhook-signature-timestamp': sent.time,
      'x-zendesk-webhook-signature': make(join(signed.time, signed.body)),
    }),
  },
  standardWebhooks: {
    timed: true,
    secret: `whsec_${BASE64}`,
    key: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
    encoding: 'base64',
    front: 'v1,',
    headers: ({ make, signed, sent }) => ({
      'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
      'webhook-timestamp': sent.time,
      'webhook-signature': make(join(`msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.${signed.time}.`, signed.body)),
    }),
  },
  wso2: {
    timed: true,
    addressed: true,
    time: (ms) => new Date(ms).toUTCString(),
    encoding: 'base64',
    front: 'client-1:',
    headers: ({ make, signed, sent }) => ({
      date: sent.time,
      authorization: make(
        `${signed.method}\n${signed.time}\n${pathOf(signed.url)}\n${signed.type}\n${sha256(signed.body, signed.digestEncoding ?? 'base64')}`,
      ),
    }),
  },
  square: {
    addressed: true,
    whole: true,
    encoding: 'base64',
    headers: ({ make, signed }) => ({ 'x-square-hmacsha256-signature': make(join(signed.url, signed.body)) }),
  },
  trello: {
    addressed: true,
    whole: true,
    hash: 'sha1',
    encoding: 'base64',
    headers: ({ make, signed }) => ({ 'x-trello-webhook': make(join(signed.body, signed.url)) }),
  },
  twilio: fieldsBehindUrl('x-twilio-signature'),
  mandrill: fieldsBehindUrl('x-mandrill-signature'),
  coinbaseCdpHook0: {
    timed: true,
    headers: ({ make, signed, sent }) => ({
      'x-hook0-signature': `t=${sent.time},h=content-type,v1=${make(join(`${signed.time}.content-type.${signed.type}.`, signed.body))}`,
    }),
  },
  own: {
    scheme: scheme({
      name: 'own',
      signature: { header: 'x-own-signature', format: 'own {signature}', encoding: 'base64url' },
      timestamp: { header: 'x-own-time', unit: 'seconds' },
      message: '{method}\n{target}\n{timestamp}\n{header:content-type}\n{body|sha256|hex}',
    }),
    timed: true,
    addressed: true,
    front: 'own ',
    encoding: 'base64url',
    headers: ({ make, signed, sent }) => ({
      'x-own-time': sent.time,
      'x-own-signature': make(
        `${signed.method}\n${new URL(signed.url).pathname}${new URL(signed.url).search}\n${signed.time}\n${signed.type}\n${sha256(signed.body, signed.digestEncoding ?? 'hex')}`,
      ),
    }),
  },
  hubspotV3: {
    timed: true,
    addressed: true,
    whole: true,
    time: (ms) => String(ms),
    encoding: 'base64',
    headers: ({ make, signed, sent }) => ({
      'x-hubspot-request-timestamp': sent.time,
      'x-hubspot-signature-v3': make(join(signed.method, signed.url, signed.body, signed.time)),
    }),
  },
  rfc9421: {
    timed: true,
    addressed: true,
    encoding: 'base64',
    secret: BASE64,
    key: (secret) => Buffer.from(secret, 'base64'),
    headers: ({ make, signed, sent }) => {
      const { pathname, search } = new URL(signed.url)
      const cover = (time) => `("@method" "@authority" "@request-target" "content-digest" "content-type");created=${time};keyid="k1"`
      const base = `"@method": ${signed.method}\n"@authority": ${new URL(signed.url).host}\n"@request-target": ${pathname}${search}\n"content-digest": sha-256=:${sha256(signed.body, 'base64')}:\n"content-type": ${signed.type}\n"@signature-params": ${cover(signed.time)}`
      return {
        'content-digest': `sha-256=:${sha256(signed.digestOf ?? signed.body, 'base64')}:`,
        'signature-input': `sig1=${cover(sent.time)}`,
        signature: `sig1=:${make(base)}:`,
      }
    },
  },
  draftCavage: {
    timed: true,
    addressed: true,
    time: (ms) => new Date(ms).toUTCString(),
    encoding: 'base64',
    headers: ({ make, signed, sent }) => {
      const { pathname, search, host } = new URL(signed.url)
      const digest = `SHA-256=${sha256(signed.body, 'base64')}`
      const base = `(request-target): ${signed.method.toLowerCase()} ${pathname}${search}\nhost: ${host}\ndate: ${signed.time}\ndigest: ${digest}\ncontent-type: ${signed.type}`
      const list = '(request-target) host date digest content-type'
      return {
        host: new URL(sent.url).host,
        date: sent.time,
        digest,
        authorization: `Signature keyId="k1",algorithm="hmac-sha256",headers="${list}",signature="${make(base)}"`,
      }
    },
  },
  awsSigv4: {
    timed: true,
    addressed: true,
    time: amzTime,
    params: { region: 'eu-central-1', service: 'execute-api' },
    key: (secret) => {
      const day = amzTime(NOW_MS).slice(0, 8)
      return [day, 'eu-central-1', 'execute-api', 'aws4_request'].reduce(
        (key, text) => createHmac('sha256', key).update(text).digest(),
        `AWS4${secret}`,
      )
    },
    headers: ({ make, signed, sent }) => {
      const { pathname, searchParams, host } = new URL(signed.url)
      const query = [...searchParams]
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .sort()
        .join('&')
      const canonical = `${signed.method}\n${pathname}\n${query}\ncontent-type:${signed.type}\nhost:${host}\nx-amz-date:${signed.time}\n\ncontent-type;host;x-amz-date\n${sha256(signed.body, 'hex')}`
      const scope = `${signed.time.slice(0, 8)}/eu-central-1/execute-api/aws4_request`
      return {
        host: new URL(sent.url).host,
        'x-amz-date': sent.time,
        authorization: `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=${make(`AWS4-HMAC-SHA256\n${signed.time}\n${scope}\n${sha256(canonical, 'hex')}`)}`,
      }
    },
  },
}
