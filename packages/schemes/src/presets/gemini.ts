import { preset } from '../scheme.js'

/** Gemini API requests, SHA-384: a base64 JSON payload in a field, which names path and time, is all that is signed. */
export const gemini = preset({
  name: 'gemini',
  docs: 'https://docs.gemini.com/rest-api/',
  evidence: 'sdk',
  algorithm: 'sha384',
  signature: { header: 'x-gemini-signature', encoding: 'hex' },
  timestamp: { from: '{payload|fromBase64|json:/nonce}', unit: 'milliseconds', toleranceSeconds: 30 },
  keyId: { header: 'x-gemini-apikey' },
  fields: {
    payload: { header: 'x-gemini-payload', write: '{claims|utf8|base64}' },
    request: { from: '{payload|fromBase64|json:/request}', value: '{path}' },
  },
  define: { claims: '{{"request":{path|quote},"nonce":"{timestamp}"}}' },
  message: '{payload}',
  allowUnboundBody: 'Gemini reads the payload of the field and no body',
})
