import { preset } from '../scheme.js'

/** Dropbox Sign events, in the field `json` of a multipart form: time and type of the event alone are signed, with the API key. */
export const dropboxSign = preset({
  name: 'dropbox-sign',
  docs: 'https://developers.hellosign.com/docs/events/walkthrough/',
  evidence: 'sdk',
  jsonField: 'json',
  signature: { json: '/event/event_hash', encoding: 'hex' },
  message: '{json:/event/event_time}{json:/event/event_type}',
  ambiguous: 'nothing separates time and type',
  allowUnboundBody: 'Dropbox Sign signs time and type of the event alone',
})
