import { preset } from '../scheme.js'
import { draftCavage } from './draft-cavage.js'

/** Kong's hmac-auth plug-in: draft-cavage with another auth-scheme, and the request line of HTTP/1.1 as it stands. */
export const kongHmacAuth = preset({
  ...draftCavage,
  name: 'kong-hmac-auth',
  docs: 'https://developer.konghq.com/plugins/hmac-auth/',
  evidence: 'published',
  params: {},
  algorithm: { 'hmac-sha256': 'sha256', 'hmac-sha384': 'sha384', 'hmac-sha512': 'sha512', 'hmac-sha1': 'sha1' },
  signature: {
    authorization: 'hmac',
    members: ', ',
    format: 'username="{keyId}", algorithm="{algorithm}", headers="{signed}", signature="{signature}"',
    encoding: 'base64',
  },
  fields: {
    ...draftCavage.fields,
    signed: { names: ' ', sign: ['date', 'request-line', 'digest'], mustInclude: ['date', 'request-line', 'digest'] },
  },
  message: {
    each: 'headers',
    names: '{signed}',
    item: '{name}: {value|trim}',
    join: '\n',
    named: { 'request-line': '{method} {target} HTTP/1.1' },
  },
})
