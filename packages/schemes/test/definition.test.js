import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github, scheme, sign, slack, stripe, wso2 } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, request, secret, signed, verdict } from './signing.js'

const seconds = { header: 't', unit: 'seconds' }

/** Definitions with one mistake each, and the whole message about it. */
const single = [
  [
    { timestamp: seconds, message: '{timestamp}.{body|sha265|hex}' },
    'message: column 14: unknown pipe "sha265" in "{timestamp}.{body|sha265|hex}"; did you mean "sha256"?',
  ],
  [{ message: '{bodi}' }, 'message: column 2: unknown part {bodi}; did you mean {body}? in "{bodi}"'],
  [
    { message: '{body' },
    'message: column 1: "{" is never closed in "{body"; write "{{" for a literal brace, "\\{" and "\\}" in the argument of a pipe',
  ],
  [{ message: 'a}{body}' }, 'message: column 2: "}" without "{" in "a}{body}"; write "}}" for a literal brace'],
  [
    { message: '{}{body}' },
    /^message: column 2: \{\} names no part in "\{\}\{body\}"; a part is a name, such as \{body\} or \{header:date\}$/,
  ],
  [{ message: '{body|}' }, 'message: column 2: "" names no pipe in "{body|}"'],
  [{ message: '{body|base64|base64}' }, /^message: column 2: pipe "base64" in ".*" takes octets; an encoder never encodes text/],
  [{ message: '{header:x y}\n{body}' }, /^message: column 2: \{header:x y\} names no field/],
  [{ message: '{header}\n{body}' }, /^message: column 2: \{header\} needs a name, such as \{header:date\}/],
  [{ message: '{body:x}' }, /^message: column 2: \{body\} takes no argument/],
  [{ message: '{json:id}\n{body}' }, /^message: column 2: \{json:id\} is no JSON pointer; it begins with "\/"/],
  [{ message: '{signature}{body}' }, /^message: column 2: the message cannot hold \{signature\}: it is what is being made/],
  [{ message: '{param:x}{body}' }, /^message: column 2: \{param:x\} is not declared; add it to "params"/],
  [{ message: '{body+}' }, /^message: column 2: "\+" in \{body\+\} stands only behind \{signature\} in a format/],
  [{ message: 5 }, 'message: must be a template, { choose: [...] } or { each: ... }'],
  [{ message: () => 'x' }, 'message: must be a template, { choose: [...] } or { each: ... }'],
  [{ mesage: '{body}' }, 'mesage: unknown name; did you mean "message"?'],
  [{ name: 'My Vendor' }, 'name: must be lower-case words with hyphens, such as my-vendor'],
  [{ algorithm: 'sha265' }, 'algorithm: unknown word "sha265"; did you mean "sha256"?'],
  [{ algorithm: {} }, 'algorithm: is empty; name at least one hash'],
  [{ signature: { header: 'x', encodin: 'hex' } }, 'signature.encodin: unknown name; did you mean "encoding"?'],
  [{ signature: { header: 'x', encoding: 'hexx' } }, /^signature\.encoding: unknown pipe "hexx" in "hexx"; did you mean "hex"\?/],
  [{ signature: { header: 'x', encoding: 'sha256' } }, /^signature\.encoding: "sha256" writes no text; end with hex or base64/],
  [{ signature: { header: 'x', encoding: 'hex|first:8' } }, /^signature\.encoding: keeps too little of the MAC to prove anything/],
  [{ signature: { header: 'x', encoding: 'hex|before:a' } }, /^signature\.encoding: keeps too little of the MAC to prove anything/],
  [{ signature: { header: [] } }, /^signature\.header: must be a text that is not empty, or a list of them/],
  [{ signature: { header: 'x', query: 'y' } }, 'signature: header and query: it has one place'],
  [{ signature: { header: 'x', max: 0 } }, 'signature.max: must be a whole number from 1 to 1000'],
  [
    { timestamp: { header: 't', unit: 'second' }, message: '{timestamp}.{body}' },
    /^timestamp\.unit: unknown word "second"; did you mean "seconds"\?/,
  ],
  [
    { timestamp: { header: 't', unit: 'seconds', toleranceSeconds: 0 }, message: '{timestamp}.{body}' },
    /^timestamp\.toleranceSeconds: must be a whole number from 1/,
  ],
  [{ timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}' }, 'timestamp: has no home, and no format captures {timestamp}'],
  [
    { signature: { header: 'x', format: '{key}:{signature}' } },
    'signature.format: captures {key}, which is no role and no field; declare it in "fields"',
  ],
  [{ key: '{secrt}' }, /^key: column 2: unknown part \{secrt\}; did you mean \{secret\}\?/m],
  [{ key: 'constant' }, 'key: does not hold {secret}: the key must come from it, by its own slot: {secret|prepend:text|sha256}'],
  [{ params: { 'a-b': 'x' } }, 'params.a-b: a name is letters and digits'],
  [{ params: { a: 5 } }, 'params.a: must be a text; got number'],
  [{ scope: { json: 'items/*', hold: 'all' } }, /^scope\.json: "items\/\*" is no JSON pointer with at most one "\*"; it begins with "\/"/],
  [
    { message: { choose: [{ when: { method: 'POST' }, use: '{method}\n{body}' }] } },
    /^message\.choose: must be a list of at least two branches/m,
  ],
  [
    { message: { choose: [{ when: { method: 'post' }, use: '{method}\n{body}' }, { use: '{method}\n' }] } },
    /^message\.choose\[0\]\.when\.method: "post" must be a method in capitals, such as POST/,
  ],
  [
    { message: { choose: [{ when: {}, use: 'a{body}' }, { use: 'b{body}' }] } },
    'message.choose[0].when: is empty, and so always holds; say what it asks for',
  ],
  [
    { message: { choose: [{ when: { contentType: 'Text/Plain; charset=x' }, use: 'a{body}' }, { use: 'b{body}' }] } },
    /^message\.choose\[0\]\.when\.contentType: "Text\/Plain; charset=x" must be a media type in lower case, without parameters/,
  ],
  [{ message: { choose: [{ use: 'a{body}' }, { use: 'b{body}' }] } }, 'message.choose[0]: only the last branch has no "when"'],
  [{ fields: { timestamp: { header: 't' } } }, /^fields\.timestamp: \{timestamp\} is a role/],
  [{ fields: { body: { header: 'b' } } }, /^fields\.body: \{body\} is a part of the request already; give the field another name/],
  [{ define: { signature: 'x' } }, /^define\.signature: \{signature\} is a role/],
  [{ define: { a: '{b}', b: '{a}' }, message: '{a}{body}' }, /^(?:define\.\w|message): .*\{[ab]\} is defined by itself/m],
]

test('a mistake in a definition is a TypeError that says where it is and what to write', () => {
  for (const [definition, expected] of single) {
    const problems = mistakes(definition)
    if (typeof expected === 'string') assert.deepEqual(problems, [expected])
    else assert.match(problems.join('\n'), expected)
  }
})

test('the same from parsed JSON', () => {
  for (const [definition, expected] of single) {
    if (typeof definition.message === 'function') continue
    const parsed = JSON.parse(JSON.stringify(definition))
    if (typeof expected === 'string') assert.deepEqual(mistakes(parsed), [expected])
    else assert.match(mistakes(parsed).join('\n'), expected)
  }
})

test('all mistakes are told at once, those of shape and those of templates', () => {
  const problems = mistakes({
    docs: '',
    signature: { header: 'x y', format: '{sig}', encodng: 'hex' },
    nonce: {},
    key: '{secrt}',
    params: { a: 5 },
    message: '{bodi}|{header:x|sha1}',
  }).join('\n')
  for (const place of ['docs', 'signature.encodng', 'signature.header', 'nonce', 'key', 'params.a', 'message', 'signature.format']) {
    assert.match(problems, new RegExp(`^${place.replaceAll('.', '\\.')}: `, 'm'), `${place} in:\n${problems}`)
  }
  assert.match(problems, /did you mean \{body\}\?/)
})

test('a definition that is no plain data is a TypeError', () => {
  const loop = { name: 'acme' }
  loop.signature = loop
  class Home {
    header = 'x'
  }
  for (const none of [undefined, null, 5, 'slack', [], () => 1, new Map(), loop]) {
    assert.throws(
      () => scheme(none),
      (error) => error instanceof TypeError && /^ERR_INVALID_ARG_/.test(error.code),
      String(typeof none),
    )
  }
  const home = { name: 'acme', signature: new Home(), message: '{body}' }
  assert.throws(() => scheme(home), { message: 'scheme: option "definition.signature" must be plain data, as JSON has it; got object' })
})

test('a scheme is a frozen copy, equal to its own JSON round trip', () => {
  const source = { name: 'acme', docs: undefined, signature: { header: 'x' }, message: '{body}' }
  const made = scheme(source)
  source.signature.header = 'y'
  assert.equal(made.signature.header, 'x')
  assert.ok(Object.isFrozen(made) && Object.isFrozen(made.signature))
  assert.deepEqual(JSON.parse(JSON.stringify(made)), made)
  assert.deepEqual(scheme(JSON.parse(JSON.stringify(made))), made)
  for (const one of [github, slack, stripe, wso2]) assert.deepEqual(scheme(JSON.parse(JSON.stringify(one))), one)
})

test('S08, S09: names that every object has are names like others', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const parsed = JSON.parse(`{"name":"acme","${name}":1,"signature":{"header":"x"},"message":"{body}"}`)
    assert.throws(() => scheme(parsed), new RegExp(`${name}: unknown name`))
    const inHome = JSON.parse(`{"name":"acme","signature":{"header":"x","${name}":1},"message":"{body}"}`)
    assert.throws(() => scheme(inHome), new RegExp(`signature\\.${name}: unknown name`))
    assert.match(mistakes({ message: `{${name.replaceAll('_', '')}}{body}` }).join('\n'), /unknown part/)
    assert.match(mistakes({ message: `{body|${name.replaceAll('_', '')}}` }).join('\n'), /unknown pipe/)
  }
  const one = acme({ signature: { header: '__proto__' }, message: '{header:constructor?}\n{body}' })
  const sent = signed(one)
  assert.equal(Object.hasOwn(sent.headers, '__proto__') || Object.keys(sent.headers).length === 0, true)
  const raw = ['__proto__', hexOf('x\n{"n":1}'), 'constructor', 'x']
  assert.equal(verdict(one, { ...request(), headers: raw }), true)
  assert.equal(verdict(one, { ...request(), headers: raw.slice(2) }), 'ERR_HMAC_MISSING')
  assert.equal(
    verdict(one, { ...request(), headers: raw.slice(0, 2) }),
    'ERR_HMAC_MISMATCH',
    'an absent field is not Object.prototype.constructor',
  )
})

