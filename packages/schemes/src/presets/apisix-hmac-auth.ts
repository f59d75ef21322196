import { preset } from '../scheme.js'
import { draftCavage } from './draft-cavage.js'

/** Apache APISIX 3, hmac-auth plug-in: draft-cavage whose message begins with the key id and ends with a newline. */
export const apisixHmacAuth = preset({
  ...draftCavage,
  name: 'apisix-hmac-auth',
  docs: 'https://apisix.apache.org/docs/apisix/plugins/hmac-auth/',
  evidence: 'documented',
  params: {},
  algorithm: { 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512', 'hmac-sha1': 'sha1' },
  fields: {
    ...draftCavage.fields,
    signed: { names: ' ', sign: ['@request-target', 'date', 'digest'], mustInclude: ['@request-target', 'date', 'digest'] },
  },
  define: {
    lines: {
      each: 'headers',
      names: '{signed}',
      item: '{name}: {value|trim}\n',
      join: '',
      named: { '@request-target': '{method} {target}\n' },
    },
  },
  message: '{keyId}\n{lines}',
})
