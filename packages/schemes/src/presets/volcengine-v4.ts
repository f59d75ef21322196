import { preset } from '../scheme.js'
import { awsSigv4 } from './aws-sigv4.js'

/** Volcengine: the form of AWS Signature Version 4 with a bare secret, `request` and X-Date. */
export const volcengineV4 = preset({
  ...awsSigv4,
  name: 'volcengine-v4',
  docs: 'https://www.volcengine.com/docs/6369/67269',
  evidence: 'sdk',
  key: { chain: ['{secret}', '{date}', '{region}', '{service}', 'request'] },
  signature: {
    authorization: 'HMAC-SHA256',
    members: ', ',
    format: 'Credential={keyId}/{date}/{region}/{service}/request, SignedHeaders={signed}, Signature={signature}',
  },
  timestamp: { header: 'x-date', unit: 'iso-basic', toleranceSeconds: 900 },
  fields: {
    ...awsSigv4.fields,
    payload: { header: 'x-content-sha256', value: '{body|sha256|hex}' },
    signed: { names: ';', sort: true, sign: ['host', 'x-content-sha256', 'x-date'], mustInclude: ['host', 'x-date', 'x-content-sha256'] },
  },
  define: { ...awsSigv4.define, canonical: '{method}\n{path}\n{pairs}\n{headers}\n{signed}\n{payload}' },
  message: 'HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/request\n{canonical|sha256|hex}',
})
