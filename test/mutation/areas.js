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
  'protect',
  'protect-body',
  'protect-events',
]

const OTHER_VERSIONS = '\\b(express4\\.18|express4|koa2\\.14|koa2)\\b'

/** Tests of core that take long because of what they count: others state the same behaviour for few. */
const BIG_NUMBERS = [
  '00 claims',
  ' of 100000 ',
  'among 9000',
  'claims that come and go',
  '5 MiB',
  'after 40 turns',
  'a long list is cut',
  'killed at any moment',
  'S19: 1 MiB',
  '500 interleaved',
  'ten thousand digests',
  'four processes',
  'of many that find a lock',
  'slow (in|with|empty)',
]

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
      'core/test/(passport-|body-memory|base|certificate|pins|deadline|memory-token-store)',
      'client-group/test/passport',
      'hmac-verify/test/(explain|readme)',
    ],
    without: [OTHER_VERSIONS, ...BIG_NUMBERS],
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
