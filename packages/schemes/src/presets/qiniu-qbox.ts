import { preset } from '../scheme.js'

/** Qiniu callbacks (QBox), SHA-1: path and query, then the body where it is a form; any other body is refused. */
export const qiniuQbox = preset({
  name: 'qiniu-qbox',
  docs: 'https://developer.qiniu.com/kodo/1201/access-token',
  evidence: 'sdk',
  algorithm: 'sha1',
  signature: { authorization: 'QBox', format: '{keyId}:{signature}', encoding: 'base64urlPadded' },
  message: {
    choose: [{ when: { contentType: 'application/x-www-form-urlencoded' }, use: '{target}\n{body}' }, { use: '{target}\n' }],
  },
  ambiguous: 'an empty form signs like no form',
})
