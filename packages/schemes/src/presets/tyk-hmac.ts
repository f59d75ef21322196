import { preset } from '../scheme.js'
import { draftCavage } from './draft-cavage.js'

/** Tyk's HMAC signatures: draft-cavage-10 with a percent-encoded signature. */
export const tykHmac = preset({
  ...draftCavage,
  name: 'tyk-hmac',
  docs: 'https://tyk.io/docs/basic-config-and-security/security/authentication-authorization/hmac-signatures/',
  evidence: 'documented',
  params: {},
  algorithm: { 'hmac-sha256': 'sha256', 'hmac-sha384': 'sha384', 'hmac-sha512': 'sha512', 'hmac-sha1': 'sha1' },
  signature: {
    authorization: 'Signature',
    members: ',',
    format: 'keyId="{keyId}",algorithm="{algorithm}",headers="{signed?}",signature="{signature}"',
    encoding: 'base64|encode',
  },
})