test('what somebody puts on Object.prototype is no part of a definition', () => {
  const names = ['ambiguous', 'allowUnboundBody', 'insecure', 'construction', 'timestamp', 'nonce', 'scope', 'algorithm', 'when']
  const options = ['toleranceSeconds', 'mustInclude', 'allowInsecureScheme', 'allowWeakSecret', 'allowEmptyBody', 'secret', 'auth']
  for (const name of [...names, ...options]) Object.prototype[name] = name === 'algorithm' ? 'md5' : 'x'
  let problems
  let sent
  try {
    problems = [mistakes({ message: '{method}' }), mistakes({})]
    sent = signed(acme({}))
  } finally {
    for (const name of [...names, ...options]) delete Object.prototype[name]
  }
  assert.match(problems[0].join(), /does not sign the body/)
  assert.deepEqual(problems[1], [])
  assert.equal(sent.headers['x-signature'], hexOf('{"n":1}'))
})

test('S07: whatever a definition holds, scheme() throws a TypeError or makes a scheme', () => {
  const bases = [github, slack, stripe, wso2].map((one) => JSON.stringify(one))
  const paths = (value, at = []) =>
    typeof value === 'object' && value !== null
      ? [at, ...Object.entries(value).flatMap(([name, member]) => paths(member, [...at, name]))]
      : [at]
  const texts = [
    '',
    '{',
    '}',
    '{body}',
    '{body|hex}',
    '{timestamp}',
    '{signature}',
    '{a:b|c:d}',
    '{{',
    '{{}}',
    '\n',
    '/a/*/b',
    ',',
    'POST',
    '{header:}',
    '{json:/a~2}',
    '{body|first:99999}',
    '{secret}',
    '{param:x}',
    '{n}',
    '{keyId?}{keyId?}',
    'sha256',
  ]
  const values = fc.oneof(
    fc.constantFrom(...texts),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ maxLength: 12 }),
    fc.constantFrom(null, 0, -1, [], {}, true),
  )
  const names = fc.constantFrom(
    'message',
    'fields',
    'define',
    'key',
    'list',
    'members',
    'format',
    'header',
    'json',
    'query',
    'choose',
    'each',
    'names',
    'scope',
    'unit',
    'when',
    'x',
    'algorithm',
    'nonce',
    'keyId',
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...bases),
      fc.array(fc.tuple(fc.nat(), names, values, fc.boolean()), { minLength: 1, maxLength: 3 }),
      (base, edits) => {
        const definition = JSON.parse(base)
        for (const [at, name, value, isNew] of edits) {
          const all = paths(definition).filter((path) => path.length > 0)
          const path = all[at % all.length]
          const holder = path.slice(0, -1).reduce((node, token) => node[token], definition)
          const target = isNew && typeof holder[path.at(-1)] === 'object' && holder[path.at(-1)] !== null ? holder[path.at(-1)] : holder
          target[isNew ? name : path.at(-1)] = structuredClone(value)
        }
        let made
        try {
          made = scheme(definition)
        } catch (error) {
          assert.ok(error instanceof TypeError && /^ERR_INVALID_ARG_/.test(error.code), `${error.stack}\n${JSON.stringify(definition)}`)
          assert.match(error.message, /^scheme/)
          return
        }
        try {
          sign(made, request(), { secret, allowInsecureScheme: true, allowWeakSecret: true })
        } catch (error) {
          assert.ok(error instanceof TypeError && /^ERR_INVALID_ARG_/.test(error.code), `${error.stack}\n${JSON.stringify(definition)}`)
        }
      },
    ),
    { seed: 4, numRuns: 4000 },
  )
})

test('braces, backslashes and pipes in templates', () => {
  const messageOf = (message, headers = {}) => signed(acme({ message }), { headers, body: 'B' }).message.toString()
  assert.equal(messageOf('{{{body}}}'), '{B}')
  assert.equal(messageOf('a\\n{body}'), 'a\\nB', 'a literal is as it stands')
  assert.equal(messageOf('{header:x|replace:a/\\|}\n{body}', { x: 'a' }), '|\nB')
  assert.equal(messageOf('{header:x|replace:a/\\}}\n{body}', { x: 'a' }), '}\nB')
  assert.equal(messageOf('{header:x?}\n{body}'), '\nB')
  assert.equal(messageOf('{header:x|default:none}\n{body}'), 'none\nB')
  assert.throws(() => messageOf('{header:x}\n{body}'), /the request cannot be signed: \{header:x\} is not in the request/)
})
