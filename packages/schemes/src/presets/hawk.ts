import { preset } from '../scheme.js'

/**
 * Hawk: method, target, host and port, time, nonce, and the payload's hash, which a request with a body must carry.
 *
 * `ext`, `app` and, beside an `app`, `dlg` are signed as they come; a param that is not empty asks for exactly that value. A request whose MAC holds and
 * whose time does not is told our clock, signed with its own key, as Hawk's clients expect.
 */
export const hawk = preset({
  name: 'hawk',
  docs: 'https://github.com/mozilla/hawk/blob/main/API.md',
  evidence: 'published',
  params: { ext: '', app: '' },
  signature: {
    authorization: 'Hawk',
    members: ', ',
    format: 'id="{keyId}", ts="{timestamp}", nonce="{nonce}", hash="{hash?}", ext="{ext?}", mac="{signature}", app="{app?}", dlg="{dlg?}"',
    encoding: 'base64',
  },
  timestamp: {
    unit: 'seconds',
    toleranceSeconds: 60,
    hint: {
      header: 'www-authenticate',
      text: 'hawk.1.ts\n{now}\n',
      value: 'Hawk ts="{now}", tsm="{text|hmac|base64}", error="Stale timestamp"',
    },
  },
  nonce: { random: 8 },
  fields: {
    hash: { when: { body: true }, value: '{payload|sha256|base64}' },
    ext: { param: 'ext' },
    app: { param: 'app' },
    dlg: {},
  },
  define: {
    payload: 'hawk.1.payload\n{header:content-type?|before:;|trim|lower}\n{body}\n',
    application: { choose: [{ when: { carries: 'app' }, use: '{app}\n{dlg?}\n' }, { use: '' }] },
  },
  message: 'hawk.1.header\n{timestamp}\n{nonce}\n{method|upper}\n{target}\n{hostname|lower}\n{port}\n{hash?}\n{ext?}\n{application}',
})
