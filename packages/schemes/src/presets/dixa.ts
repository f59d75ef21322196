import { preset } from '../scheme.js'

/** Dixa webhooks: milliseconds, and a hex key. */
export const dixa = preset({
  name: 'dixa',
  docs: 'https://docs.dixa.io/docs/',
  evidence: 'documented',
  key: '{secret|fromHex}',
  signature: { header: 'x-dixa-signature', format: 't={timestamp},v1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'milliseconds', toleranceSeconds: 300 },
  message: '{timestamp}.{body}',
})
