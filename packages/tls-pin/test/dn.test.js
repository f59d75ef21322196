import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCertificate } from '@countersign/core'
import fc from 'fast-check'
import { without } from '../../../test/support/components.js'
import { createAuthority, openssl, pki } from '../../../test/support/pki.js'
import { parseName, sameName } from '../dist/dn.js'
import { once } from './support/once.js'
import { shortest } from './support/timing.js'

const CN = '2.5.4.3'
const O = '2.5.4.10'
const OU = '2.5.4.11'
const C = '2.5.4.6'

const values = (text) => parseName(text)?.name.map((rdn) => rdn.map(({ type, value }) => [type, value]))

test('parseName: what is no distinguished name is none', () => {
  const bad = [
    '',
    ' ',
    'CN',
    '=x',
    'CN=a,',
    'CN=a,,O=b',
    'CN=a+',
    ',CN=a',
    'CN=a\\',
    'CN=a\\z',
    'CN=a"b',
    'CN="a',
    'CN="a"b',
    'CN="a";O=b',
    'CN="a"xO=b',
    'CN="\\z"',
    'CN=a>b',
    'CN=#g04',
    'CN=#04g',
    'CN=\\4g',
    'CN=\\g4',
    'CN=\\4@',
    '/1=a',
    'x1.2=a',
    '1.2x=a',
    'CN=a;O=b',
    'CN=a<b',
    'CN=#0',
    'CN=#0g',
    'C N=a',
    'CN=\\C3',
    'CN=\\FF\\FE',
    '/',
    '/CN',
    'x/CN=a',
    '/ CN=a',
    '1.=a',
    `${'A'.repeat(300)}=a`,
  ]
  for (const text of bad) assert.equal(parseName(text), undefined, JSON.stringify(text))
})

test('parseName: the attribute types by their names (RFC 4519, X.520, PKCS #9), and as object identifiers', () => {
  const types = {
    '2.5.4.3': 'CN commonName',
    '2.5.4.4': 'SN surname',
    '2.5.4.5': 'serialNumber',
    '2.5.4.6': 'C countryName',
    '2.5.4.7': 'L localityName',
    '2.5.4.8': 'ST S stateOrProvinceName',
    '2.5.4.9': 'street streetAddress',
    '2.5.4.10': 'O organizationName',
    '2.5.4.11': 'OU organizationalUnitName',
    '2.5.4.12': 'title',
    '2.5.4.15': 'businessCategory',
    '2.5.4.17': 'postalCode',
    '2.5.4.42': 'GN givenName',
    '2.5.4.43': 'initials',
    '2.5.4.46': 'dnQualifier',
    '2.5.4.97': 'organizationIdentifier',
    '0.9.2342.19200300.100.1.1': 'UID userId',
    '0.9.2342.19200300.100.1.25': 'DC domainComponent',
    '1.2.840.113549.1.9.1': 'E emailAddress',
  }
  for (const [oid, names] of Object.entries(types)) {
    for (const name of [...names.split(' '), oid, `OID.${oid}`]) {
      for (const spelling of [name, name.toUpperCase(), name.toLowerCase()]) {
        assert.deepEqual(values(`${spelling}=x,O=y`)?.[1], [[oid, 'x']], spelling)
        if (!name.startsWith('OID.')) assert.deepEqual(values(`/O=y/${spelling}=x`)?.[1], [[oid, 'x']], spelling)
      }
    }
  }
})

test('parseName: RFC 4514 section 4, its examples', () => {
  assert.deepEqual(values('UID=jsmith,DC=example,DC=net'), [
    [['0.9.2342.19200300.100.1.25', 'net']],
    [['0.9.2342.19200300.100.1.25', 'example']],
    [['0.9.2342.19200300.100.1.1', 'jsmith']],
  ])
  assert.deepEqual(values('OU=Sales+CN=J.  Smith,DC=example,DC=net').at(-1), [
    [OU, 'Sales'],
    [CN, 'J.  Smith'],
  ])
  assert.deepEqual(values('CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net').at(-1), [[CN, 'James "Jim" Smith, III']])
  assert.deepEqual(values('CN=Before\\0dAfter,DC=example,DC=net').at(-1), [[CN, 'Before\rAfter']])
  assert.deepEqual(parseName('1.3.6.1.4.1.1466.0=#04024869').name, [[{ type: '1.3.6.1.4.1.1466.0', value: '04024869', opaque: true }]])
  assert.deepEqual(values('CN=Lu\\C4\\8Di\\C4\\87'), [[[CN, 'Lu\u010di\u0107']]])
})

test('parseName: blanks, escaped blanks and quotes', () => {
  assert.deepEqual(values('CN=\\ a\\ ,O=b '), [[[O, 'b']], [[CN, ' a ']]])
  assert.deepEqual(values('CN="a, \\"b\\"; <c>",O=d'), [[[O, 'd']], [[CN, 'a, "b"; <c>']]])
  assert.deepEqual(values('CN=\\#a'), [[[CN, '#a']]])
  assert.deepEqual(values('CN=a=b'), [[[CN, 'a=b']]])
  assert.deepEqual(values('CN='), [[[CN, '']]])
})

