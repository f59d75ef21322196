// Every preset's vector beside createHmac over the ready message, and four presets beside their vendors' SDKs on the same body.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as schemes from '@countersign/schemes'
import { checkSignature, compileScheme, keyIdsOf, readBody, readHead, sign } from '@countersign/schemes'
import { sdks, URL_OF_ALL } from '../interop/sdks.js'
import { costs, median } from './measure.js'

export const title = 'schemes'

export async function* run({ quick = false } = {}) {
  yield* vectors(quick)
  yield* besideSdks(quick)
}

function* vectors(quick) {
  const ratios = []
  for (const { name, ours, bare } of comparisons()) {
    const figures = costs({ ours, bare }, { rounds: quick ? 2 : 7, calls: quick ? 500 : 3000 })
    ratios.push({ name, ratio: figures.ours / figures.bare })
  }
  ratios.sort((a, b) => a.ratio - b.ratio)
  const all = ratios.map(({ ratio }) => ratio)
  yield {
    what: `verify a preset's vector, median of ${all.length}`,
    rival: 'createHmac over the ready message',
    figures: '',
    ratio: median(all),
    reach: '<= 1.30',
  }
  const over = ratios.filter(({ ratio }) => ratio > 1.3)
  yield {
    what: `presets over 1.30`,
    rival: 'createHmac over the ready message',
    figures: over.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', '),
    ratio: over.length,
    reach: '0',
  }
}

/** What the request path does with a vector, and what somebody does who has the signed message and the signature at hand. */
function* comparisons() {
  const byName = new Map(
    Object.values(schemes)
      .filter((value) => typeof value === 'object' && 'signature' in value)
      .map((scheme) => [scheme.name, scheme]),
  )
  for (const file of ['preset', 'dev']) {
    for (const vector of JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url)))) {
      const scheme = byName.get(vector.scheme)
      if (scheme === undefined || scheme.insecure !== undefined) continue
      const made = comparison(scheme, vector)
      if (made !== undefined) yield { name: vector.id, ...made }
    }
  }
}

function comparison(scheme, { request, secret, keyId, now: seconds }) {
  const now = (seconds ?? 1_768_478_400) * 1000
  const body = Buffer.from(request.bodyBase64, 'base64')
  const [, origin, target] = /^(https?:\/\/[^/]+)(.*)$/.exec(request.url)
  const rawHeaders = Object.entries(request.headers).flat()
  const held = { material: secret, ...(keyId && { id: keyId }) }
  const view = { method: request.method, target, rawHeaders, secure: true, origin: undefined, namedOrigin: origin }
  try {
    const compiled = compileScheme(scheme, { params: {}, allowUnboundBody: true })
    const ours = () => {
      const reading = readHead(compiled, view, now)
      readBody(compiled, reading, body, now)
      const offers = keyIdsOf(compiled, reading).map((id) => ({ keyId: id, secrets: [held] }))
      return checkSignature(compiled, reading, offers, { now, allowEmptyBody: true })
    }
    const { messages } = ours()
    const message = Buffer.concat(messages.flat().map((part) => Buffer.from(part)))
    const hash = typeof scheme.algorithm === 'string' ? scheme.algorithm : 'sha256'
    const expected = createHmac(hash, secret).update(message).digest('hex')
    const bare = () => timingSafeEqual(createHmac(hash, secret).update(message).digest(), Buffer.from(expected, 'hex'))
    return { ours, bare }
  } catch {
    return undefined
  }
}

async function* besideSdks(quick) {
  const text = JSON.stringify({ id: 'evt_1', type: 'order.paid', data: { object: { id: 'x', object: 'order' }, fill: 'x'.repeat(950) } })
  const body = Buffer.from(text)
  const now = Date.now()
  for (const name of ['stripe', 'svix', 'standardwebhooks', '@octokit/webhooks-methods']) {
    const { scheme, secret, verify, sdk } = sdks.find((one) => one.sdk === name)
    const { headers } = sign(scheme, { method: 'POST', url: URL_OF_ALL, body }, { secret, now: () => now })
    const view = {
      method: 'POST',
      target: '/hooks/in?x=1',
      rawHeaders: Object.entries(headers).flat(),
      secure: true,
      origin: undefined,
      namedOrigin: undefined,
    }
    const compiled = compileScheme(scheme)
    const held = { material: secret }
    const ours = () => {
      const reading = readHead(compiled, view, now)
      readBody(compiled, reading, body, now)
      return checkSignature(compiled, reading, [{ keyId: undefined, secrets: [held] }], { now })
    }
    const figures = await asyncCosts({ ours, theirs: () => verify(headers, body) }, quick)
    yield {
      what: `${scheme.name}, 1 KiB`,
      rival: sdk,
      figures: `${(figures.ours / 1000).toFixed(2)} us : ${(figures.theirs / 1000).toFixed(2)} us`,
      ratio: figures.ours / figures.theirs,
      reach: '< 1.00',
    }
  }
}

/** Like costs, for functions that may promise; what a promise costs is theirs. */
async function asyncCosts(functions, quick) {
  const figures = Object.fromEntries(Object.keys(functions).map((name) => [name, []]))
  for (let round = 0; round <= (quick ? 2 : 9); round += 1) {
    for (const [name, run] of Object.entries(functions)) {
      const calls = quick ? 200 : 2000
      const start = process.hrtime.bigint()
      for (let i = 0; i < calls; i += 1) {
        const result = run()
        if (result instanceof Promise) await result
      }
      if (round > 0) figures[name].push(Number(process.hrtime.bigint() - start) / calls)
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]))
}
