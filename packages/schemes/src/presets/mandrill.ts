import { preset } from '../scheme.js'

/** Mailchimp Transactional (Mandrill) webhooks, SHA-1: the URL, then names and values sorted. */
export const mandrill = preset({
  name: 'mandrill',
  docs: 'https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/',
  evidence: 'sdk',
  algorithm: 'sha1',
  signature: { header: 'x-mandrill-signature', encoding: 'base64' },
  define: { form: { each: 'form', sort: 'name', item: '{name}{value}', join: '' } },
  message: '{url}{form}',
  ambiguous: 'names and values are joined with nothing between them',
  handshake: { method: 'HEAD' },
})