test('parseName: each escape, and no other', () => {
  for (const char of ' "#+,;<=>\\') {
    assert.deepEqual(values(`CN=\\${char}x`), [[[CN, `${char}x`]]], char)
    assert.deepEqual(values(`/CN=\\${char}x`), [[[CN, `${char}x`]]], char)
  }
  assert.deepEqual(values('CN=\\39\\4a\\4A\\6f\\6F'), [[[CN, '9JJoo']]])
  assert.deepEqual(values('CN=\\EF\\BB\\BFa'), [[[CN, '\ufeffa']]])
  assert.deepEqual(values('/CN=a\\xZZ\\x4'), [[[CN, 'a\\xZZ\\x4']]])
  assert.deepEqual(parseName('CN=#04AB').name, [[{ type: CN, value: '04ab', opaque: true }]])
})

test('parseName: openssl and the slash form go from the root down', () => {
  const name = [[[C, 'US']], [[O, 'My Company']], [[CN, 'localhost']]]
  assert.deepEqual(values('C = US, O = My Company, CN = localhost'), name)
  assert.deepEqual(values('/C=US/O=My Company/CN=localhost'), name)
  assert.deepEqual(values('CN=localhost,O=My Company,C=US'), name)
  assert.equal(parseName('C = US, CN = a').form, 'openssl')
  assert.equal(parseName('/C=US/CN=a').form, 'slash')
  assert.equal(parseName('CN = a, OU = b').form, 'openssl')
  assert.equal(parseName('CN=a =b,O=c').form, 'rfc4514')
})

test('parseName: the slash form, with escapes and slashes that start nothing', () => {
  assert.deepEqual(values('/CN=HTTP/api.example'), [[[CN, 'HTTP/api.example']]])
  assert.deepEqual(values('/O=a\\/CN=b/CN=c'), [[[O, 'a/CN=b']], [[CN, 'c']]])
  assert.deepEqual(values('/O=a\\\\/CN=c'), [[[O, 'a\\']], [[CN, 'c']]])
  assert.deepEqual(values('/CN=M\\xC3\\xBCller'), [[[CN, 'M\u00fcller']]])
  assert.deepEqual(values('/CN=back\\slash'), [[[CN, 'back\\slash']]])
  assert.equal(values('/CN=\\xFF'), undefined)
})

test('parseName: a name that openssl wrote is that of the certificate, in each of its forms', { skip: without('openssl') }, () => {
  for (const { der, texts } of once('names of openssl', namesOfOpenssl)) {
    const { subject } = readCertificate(der)
    for (const text of texts) {
      const parsed = parseName(text)
      assert.ok(parsed !== undefined && sameName(parsed.name, subject), text)
    }
  }
})

/** Certificates, and their subjects as openssl prints them. */
function namesOfOpenssl() {
  const multi = createAuthority('dn-ca').issue('multi', {
    subject: [
      ['O', ' #x'],
      ['OU', 'a+b=c'],
      ['OU', 'second'],
      ['CN', '"quoted"\\, \u00e9\u6f22'],
    ],
  })
  const forms = ['RFC2253', 'oneline', 'RFC2253,utf8,-esc_msb', 'oneline,utf8,-esc_msb']
  return [pki().expected, pki().awkward, multi].map(({ cert, der }) => {
    const printed = forms.map((form) => openssl('x509', '-in', cert, '-noout', '-subject', '-nameopt', form))
    return { der, texts: printed.map((text) => text.replace(/^subject=/, '').replace(/\n$/, '')) }
  })
}

test('parseName: whatever is escaped comes back, and nothing throws', () => {
  const escaped = (text) => text.replace(/[\0-\x1f,+"\\<>;=]|^[ #]| $/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('CN', 'O', 'OU', 'C'), fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 5 }),
      (pairs) => {
        const parsed = parseName(pairs.map(([type, value]) => `${type}=${escaped(value)}`).join(','))
        assert.deepEqual(
          parsed.name.map(([{ value }]) => value),
          pairs.map(([, value]) => value).reverse(),
        )
      },
    ),
  )
  fc.assert(fc.property(fc.string(), (text) => void parseName(text)))
  fc.assert(fc.property(fc.stringMatching(/^\/?[CNO=,+\\"#; /x0-9a-f]*$/), (text) => void parseName(text)))
})

test('parseName: nothing takes long', () => {
  for (const text of [
    '/'.repeat(65_536),
    `/CN=${'\\'.repeat(65_536)}`,
    `/CN=a${'/O=b'.repeat(16_000)}`,
    `CN=${'\\41'.repeat(20_000)}`,
    `CN=a${',O=b'.repeat(16_000)}`,
    ' '.repeat(65_536),
    '='.repeat(65_536),
  ]) {
    assert.ok(shortest(() => parseName(text)) < 500, text.slice(0, 20))
  }
})

test('S19: a name of more than 256 attributes is none, and found to be so at once', () => {
  for (const [form, one, first] of [
    ['slash', '/O=a', ''],
    ['rfc4514', ',O=a', 'O=a'],
    ['rfc4514', '+O=a', 'O=a'],
  ]) {
    const many = (count) => first + one.repeat(first === '' ? count : count - 1)
    assert.equal(parseName(many(256)).form, form)
    assert.equal(parseName(many(257)), undefined)
    assert.ok(shortest(() => parseName(many(16_384))) < 5)
  }
})
