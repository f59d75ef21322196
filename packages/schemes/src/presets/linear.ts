import { preset } from '../scheme.js'

/** Linear webhooks; the time stands in the signed body. */
export const linear = preset({
  name: 'linear',
  docs: 'https://linear.app/developers/webhooks',
  evidence: 'sdk',
  signature: { header: 'linear-signature', encoding: 'hex' },
  timestamp: { json: '/webhookTimestamp', unit: 'milliseconds', toleranceSeconds: 60 },
  message: '{body}',
})
