import { preset } from '../scheme.js'

/** Alibaba Cloud, ROA style, signature version 1.0: HMAC-SHA1, the body bound by Content-MD5, which is needed where there is one. */
export const alibabaRoaV1 = preset({
  name: 'alibaba-roa-v1',
  docs: 'https://www.alibabacloud.com/help/en/sdk/product-overview/roa-mechanism',
  evidence: 'sdk',
  algorithm: 'sha1',
  signature: { authorization: 'acs', format: '{keyId}:{signature}', encoding: 'base64' },
  timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 900 },
  nonce: { header: 'x-acs-signature-nonce' },
  fields: {
    algorithmName: { header: 'x-acs-signature-method', value: 'HMAC-SHA1' },
    md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|base64}' },
  },
  define: {
    headers: { each: 'headers', prefix: 'x-acs-', sort: 'name', item: '{name}:{value}\n', join: '' },
    pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '&', before: '?' },
  },
  message: '{method}\n{header:accept?}\n{md5?}\n{header:content-type?}\n{timestamp}\n{headers}{path}{pairs}',
  ambiguous: 'names and values of the query are joined as they are once decoded',
})
