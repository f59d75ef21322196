import { preset } from '../scheme.js'
import { awsSigv4 } from './aws-sigv4.js'

/**
 * AWS Signature Version 4 as S3 has it: the path counts as sent, and X-Amz-Content-Sha256 holds the body's hash.
 *
 * `UNSIGNED-PAYLOAD` holds only with `allowUnboundBody`. Bodies in signed chunks (`STREAMING-...`) are refused.
 */
export const awsSigv4S3 = preset({
  ...awsSigv4,
  name: 'aws-sigv4-s3',
  docs: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html',
  params: { region: null, service: 's3' },
  fields: {
    ...awsSigv4.fields,
    payload: { header: 'x-amz-content-sha256', value: '{body|sha256|hex}', unbound: 'UNSIGNED-PAYLOAD' },
  },
  define: { ...awsSigv4.define, canonical: '{method}\n{path}\n{pairs}\n{headers}\n{signed}\n{payload}' },
})
