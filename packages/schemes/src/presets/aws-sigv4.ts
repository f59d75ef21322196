import { preset } from '../scheme.js'

/**
 * AWS Signature Version 4 in the Authorization field, for every service but S3: the path is normalized and encoded a second time.
 *
 * A path that is not normal ("//", "." or ".." segments) is signed like its normal form, and refused when it is verified: its
 * signature does not tell the two apart. The set-up names region and service; a scope of another is refused.
 */
export const awsSigv4 = preset({
  name: 'aws-sigv4',
  docs: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html',
  evidence: 'published',
  params: { region: null, service: null },
  key: { chain: ['AWS4{secret}', '{date}', '{region}', '{service}', 'aws4_request'] },
  signature: {
    authorization: 'AWS4-HMAC-SHA256',
    members: ', ',
    format: 'Credential={keyId}/{date}/{region}/{service}/aws4_request, SignedHeaders={signed}, Signature={signature}',
  },
  timestamp: { header: 'x-amz-date', unit: 'iso-basic', toleranceSeconds: 900 },
  fields: {
    date: { value: '{timestamp|first:8}' },
    region: { param: 'region' },
    service: { param: 'service' },
    signed: { names: ';', sort: true, sign: ['host', 'x-amz-*'], mustInclude: ['host', 'x-amz-*'] },
  },
  define: {
    pairs: { each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' },
    headers: { each: 'headers', names: '{signed}', repeated: ',', item: '{name}:{value|squeeze}\n', join: '' },
    canonical: '{method}\n{path|normalPath|encodePath}\n{pairs}\n{headers}\n{signed}\n{body|sha256|hex}',
  },
  message: 'AWS4-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/aws4_request\n{canonical|sha256|hex}',
})
