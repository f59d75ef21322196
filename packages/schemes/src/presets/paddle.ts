import { preset } from '../scheme.js'

/** Paddle webhooks; five seconds is what the SDK allows. */
export const paddle = preset({
  name: 'paddle',
  docs: 'https://developer.paddle.com/webhooks/signature-verification',
  evidence: 'sdk',
  signature: { header: 'paddle-signature', format: 'ts={timestamp};h1={signature+}', members: ';', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 5 },
  message: '{timestamp}:{body}',
})
