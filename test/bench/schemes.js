// Every preset's vector beside createHmac over the ready message, and four presets beside their vendors' SDKs on the same body.
import { execFileSync } from 'node:child_process'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { checkSignature, compileScheme, keyIdsOf, readBody, readHead, sign, verify } from '@countersign/schemes'
import { setUp, vectors } from '../vectors/vectors.js'
import { costs, median } from './measure.js'

export const title = 'schemes'

export async function* run({ quick = false } = {}) {
  yield* besideReadyMessages(quick)
  yield* besideSdks(quick)
}

/** Measured beside the packages that people use for them: schemes-standards.js. */
const BESIDE_PACKAGES = ['aws-sigv4', 'aws-sigv4-s3', 'rfc9421']

/** Each vector in a process of its own, as a server has one scheme or two: with eighty in one, no call site is like any server's. */
function* besideReadyMessages(quick) {
  const ids = vectors.filter(({ scheme }) => scheme !== undefined && !BESIDE_PACKAGES.includes(scheme.name)).map(({ id }) => id)
  const ratios = ids.map((name) => {
    const args = [fileURLToPath(import.meta.url), name, ...(quick ? ['--quick'] : [])]
    return { name, ...JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) }
  })
  const rival = 'createHmac over the ready message'
  for (const [way, what] of Object.entries({ guard: 'what a guard does', verify: 'verify()' })) {
    const sorted = ratios.map((one) => ({ name: one.name, ratio: one[way] })).sort((a, b) => a.ratio - b.ratio)
    const all = sorted.map(({ ratio }) => ratio)
    yield {
      what: `${what} with a preset's vector, SigV4 and RFC 9421 apart, median of ${all.length}`,
      rival,
      figures: '',
      ratio: median(all),
      reach: '<= 1.30',
    }
    const over = sorted.filter(({ ratio }) => ratio > 1.3)
    const figures = over.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', ')
    yield { what: `${what}: how many of these are over 1.30`, rival, figures, ratio: over.length, reach: '0' }
  }
}

function ratiosOf(name, quick) {
  const { guard, verify, bare } = comparison(vectors.find(({ id }) => id === name))
  const figures = costs({ guard, verify, bare }, { rounds: quick ? 5 : 15, calls: 5000 })
  return { guard: figures.guard / figures.bare, verify: figures.verify / figures.bare }
}

/** What the request path does with a vector, what verify() does, and what somebody does who has the signed message and the signature at hand. */
function comparison(vector) {
  const { scheme, request, secrets, ids, keyId, now } = vector
  const whole = setUp(vector)
  const { secret: _, now: __, allowWeakSecret: ___, publicOrigin, allowEmptyBody, ...options } = whole
  const [, origin, target] = /^(https?:\/\/[^/]+)(.*)$/.exec(request.url)
  const held = secrets.map((material, i) => {
    const id = ids?.[i] ?? keyId
    return id === undefined ? { material } : { material, id }
  })
  const view = {
    method: request.method,
    target,
    rawHeaders: Object.entries(request.headers).flat(),
    secure: true,
    origin: publicOrigin,
    namedOrigin: origin,
  }
  const compiled = compileScheme(scheme, options)
  const guard = () => {
    const reading = readHead(compiled, view, now)
    readBody(compiled, reading, request.body, now)
    const offers = keyIdsOf(compiled, reading).map((id) => ({ keyId: id, secrets: held }))
    return checkSignature(compiled, reading, offers, { now, allowEmptyBody })
  }
  const message = Buffer.concat(
    guard()
      .messages.flat()
      .map((part) => Buffer.from(part)),
  )
  const [secret] = secrets
  const hash = typeof scheme.algorithm === 'string' ? scheme.algorithm : 'sha256'
  const expected = createHmac(hash, secret).update(message).digest('hex')
  // As many HMACs as it takes to come to the secret that holds.
  const tried = secrets.slice(0, held.indexOf(guard().secret) + 1)
  const bare = () => tried.map((one) => timingSafeEqual(createHmac(hash, one).update(message).digest(), Buffer.from(expected, 'hex')))
  return { guard, verify: () => verify(scheme, request, { ...whole }), bare }
}

async function* besideSdks(quick) {
  const { sdks, URL_OF_ALL } = await import('../interop/sdks.js')
  const text = JSON.stringify({ id: 'evt_1', type: 'order.paid', data: { object: { id: 'x', object: 'order' }, fill: 'x'.repeat(950) } })
  const body = Buffer.from(text)
  const now = Date.now()
  for (const name of ['stripe', 'svix', 'standardwebhooks', '@octokit/webhooks-methods']) {
    const { scheme, secret, verify: verifyTheirs, sdk } = sdks.find((one) => one.sdk === name)
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
    const figures = await asyncCosts({ ours, theirs: () => verifyTheirs(headers, body) }, quick)
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

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(ratiosOf(process.argv[2], process.argv.includes('--quick'))))
