/**
 * The parts of the code that decide about security, each with the tests that judge its mutants: those of its package and those across packages
 * that are quick and run in one process. Tests that start a program (Redis, openssl, Node itself) are left out by their name,
 * and so are those that repeat a behaviour for another version of Express or Koa.
 */

const OTHER_VERSIONS = '\\b(express4\\.18|express4|koa2\\.14|koa2)\\b'

/** Tests of core that take long because of what they count: others state the same behaviour for few. */
const BIG_NUMBERS = [
  '00 claims',
  ' of 100000 ',
  'among 9000',
  '5 MiB',
  'ten thousand digests',
  'of many that find a lock',
  'after 40 turns',
  'a long list is cut',
  'killed at any moment',
  'S19: 1 MiB',
  '500 interleaved',
  'four processes',
]

const AUTHENTICATORS = ['packages/api-key/test/authenticator.test.js', 'packages/client-group/test', 'packages/hmac-verify/test']
/** Other parts of core, and what starts programs. */
const NOT_OF_CORE = [
  'core/test/(passport-|body-memory|base|certificate|pins|deadline|memory-token-store)',
  'client-group/test/passport',
  'hmac-verify/test/(explain|readme|loading)',
]

export const AREAS = {
  core: {
    mutate: inCore(
      'verdict',
      'compare',
      'decide/own-verdict',
      'decide/compose',
      'body/body',
      'body/decode',
      'body/stream',
      ...['secret', 'entries', 'files', 'material', 'source', 'secrets'].map((name) => `secret/${name}`),
      'replay/*',
    ),
    tests: ['packages/core/test', ...AUTHENTICATORS, ...contract('composition', 'protect', 'protect-body')],
    notThese: [...NOT_OF_CORE, 'core/test/clients-'],
    without: [OTHER_VERSIONS, ...BIG_NUMBERS],
  },
  clients: {
    mutate: inCore('clients/*'),
    tests: ['packages/core/test', ...AUTHENTICATORS, ...contract('composition', 'client-registry')],
    notThese: [...NOT_OF_CORE, 'core/test/(body|guard|memory-replay|secret-files)'],
    without: [OTHER_VERSIONS, ...BIG_NUMBERS, ' over (ioredis|node-redis|redis)'],
  },
  schemes: {
    mutate: [
      'packages/schemes/dist/*.js',
      ...[
        'text',
        'hash',
        'definition',
        'time',
        'request',
        'pipe',
        'template',
        'home',
        'judge',
        'list',
        'key',
        'compile',
        'verify',
        'sign',
      ].map((folder) => `packages/schemes/dist/${folder}/*.js`),
      'packages/schemes/dist/set-up/*.js',
    ],
    tests: [
      'packages/schemes/test',
      'packages/hmac-verify/test',
      'test/vectors',
      'packages/axios-auth/test/hmac.test.js',
      ...contract('hmac-verify'),
    ],
    notThese: [
      'schemes/test/one-message',
      'schemes/test/explain',
      'schemes/test/readme',
      'hmac-verify/test/readme',
      'hmac-verify/test/explain',
    ],
    without: [OTHER_VERSIONS, 'S07: whatever a definition holds'],
  },
  'tls-pin': {
    mutate: [
      ...['addresses', 'authenticator', 'conditions', 'dn', 'encodings', 'errors', 'options', 'remembered', 'source', 'times'],
      ...['trusted-proxies', 'dialects/*'],
    ].map((name) => `packages/tls-pin/dist/${name}.js`),
    tests: ['packages/tls-pin/test'],
    notThese: [],
    without: ['nothing takes long', 'a name that openssl wrote', 'a SHA-1 pin or condition is warned of', 'chain.test.js > (?!dates of)'],
  },
  'tls-chain': {
    mutate: ['packages/tls-pin/dist/chain.js'],
    tests: ['packages/tls-pin/test/chain.test.js', 'packages/tls-pin/test/dialects.test.js'],
    notThese: [],
    without: [],
  },
  'axios-carrier': {
    mutate: ['carrier', 'carrier-options', 'journey', 'outgoing', 'step', 'origins', 'redirects', 'payload', 'interceptor', 'send'].map(
      (name) => `packages/axios-auth/dist/carrier/${name}.js`,
    ),
    tests: [
      ...['api-key', 'basic', 'bearer-options', 'bearer-stacked', 'carrier', 'hmac', 'origins', 'outgoing', 'pollution'],
      ...['redirects', 'wire'],
    ].map((name) => `packages/axios-auth/test/${name}.test.js`),
    notThese: [],
    without: ['fetch: what is on Object.prototype', 'that stops half way', 'lines of name=value', 'private keys that are none'],
  },
  'axios-bearer': {
    mutate: ['bearer', 'token/*'].map((name) => `packages/axios-auth/dist/${name}.js`),
    tests: ['packages/axios-auth/test'],
    notThese: ['axios-auth/test/(?!bearer|token-answer|token-slot)'],
    // The first two take long by the number of their requests; token-slot.test.js states the same limits without a network.
    without: [
      'bearer-tokens.test.js > .*(of more than 1000 sets|a renewal that fails leaves)',
      '1000 cold calls',
      'mutual TLS',
      'neither secret nor token shows',
      'four processes',
      'their 401s 30 ms apart',
    ],
  },
}

function contract(...names) {
  return names.map((name) => `test/contract/${name}.test.js`)
}

function inCore(...names) {
  return names.map((name) => `packages/core/dist/${name}.js`)
}
