import { preset } from '../scheme.js'

/** Trello webhooks, SHA-1: the body, then the callback URL. */
export const trello = preset({
  name: 'trello',
  docs: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/',
  evidence: 'documented',
  algorithm: 'sha1',
  signature: { header: 'x-trello-webhook', encoding: 'base64' },
  message: '{body}{url}',
  ambiguous: 'nothing marks where the body ends',
  handshake: { method: 'HEAD' },
})
