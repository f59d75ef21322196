import { preset } from '../scheme.js'

/** Segment webhook destinations, SHA-1. */
export const segment = preset({
  name: 'segment',
  docs: 'https://segment.com/docs/connections/destinations/catalog/webhooks/',
  evidence: 'documented',
  algorithm: 'sha1',
  signature: { header: 'x-signature', encoding: 'hex' },
  message: '{body}',
})
