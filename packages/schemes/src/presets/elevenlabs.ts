import { preset } from '../scheme.js'

/** ElevenLabs webhooks. */
export const elevenlabs = preset({
  name: 'elevenlabs',
  docs: 'https://elevenlabs.io/docs/product-guides/administration/webhooks',
  evidence: 'documented',
  signature: { header: 'elevenlabs-signature', format: 't={timestamp},v0={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 1800 },
  message: '{timestamp}.{body}',
})
