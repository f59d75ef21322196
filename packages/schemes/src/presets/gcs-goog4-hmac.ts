import { preset } from '../scheme.js'
import { awsSigv4S3 } from './aws-sigv4-s3.js'

/** Google Cloud Storage's V4 signatures with HMAC keys: S3's form under Google's names. */
export const gcsGoog4Hmac = preset({
  ...awsSigv4S3,
  name: 'gcs-goog4-hmac',
  docs: 'https://cloud.google.com/storage/docs/authentication/signatures',
  evidence: 'documented',
  params: { region: null, service: 'storage' },
  key: { chain: ['GOOG4{secret}', '{date}', '{region}', '{service}', 'goog4_request'] },
  signature: {
    authorization: 'GOOG4-HMAC-SHA256',
    members: ', ',
    format: 'Credential={keyId}/{date}/{region}/{service}/goog4_request, SignedHeaders={signed}, Signature={signature}',
  },
  timestamp: { header: 'x-goog-date', unit: 'iso-basic', toleranceSeconds: 900 },
  fields: {
    ...awsSigv4S3.fields,
    payload: { header: 'x-goog-content-sha256', value: '{body|sha256|hex}', unbound: 'UNSIGNED-PAYLOAD' },
    signed: { names: ';', sort: true, sign: ['host', 'x-goog-*'], mustInclude: ['host', 'x-goog-*'] },
  },
  message: 'GOOG4-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/goog4_request\n{canonical|sha256|hex}',
})
