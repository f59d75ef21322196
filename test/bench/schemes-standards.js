// SigV4, RFC 9421 and Hawk beside the packages that people use for them, on the same requests.
import { createHash, createHmac } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { awsSigv4, checkSignature, compileScheme, hawk, keyIdsOf, readBody, readHead, rfc9421, signRequest } from '@countersign/schemes'
import { SignatureV4 } from '@smithy/signature-v4'
import Hawk from 'hawk'
import { createSigner, createVerifier, httpbis } from 'http-message-signatures'
import { median } from './measure.js'

export const title = 'schemes: the standards'

const NOW = 1_768_478_400_000
const BODY = Buffer.from(JSON.stringify({ order: 'x'.repeat(1000) }))
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

export async function* run({ quick = false } = {}) {
  yield* sigv4(quick)
  yield* messageSignatures(quick)
  yield* hawkHeaders(quick)
}

async function* sigv4(quick) {
  const params = { region: 'us-east-1', service: 'execute-api' }
  const scheme = compileScheme(awsSigv4, { params })
  const headers = { host: 'api.example.com', 'content-type': 'application/json', 'x-amz-date': '20260115T120000Z' }
  const url = '/v1/orders?limit=10&after=abc%2Fdef'
  const { sign, verify } = ours(scheme, { method: 'POST', target: url, headers }, 'AKIDEXAMPLE', ['content-type'])
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
  const smithy = (sha256) => {
    const signer = new SignatureV4({ credentials, ...params, sha256, applyChecksum: false })
    return () => signer.sign(request, { signingDate: new Date(NOW) })
  }
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: 'api.example.com',
    path: '/v1/orders',
    query: { limit: '10', after: 'abc/def' },
    headers,
    body: BODY,
  }
  // It has no verifier: who checks with it signs again and compares.
  yield await beside('SigV4, verify', '@smithy/signature-v4 with node:crypto', verify, smithy(NodeSha256), quick)
  yield await beside('SigV4, verify', '@smithy/signature-v4 with @aws-crypto/sha256-js', verify, smithy(Sha256), quick)
  yield await beside('SigV4, sign', '@smithy/signature-v4 with node:crypto', sign, smithy(NodeSha256), quick, '')
}

async function* messageSignatures(quick) {
  const scheme = compileScheme(rfc9421, {})
  const digest = `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`
  const headers = { host: 'api.example.com', 'content-type': 'application/json', 'content-digest': digest }
  const { sign, verify, signed } = ours(scheme, { method: 'POST', target: '/v1/orders?limit=10', headers }, 'key-1', ['content-type'])
  const key = Buffer.from(SECRET, 'base64')
  const message = { method: 'POST', url: 'https://api.example.com/v1/orders?limit=10', headers }
  const verifier = { id: 'key-1', algs: ['hmac-sha256'], verify: createVerifier(key, 'hmac-sha256') }
  const withSignature = { ...message, headers: { ...headers, ...signed.headers } }
  const verifyTheirs = () => httpbis.verifyMessage({ keyLookup: async () => verifier, tolerance: 1e9 }, withSignature)
  const config = {
    key: createSigner(key, 'hmac-sha256', 'key-1'),
    fields: ['@method', '@target-uri', 'content-digest', 'content-type'],
    params: ['created', 'nonce', 'keyid', 'alg'],
    paramValues: { nonce: 'abcdefghijklmnopqrstuv', created: new Date(NOW) },
  }
  const signTheirs = () => httpbis.signMessage(config, message)
  yield await beside('RFC 9421, verify with Content-Digest', 'http-message-signatures (without)', verify, verifyTheirs, quick)
  yield await beside('RFC 9421, sign with Content-Digest', 'http-message-signatures (without)', sign, signTheirs, quick, '')
}

async function* hawkHeaders(quick) {
  const scheme = compileScheme(hawk, {})
  const credentials = { id: 'key-1', key: SECRET, algorithm: 'sha256' }
  const headers = { host: 'api.example.com', 'content-type': 'application/json' }
  const { sign, verify, signed } = ours(scheme, { method: 'POST', target: '/v1/orders?limit=10', headers }, 'key-1', [])
  const request = {
    method: 'POST',
    url: '/v1/orders?limit=10',
    host: 'api.example.com',
    port: 443,
    authorization: signed.headers.authorization,
    contentType: 'application/json',
  }
  const verifyTheirs = () => Hawk.server.authenticate(request, () => credentials, { payload: BODY.toString(), timestampSkewSec: 1e9 })
  const signTheirs = () =>
    Hawk.client.header('https://api.example.com/v1/orders?limit=10', 'POST', {
      credentials,
      payload: BODY.toString(),
      contentType: 'application/json',
    })
  yield await beside('Hawk, verify with payload', 'hawk', verify, verifyTheirs, quick, '')
  yield await beside('Hawk, sign with payload', 'hawk', sign, signTheirs, quick, '')
}

/** Our side of a scheme: signs a request, and verifies what was signed. */
function ours(scheme, { method, target, headers }, keyId, sign) {
  const secret = { material: SECRET, id: keyId }
  const view = {
    method,
    target,
    rawHeaders: Object.entries(headers).flat(),
    secure: true,
    origin: 'https://api.example.com',
    namedOrigin: undefined,
  }
  const signNow = () => signRequest(scheme, view, BODY, [secret], { now: NOW, keyId, sign })
  const signed = signNow()
  const received = { ...view, rawHeaders: Object.entries({ ...headers, ...signed.headers }).flat() }
  const verify = () => {
    const reading = readHead(scheme, received, NOW)
    readBody(scheme, reading, BODY, NOW)
    const offers = keyIdsOf(scheme, reading).map((id) => ({ keyId: id, secrets: [secret] }))
    return checkSignature(scheme, reading, offers, { now: NOW })
  }
  if (!verify().ok) throw new Error('the bench does not verify')
  return { sign: signNow, verify, signed }
}

/** The cost of a function beside that of an asynchronous one; each is awaited where it has to be. */
async function beside(what, rival, mine, theirs, quick, reach = '<= 0.50') {
  if ((await theirs()) === false) throw new Error(`${rival} does not verify`)
  const figures = { mine: [], theirs: [] }
  const calls = quick ? 1000 : 2000
  const rounds = quick ? 5 : 25
  // The first rounds warm both sides up. CPU time, since a bench has the machine seldom for itself.
  for (let round = -4; round < rounds; round += 1) {
    const ours = process.cpuUsage()
    for (let i = 0; i < calls; i += 1) mine()
    const between = process.cpuUsage(ours)
    const rivals = process.cpuUsage()
    for (let i = 0; i < calls; i += 1) await theirs()
    const after = process.cpuUsage(rivals)
    if (round < 0) continue
    figures.mine.push(((between.user + between.system) * 1000) / calls)
    figures.theirs.push(((after.user + after.system) * 1000) / calls)
  }
  const [ourNs, theirNs] = [median(figures.mine), median(figures.theirs)]
  const figuresShown = `${(ourNs / 1000).toFixed(1)} us : ${(theirNs / 1000).toFixed(1)} us`
  return { what, rival, figures: figuresShown, ratio: ourNs / theirNs, reach }
}

/** What @smithy/signature-v4 hashes with in Node, without its promise of a stream. */
class NodeSha256 {
  #hash
  constructor(secret) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data) {
    this.#hash.update(data)
  }
  async digest() {
    return this.#hash.digest()
  }
}
