import { preset } from '../scheme.js'

/** Zoom webhooks. */
export const zoom = preset({
  name: 'zoom',
  docs: 'https://developers.zoom.us/docs/api/webhooks/',
  evidence: 'sdk',
  signature: { header: 'x-zm-signature', format: 'v0={signature}', encoding: 'hex' },
  timestamp: { header: 'x-zm-request-timestamp', unit: 'seconds', toleranceSeconds: 300 },
  message: 'v0:{timestamp}:{body}',
  handshake: {
    method: 'POST',
    signed: true,
    when: { 'json:/event': 'endpoint.url_validation' },
    challenge: 'json:/payload/plainToken',
    answer: { json: { plainToken: '{challenge}', encryptedToken: '{challenge|hmac|hex}' } },
  },
})
