import { preset } from '../scheme.js'

/**
 * Signing HTTP Messages, draft-cavage-http-signatures-12, in the Authorization field, with Date. What most of its users have.
 *
 * Date (or X-Date, by the caller's own scheme), (request-target) and, with a body, Digest have to be on the list. `hs2019` leaves the
 * hash to both sides: it is the set-up's param `hs2019`.
 */
export const draftCavage = preset({
  name: 'draft-cavage',
  docs: 'https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12',
  evidence: 'sdk',
  params: { hs2019: 'sha512' },
  algorithm: { 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512', hs2019: '{param:hs2019}' },
  signature: {
    authorization: 'Signature',
    members: ',',
    format: 'keyId="{keyId}",algorithm="{algorithm?}",headers="{signed?}",signature="{signature}"',
    encoding: 'base64',
  },
  timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 300 },
  fields: {
    signed: {
      names: ' ',
      default: 'date',
      sign: ['(request-target)', 'host', 'date', 'digest'],
      mustInclude: ['(request-target)', 'date', 'digest'],
    },
    digest: { header: 'digest', list: ',', when: { body: true }, oneOf: ['SHA-256={body|sha256|base64}', 'SHA-512={body|sha512|base64}'] },
  },
  message: {
    each: 'headers',
    names: '{signed}',
    repeated: ', ',
    item: '{name}: {value|trim}',
    join: '\n',
    named: { '(request-target)': '{name}: {method|lower} {target}' },
  },
})
