import { preset } from '../scheme.js'

/** Oracle Commerce webhooks, SHA-512. */
export const oracleCommerce = preset({
  name: 'oracle-commerce',
  docs: 'https://docs.oracle.com/en/cloud/saas/cx-commerce/',
  evidence: 'documented',
  algorithm: 'sha512',
  signature: { header: 'x-oracle-cc-webhook-signature', encoding: 'base64' },
  message: '{body}',
})
