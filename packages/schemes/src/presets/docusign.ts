import { preset } from '../scheme.js'

/** DocuSign Connect: one numbered field per active key; any of them under any key holds. */
export const docusign = preset({
  name: 'docusign',
  docs: 'https://developers.docusign.com/platform/webhooks/connect/hmac/',
  evidence: 'documented',
  signature: { header: 'x-docusign-signature-{n}', encoding: 'base64', max: 100 },
  message: '{body}',
})
