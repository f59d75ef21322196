import { preset } from '../scheme.js'

/** Cloudflare Stream webhooks. */
export const cloudflareStream = preset({
  name: 'cloudflare-stream',
  docs: 'https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/',
  evidence: 'documented',
  signature: { header: 'webhook-signature', format: 'time={timestamp},sig1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  message: '{timestamp}.{body}',
})
