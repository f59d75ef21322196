import { preset } from '../scheme.js'

/** Twilio webhooks with form parameters, SHA-1: the URL, then names and values sorted. A body that is no form is refused; see twilioJson. */
export const twilio = preset({
  name: 'twilio',
  docs: 'https://www.twilio.com/docs/usage/security',
  evidence: 'published',
  algorithm: 'sha1',
  signature: { header: 'x-twilio-signature', encoding: 'base64' },
  define: { form: { each: 'form', sort: 'name-value', distinct: true, item: '{name}{value}', join: '' } },
  message: '{url}{form}',
  ambiguous: 'names and values are joined with nothing between them',
})
