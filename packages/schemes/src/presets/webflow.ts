import { preset } from '../scheme.js'

/** Webflow webhooks. */
export const webflow = preset({
  name: 'webflow',
  docs: 'https://developers.webflow.com/data/docs/working-with-webhooks',
  evidence: 'documented',
  signature: { header: 'x-webflow-signature', encoding: 'hex' },
  timestamp: { header: 'x-webflow-timestamp', unit: 'milliseconds', toleranceSeconds: 300 },
  message: '{timestamp}:{body}',
})
