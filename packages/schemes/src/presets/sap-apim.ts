import { preset } from '../scheme.js'

/** SAP API Management's policy, and Gigya: base64 HMAC-SHA1 of the body under a base64 key. */
export const sapApim = preset({
  name: 'sap-apim',
  docs: 'https://help.sap.com/docs/SAP_CUSTOMER_DATA_CLOUD/8b8d6fffe113457094a17701f63e3d6a/4147cab470b21014bbc5a10ce4041860.html',
  evidence: 'documented',
  algorithm: 'sha1',
  params: { header: 'x-gigya-sig-hmac-sha1' },
  key: '{secret|fromBase64}',
  signature: { header: '{param:header}', encoding: 'base64' },
  message: '{body}',
})
