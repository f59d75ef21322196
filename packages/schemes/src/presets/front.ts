import { preset } from '../scheme.js'

/** Front application webhooks and connectors; without body the word `undefined` is signed. */
export const front = preset({
  name: 'front',
  docs: 'https://dev.frontapp.com/docs/application-webhooks',
  evidence: 'documented',
  signature: { header: 'x-front-signature', encoding: 'base64' },
  timestamp: { header: 'x-front-request-timestamp', unit: 'milliseconds', toleranceSeconds: 300 },
  message: { choose: [{ when: { method: ['GET', 'DELETE'] }, use: '{timestamp}:undefined' }, { use: '{timestamp}:{body}' }] },
  ambiguous: 'a POST with the body undefined signs like a GET',
  handshake: { method: 'POST', signed: true, challenge: 'header:x-front-challenge', answer: 'text' },
})
