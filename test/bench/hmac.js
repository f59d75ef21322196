// Verifying alone, and servers under load, beside what people write by hand.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { checkSignature, compileScheme, hexSignature, readBody, readHead } from '@countersign/schemes'
import { costs, median, requestsPerSecond, startServer } from './measure.js'

const SECRET = 'an-example-secret-of-32-octets!!'
const SIZES = { '64 B': 64, '1 KiB': 1024, '16 KiB': 16_384, '1 MiB': 1_048_576 }
const REACH = { '64 B': '<= 0.75', '1 KiB': '<= 0.75', '16 KiB': '<= 1.00', '1 MiB': '<= 1.05' }

export const title = 'hmac-verify'

export async function* run({ quick = false } = {}) {
  yield* alone(quick)
  yield* underLoad(quick)
}

function* alone(quick) {
  const scheme = compileScheme(hexSignature)
  const offers = [{ keyId: undefined, secrets: [{ material: SECRET }] }]
  for (const [name, size] of Object.entries(SIZES)) {
    const body = randomBytes(size)
    const signature = createHmac('sha256', SECRET).update(body).digest('hex')
    const rawHeaders = [
      'Host',
      'localhost',
      'Content-Type',
      'application/json',
      'X-Signature',
      signature,
      'Content-Length',
      String(size),
      'Accept',
      '*/*',
    ]
    const request = { method: 'POST', target: '/hook', rawHeaders, secure: false, origin: undefined, namedOrigin: undefined }
    const now = Date.now()
    const figures = costs(
      {
        ours: () => {
          const reading = readHead(scheme, request, now)
          readBody(scheme, reading, body, now)
          return checkSignature(scheme, reading, offers, { now })
        },
        bare: () => timingSafeEqual(createHmac('sha256', SECRET).update(body).digest(), Buffer.from(signature, 'hex')),
      },
      { rounds: quick ? 3 : 25, calls: Math.max(50, Math.min(20_000, Math.floor(2e7 / (size + 2000)))) },
    )
    yield {
      what: `verify a body of ${name}`,
      rival: 'createHmac + timingSafeEqual',
      figures: `${(figures.ours / 1000).toFixed(2)} us : ${(figures.bare / 1000).toFixed(2)} us`,
      ratio: figures.ours / figures.bare,
      reach: REACH[name],
    }
  }
}

async function* underLoad(quick) {
  const body = JSON.stringify({ data: 'x'.repeat(1000) })
  const headers = { 'Content-Type': 'application/json', 'X-Signature': createHmac('sha256', SECRET).update(body).digest('hex') }
  for (const framework of ['express', 'koa']) {
    const rates = await rounds(framework, { path: '/hook', method: 'POST', headers, body, seconds: quick ? 1 : 2 }, quick ? 1 : 5)
    const pairs = [
      ['ours', 'hand', '>= 1.00'],
      ['ours+json', 'hand+json', '>= 0.95'],
      ['ours', 'none', ''],
      ['ours+json', 'none+json', ''],
    ]
    for (const [ours, rival, reach] of pairs) {
      yield {
        what: `${framework}: ${ours === 'ours' ? 'hmacVerify + handler' : 'hmacVerify + JSON parser'}, 1 KiB`,
        rival: { hand: 'hand-written raw reader', 'hand+json': 'hand-written, parsing', none: 'no auth', 'none+json': 'no auth, parsing' }[
          rival
        ],
        figures: `${Math.round(median(rates[ours]))} : ${Math.round(median(rates[rival]))} requests/s`,
        ratio: median(rates[ours].map((rate, i) => rate / rates[rival][i])),
        reach,
      }
    }
  }
}

/** Each round runs all variants; a ratio is taken within its round. */
async function rounds(framework, load, count) {
  const file = fileURLToPath(new URL('servers/hmac.js', import.meta.url))
  const variants = ['none', 'ours', 'hand', 'none+json', 'ours+json', 'hand+json']
  const rates = Object.fromEntries(variants.map((variant) => [variant, []]))
  for (let round = 0; round <= count; round += 1) {
    for (const variant of variants) {
      const server = await startServer(file, [framework, variant])
      try {
        await requestsPerSecond({ ...load, port: server.port, seconds: 1 })
        const rate = await requestsPerSecond({ ...load, port: server.port })
        if (round > 0 || count === 1) rates[variant].push(rate)
      } finally {
        await server.stop()
      }
    }
  }
  return rates
}
