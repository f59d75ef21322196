import { preset } from '../scheme.js'

/** PandaDoc webhooks; the signature stands in the query. */
export const pandadoc = preset({
  name: 'pandadoc',
  docs: 'https://developers.pandadoc.com/docs/webhook-verification',
  evidence: 'documented',
  signature: { query: 'signature', encoding: 'hex' },
  message: '{body}',
})
