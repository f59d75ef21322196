import { preset } from '../scheme.js'

/**
 * Dropbox Sign events: time and type of the event alone are signed, with the API key.
 *
 * Deliveries are multipart forms, which are not read here: take the `json` field out, and hand it to `verify` as the body.
 */
export const dropboxSign = preset({
  name: 'dropbox-sign',
  docs: 'https://developers.hellosign.com/docs/events/walkthrough/',
  evidence: 'sdk',
  signature: { json: '/event/event_hash', encoding: 'hex' },
  message: '{json:/event/event_time}{json:/event/event_type}',
  ambiguous: 'nothing separates time and type',
  allowUnboundBody: 'Dropbox Sign signs time and type of the event alone',
})
