import { preset } from '../scheme.js'

/** Twilio webhooks with a JSON body, SHA-1: the URL, whose query carries a digest of the body. */
export const twilioJson = preset({
  name: 'twilio-json',
  docs: 'https://www.twilio.com/docs/usage/security',
  evidence: 'sdk',
  algorithm: 'sha1',
  signature: { header: 'x-twilio-signature', encoding: 'base64' },
  fields: { digest: { query: 'bodySHA256', value: '{body|sha256|hex}' } },
  message: '{url}',
})
