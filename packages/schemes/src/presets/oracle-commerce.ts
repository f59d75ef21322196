import { preset } from '../scheme.js'

/** Oracle Commerce webhooks, SHA-512. Sites that still send SHA-1 beside it have this one under a name of its own: see the param. */
export const oracleCommerce = preset({
  name: 'oracle-commerce',
  docs: 'https://docs.oracle.com/en/cloud/saas/cx-commerce/',
  evidence: 'documented',
  algorithm: 'sha512',
  params: { header: 'x-oracle-cc-webhook-signature' },
  signature: { header: '{param:header}', encoding: 'base64' },
  message: '{body}',
})
