import { preset } from '../scheme.js'

/** WSO2 API Manager in front of an HMAC-secured backend: `Authorization: <client id>:<signature>` without auth-scheme, and Date. */
export const wso2 = preset({
  name: 'wso2',
  docs: 'https://wso2.com/library/articles/2017/10/integrating-wso2-api-manager-with-a-hmac-secured-backend/',
  evidence: 'documented',
  signature: { header: 'authorization', format: '{keyId}:{signature}', encoding: 'base64' },
  timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 300 },
  message: {
    choose: [
      {
        when: { method: 'POST' },
        use: '{method}\n{timestamp}\n{path}\n{header:content-type}\n{body?|sha256|base64}',
      },
      { use: '{method}\n{timestamp}\n{path}' },
    ],
  },
})
