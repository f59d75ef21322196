/**
 * The parts of the code that decide about security, each with the tests that judge its mutants: those of its package and those across packages
 * that are quick and run in one process. Tests that start a program (Redis, openssl, Node itself) are left out by their name,
 * and so are those that repeat a behaviour for another version of Express or Koa.
 */
const CONTRACT = [
  'api-key',
  'client-group',
  'composition',
  'hmac-verify',
  'hmac-verify-body',
  'principal-isolation',
  'protect',
  'protect-body',
  'protect-events',
]

const OTHER_VERSIONS = '\\b(express4\\.18|express4|koa2\\.14|koa2)\\b'

export const AREAS = {
  core: {
    mutate: [
      'verdict',
      'compose',
      'body',
      'body-*',
      'compare',
      'secret',
      'secret-*',
      'secrets',
      'replay',
      'replay-*',
      'memory-replay',
      'clients/*',
    ].map((name) => `packages/core/dist/${name}.js`),
    tests: [
      'packages/core/test',
      'packages/api-key/test/authenticator.test.js',
      'packages/client-group/test',
      'packages/hmac-verify/test',
      ...contract(),
    ],
    notThese: [
      'core/test/passport-',
      'client-group/test/passport',
      'core/test/body-memory',
      'hmac-verify/test/explain',
      'hmac-verify/test/readme',
    ],
    without: [OTHER_VERSIONS],
  },
  schemes: {
    mutate: ['packages/schemes/dist/*.js'],
    tests: [
      'packages/schemes/test',
      'packages/hmac-verify/test',
      'test/vectors',
      'packages/axios-auth/test/hmac.test.js',
      ...contract('hmac-verify'),
    ],
    notThese: ['schemes/test/explain', 'schemes/test/readme', 'hmac-verify/test/readme', 'hmac-verify/test/explain'],
    without: [OTHER_VERSIONS],
  },
  'tls-pin': {
    mutate: ['packages/tls-pin/dist/*.js', 'packages/tls-pin/dist/dialects/*.js'],
    tests: ['packages/tls-pin/test', 'packages/core/test/certificate.test.js', 'packages/core/test/pins.test.js'],
    notThese: [],
    without: [],
  },
  'axios-auth': {
    mutate: [
      'carrier',
      'carrier-options',
      'journey',
      'outgoing',
      'step',
      'origins',
      'redirects',
      'payload',
      'interceptor',
      'bearer',
      'bearer-*',
      'token-*',
      'client-*',
    ].map((name) => `packages/axios-auth/dist/${name}.js`),
    tests: ['packages/axios-auth/test'],
    notThese: ['axios-auth/test/(session|ntlm|digest|readme|commonjs|pinned-agent)'],
    without: [],
  },
}

function contract(...names) {
  return (names.length > 0 ? names : CONTRACT).map((name) => `test/contract/${name}.test.js`)
}
