import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docusign, hexSignature, slack, standardWebhooks, stripe, verify, wso2 } from '@countersign/schemes'
import { acme, hexOf, now, secret } from './signing.js'

/**
 * S19: what an attacker chooses is read in linear time. Not the time is asserted, which is the machine's, but how it grows: from 16 KiB
 * to 64 KiB fourfold where it is linear, sixteenfold where it is not.
 */
const SMALL = 16 * 1024
const LARGE = 64 * 1024
const MOST_GROWTH = 10
/** Below the 5 ms that 64 KiB may take; what is quicker is not asked how it grows. */
const QUICK_US = 4000

const listed = acme({
  signature: { authorization: 'Acme', members: ',', format: 'k="{keyId}",h="{signed}",s="{signature}"', encoding: 'base64' },
  fields: { signed: { names: ' ', sign: ['date'] }, digest: { header: 'digest', list: ',', oneOf: ['SHA-256={body|sha256|base64}'] } },
  message: '{method}\n{path}\n{digest}\n{lines}\n{signed}',
  define: { lines: { each: 'headers', names: '{signed}', item: '{name}: {value|squeeze}\n', join: '' } },
})
const byQuery = acme({
  signature: { header: 'x-signature' },
  message: '{method}\n{pairs}\n{body|sha256|hex}',
  define: { pairs: { each: 'query', encode: 'rfc3986', sort: 'name-value', distinct: true, item: '{name}={value}', join: '&' } },
})
const byForm = acme({ message: { each: 'form', encode: 'form', sort: 'name', item: '{name}={value}', join: '&' } })
const byJson = acme({ message: '{body|jcs}' })
const bySorted = acme({ message: '{body|sorted}' })
const piped = acme({ message: '{header:x-a|trim|squeeze|lower|remove:a|replace:b/c|before:;|unless:x}\n{body}' })

const parts = [
  ' ',
  '\t',
  ',',
  ', ',
  ';',
  '=',
  '"',
  '\\',
  '\\"',
  'a',
  'a ',
  ' a',
  'a=',
  'v1=',
  'v1,',
  't=1,',
  'k="',
  'h="a a ',
  '%',
  '%41',
  '+',
  '&',
  '&a=',
  'a&',
  '{',
  '[',
  '{"',
  '[[',
  '"a":',
  '\u00e9',
  '0',
  '9',
  '1.',
  'x-a ',
  'date ',
  ':',
  'A:',
]

const targets = [
  ['hexSignature', hexSignature, (text) => ({ headers: ['x-signature', text] })],
  ['slack', slack, (text) => ({ headers: ['x-slack-signature', text, 'x-slack-request-timestamp', text] })],
  ['stripe', stripe, (text) => ({ headers: ['stripe-signature', text] })],
  [
    'standard-webhooks',
    standardWebhooks,
    (text) => ({ headers: ['webhook-signature', text, 'webhook-id', text, 'webhook-timestamp', '1700000000'] }),
    'whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=',
  ],
  ['docusign', docusign, (text) => ({ headers: ['x-docusign-signature-1', text] })],
  ['wso2', wso2, (text) => ({ headers: ['authorization', text, 'date', text] })],
  ['members', listed, (text) => ({ headers: ['authorization', `Acme ${text}`, 'date', text] })],
  [
    'a list of names',
    listed,
    (text) => ({ headers: ['authorization', `Acme k="k",h="${text.replaceAll('"', '')}",s="${'A'.repeat(43)}="`, 'digest', text] }),
  ],
  ['pipes', piped, (text) => ({ headers: ['x-signature', hexOf(''), 'x-a', text] })],
  ['the query', byQuery, (text) => ({ headers: ['x-signature', hexOf('')], url: `/?${text.replace(/[\s#]/g, 'x')}` })],
  ['a form', byForm, (text) => ({ headers: ['x-signature', hexOf(''), 'content-type', 'application/x-www-form-urlencoded'], body: text })],
  ['JSON', byJson, (text) => ({ headers: ['x-signature', hexOf('')], body: text })],
  ['JSON in an object', byJson, (text) => ({ headers: ['x-signature', hexOf('')], body: `{"a":${text}` })],
  ['JSON to be sorted', bySorted, (text) => ({ headers: ['x-signature', hexOf('')], body: `{"a":${text}` })],
]

/** Processor time of a refusal, microseconds: a machine that is busy with something else does not count. */
function costOf(scheme, make, text, key) {
  const { headers, url = '/x', body = '' } = make(text)
  const request = { method: 'POST', url, headers, body: Buffer.from(body, 'latin1') }
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 9; round += 1) {
    const start = process.cpuUsage()
    assert.equal(verify(scheme, request, { secret: key, now }).ok, false)
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, user + system)
  }
  return best
}

/** What is wrong with how the cost grows; measured again before it is believed. */
function problem(scheme, make, part, key) {
  const text = (length) => part.repeat(Math.ceil(length / part.length)).slice(0, length)
  let told
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const small = costOf(scheme, make, text(SMALL), key)
    const large = costOf(scheme, make, text(LARGE), key)
    if (large < QUICK_US || large / small < MOST_GROWTH) return undefined
    told = `${JSON.stringify(part)}: ${small} us, then ${large} us`
  }
  return told
}

for (const [name, scheme, make, key = secret] of targets) {
  test(`S19: hostile input is read in linear time: ${name}`, () => {
    for (const part of parts) assert.equal(problem(scheme, make, part, key), undefined)
  })
}
