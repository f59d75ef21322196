import { preset } from '../scheme.js'

/** Azure App Configuration: date, host and body hash, always these three; the secret is base64. */
export const azureAppConfiguration = preset({
  name: 'azure-app-configuration',
  docs: 'https://learn.microsoft.com/en-us/azure/azure-app-configuration/rest-api-authentication-hmac',
  evidence: 'sdk',
  key: '{secret|fromBase64}',
  signature: {
    authorization: 'HMAC-SHA256',
    members: '&',
    format: 'Credential={keyId}&SignedHeaders={signed}&Signature={signature}',
    encoding: 'base64',
  },
  timestamp: { header: 'x-ms-date', unit: 'http-date', toleranceSeconds: 900 },
  fields: {
    signed: { names: ';', exactly: ['x-ms-date', 'host', 'x-ms-content-sha256'] },
    digest: { header: 'x-ms-content-sha256', value: '{body|sha256|base64}' },
  },
  define: { values: { each: 'headers', names: '{signed}', item: '{value}', join: ';' } },
  message: '{method}\n{target}\n{values}',
})
