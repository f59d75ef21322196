import { preset } from '../scheme.js'

/** Standard Webhooks. Entries of other versions (v1a) are ignored; the prefix of the names is a param. */
export const standardWebhooks = preset({
  name: 'standard-webhooks',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  evidence: 'published',
  params: { prefix: 'webhook' },
  key: '{secret|unprefix:whsec_|fromBase64}',
  signature: { header: '{param:prefix}-signature', format: 'v1,{signature}', list: ' ', encoding: 'base64' },
  timestamp: { header: '{param:prefix}-timestamp', unit: 'seconds', toleranceSeconds: 300 },
  nonce: { header: '{param:prefix}-id' },
  message: '{nonce}.{timestamp}.{body}',
})

/** Svix: Standard Webhooks under Svix's names. */
export const svix = preset({
  ...standardWebhooks,
  name: 'svix',
  docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  params: { prefix: 'svix' },
})
