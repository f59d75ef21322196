/** The messages of NTLM and what they are made of, against published data; and what a server may send in their place. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { component } from '../../../test/support/components.js'
import { openssl, pki } from '../../../test/support/pki.js'
// What no public name reaches: the pure steps of ntlm.
import { bindingsHash, channelBindings, clientBlob, fileTime, messageIntegrity, prove, responseKey } from '../dist/ntlm/crypto.js'
import { md4 } from '../dist/ntlm/md4.js'
import { authenticateMessage, negotiateMessage, readChallenge } from '../dist/ntlm/messages.js'
import { boundTargetInfo, readTargetInfo } from '../dist/ntlm/target-info.js'
import { specification, windows } from './ntlm-vectors.js'

const hex = (text) => Buffer.from(text, 'hex')
const utf16 = (text) => Buffer.from(text, 'utf16le')
const token = (octets) => octets.toString('base64')
const EXTENDED_SESSION_SECURITY = 0x80000
const TARGET_INFO = 0x800000
const UNICODE = 0x1

/** A type 2 message; `change` gets its octets. */
function challengeToken(change = () => {}, source = windows.challenge) {
  const octets = hex(source)
  change(octets)
  return token(octets)
}

/** The fields of a type 3 message, by its descriptors. */
function fieldsOf(message) {
  const field = (at) => message.subarray(message.readUInt32LE(at + 4), message.readUInt32LE(at + 4) + message.readUInt16LE(at))
  return Object.fromEntries(['lm', 'nt', 'domain', 'user', 'workstation', 'sessionKey'].map((name, i) => [name, field(12 + i * 8)]))
}

describe('type 2 messages that are none', () => {
  const malformed = [
    ['nothing', ''],
    ['no base64', '!!!!'],
    ['base64 with blanks', ` ${challengeToken()}`],
    ['base64 without its end', challengeToken().slice(0, -1)],
    ['base64 of 12 kB and more', Buffer.alloc(12_400).toString('base64')],
    ['47 octets', token(hex(windows.challenge).subarray(0, 47))],
    ['another signature', challengeToken((octets) => octets.write('NTLMSSQ'))],
    ['type 1', challengeToken((octets) => octets.writeUInt32LE(1, 8))],
    ['type 3', challengeToken((octets) => octets.writeUInt32LE(3, 8))],
    ['target information beyond the end', challengeToken((octets) => octets.writeUInt32LE(200, 44))],
    ['target information at 2^32 - 1', challengeToken((octets) => octets.writeUInt32LE(0xffffffff, 44))],
    ['target information in the header', challengeToken((octets) => octets.writeUInt32LE(0, 44))],
    ['target information of no octets', challengeToken((octets) => octets.writeUInt16LE(0, 40))],
    ['target information without its end', challengeToken((octets) => octets.writeUInt16LE(0xb2, 40))],
    ['a pair twice', challengeToken((octets) => octets.writeUInt16LE(2, 92))],
  ]
  for (const [what, text] of malformed) {
    test(what, () => {
      const { kind, problem } = readChallenge(text)
      assert.equal(kind, 'malformed')
      assert.match(problem, /^the type 2 message /)
    })
  }

  test('pairs: a time of 4 octets, flags of 2, one that appears twice, an end with a length', () => {
    const end = '00000000'
    for (const pairs of ['0700040011111111', '060002000100', '0200020041000200020042', '01000100']) {
      assert.equal(readTargetInfo(hex(pairs + end)), undefined)
    }
    assert.equal(readTargetInfo(hex('00000100')), undefined)
    assert.deepEqual([...readTargetInfo(hex(`0200020041000300020042${'00'}${end}`)).keys()], [2, 3])
  })

  test('a server without extended session security, target information or Unicode is refused: no NTLMv1, no LM', () => {
    for (const [flag, name] of [
      [EXTENDED_SESSION_SECURITY, /extended session security/],
      [TARGET_INFO, /target information/],
      [UNICODE, /Unicode/],
    ]) {
      const { kind, problem } = readChallenge(challengeToken((octets) => octets.writeUInt32LE((octets.readUInt32LE(20) & ~flag) >>> 0, 20)))
      assert.equal(kind, 'weak')
      assert.match(problem, name)
    }
  })

  test('whatever the octets are, reading ends with a challenge that holds together or with a reason', () => {
    const anything = fc.uint8Array({ maxLength: 512 }).map((octets) => Buffer.from(octets))
    const nearly = fc
      .array(fc.tuple(fc.nat({ max: 253 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 })
      .map((changes) => Buffer.from(changes.reduce((octets, [at, value]) => octets.fill(value, at, at + 1), hex(windows.challenge))))
    let read = 0
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (octets) => {
        const challenge = readChallenge(token(octets))
        if ('problem' in challenge) return assert.ok(['malformed', 'weak'].includes(challenge.kind))
        read += 1
        assert.equal(challenge.serverChallenge.length, 8)
        const message = authenticateMessage(negotiateMessage(), challenge, authentication())
        assert.ok(message.length < octets.length + 1024)
        assert.ok(fieldsOf(message).nt.length >= 44)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => assert.ok('problem' in readChallenge(text))))
    assert.ok(read > 10, `${read} challenges were read`)
  })

  test('S19: 16 kB of pairs are read in linear time', () => {
    const pairs = Buffer.concat(Array.from({ length: 2900 }, (_, i) => Buffer.from([(i + 16) & 0xff, (i + 16) >> 8, 0, 0])))
    const before = performance.now()
    for (let i = 0; i < 20; i += 1) readTargetInfo(Buffer.concat([pairs, Buffer.alloc(4)]))
    assert.ok(performance.now() - before < 500)
  })
})

function authentication(change = {}) {
  return {
    identity: windows.identity,
    workstation: windows.workstation,
    clientChallenge: hex(windows.clientChallenge),
    now: 0,
    binding: { targetName: windows.targetName, channelBindings: hex(windows.channelBindings) },
    ...change,
  }
}

describe('what the proof is made of', () => {
  test('MD4: the test suite of RFC 1320, appendix A.5', () => {
    const digits = '1234567890'.repeat(8)
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    for (const [text, digest] of [
      ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
      ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
      ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
      ['message digest', 'd9130a8164549fe818874806e1c7014b'],
      [letters, 'd79e1c308aa5bbcdeea8ed63df412da9'],
      [`${letters.toUpperCase()}${letters}0123456789`, '043f8582f241db351ce627e153e7f0e4'],
      [digits, 'e33b4ddc9c38f2199c3e7b164fcc0536'],
    ]) {
      assert.equal(md4(Buffer.from(text)).toString('hex'), digest)
    }
  })

  test('MD4 is that of openssl, whatever the length', (t) => {
    const path = component('openssl')
    const digest = (input) => execFileSync(path, ['dgst', '-provider', 'legacy', '-provider', 'default', '-md4', '-binary'], { input })
    try {
      digest('')
    } catch {
      return t.skip('this openssl has no legacy provider')
    }
    for (const length of [54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
      const octets = Buffer.from(Array.from({ length }, (_, i) => (i * 167 + length) & 0xff))
      assert.deepEqual(md4(octets), digest(octets))
    }
  })

  test('MS-NLMP 4.2.4: key, blob, proof and session key', () => {
    const { identity, clientChallenge, serverChallenge, targetInfo } = specification
    const key = responseKey(identity)
    assert.equal(key.toString('hex'), specification.responseKey)
    const blob = clientBlob(hex(specification.fileTime), hex(clientChallenge), hex(targetInfo))
    assert.equal(blob.toString('hex'), specification.blob)
    const { response, sessionKey } = prove(key, hex(serverChallenge), blob)
    assert.equal(response.toString('hex'), specification.proof + specification.blob)
    assert.equal(sessionKey.toString('hex'), specification.sessionKey)
  })

  test('an exchange of Windows: password, proof and MIC', () => {
    assert.equal(md4(utf16(windows.identity.password)).toString('hex'), windows.passwordHash)
    const blob = clientBlob(hex(windows.fileTime), hex(windows.clientChallenge), hex(windows.targetInfo))
    const { response, sessionKey } = prove(responseKey(windows.identity), hex(windows.serverChallenge), blob)
    assert.equal(response.subarray(0, 16).toString('hex'), windows.proof)
    const { identity, workstation } = windows
    const texts = [identity.domain, identity.username, workstation].map(utf16)
    const message = Buffer.concat([hex(windows.authenticateHead), Buffer.alloc(16), ...texts, Buffer.alloc(24), response])
    assert.equal(messageIntegrity(sessionKey, hex(windows.negotiate), hex(windows.challenge), message).toString('hex'), windows.mic)
  })

  test('the user name counts in upper case, unit for unit as on Windows; domain and password count as they stand', () => {
    const key = (username, domain = 'd', password = 'p') => responseKey({ username, domain, password }).toString('hex')
    assert.equal(key('alice'), key('ALICE'))
    assert.equal(key('\u00fcber'), key('\u00dcBER'))
    assert.notEqual(key('stra\u00dfe'), key('STRASSE'))
    assert.notEqual(key('\u0131van'), key('IVAN'))
    assert.notEqual(key('\u017fam'), key('SAM'))
    assert.notEqual(key('a', 'D'), key('a', 'd'))
    assert.notEqual(key('a', 'd', 'P'), key('a', 'd', 'p'))
  })

  test('a time is tenths of a microsecond since 1601', () => {
    // [MS-DTYP] section 2.3.3; 2012-12-19T11:04:48Z is the second of the exchange of Windows.
    assert.equal(fileTime(-11_644_473_600_000).readBigUInt64LE(), 0n)
    const ticks = hex(windows.fileTime).readBigUInt64LE()
    assert.equal(fileTime(Number(ticks / 10_000n - 11_644_473_600_000n)).readBigUInt64LE() / 10_000n, ticks / 10_000n)
  })
})

describe('channel bindings', () => {
  test('the hash of Windows', () => {
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), hex(windows.certificateDigest)])
    assert.equal(bindingsHash(data).toString('hex'), windows.channelBindings)
  })

  test('RFC 5929: the digest of the signature, SHA-256 for SHA-1, none for Ed25519', (t) => {
    if (component('openssl') === undefined) return t.skip('openssl is not installed')
    const { folder } = pki().ca
    const made = (name, key, ...args) => {
      openssl(
        'req',
        '-x509',
        '-newkey',
        ...key,
        '-nodes',
        '-keyout',
        `${folder}/${name}.key`,
        '-out',
        `${folder}/${name}.crt`,
        '-subj',
        '/CN=x',
        ...args,
      )
      return new X509Certificate(openssl('x509', '-in', `${folder}/${name}.crt`)).raw
    }
    const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    const rsa = ['rsa:2048']
    const pss = ['-sigopt', 'rsa_padding_mode:pss']
    for (const [name, digest, key, ...args] of [
      ['sha1', 'sha256', rsa, '-sha1'],
      ['rsa256', 'sha256', rsa, '-sha256'],
      ['rsa384', 'sha384', rsa, '-sha384'],
      ['rsa512', 'sha512', rsa, '-sha512'],
      ['ec256', 'sha256', ec, '-sha256'],
      ['ec384', 'sha384', ec, '-sha384'],
      ['ec512', 'sha512', ec, '-sha512'],
      ['pss256', 'sha256', rsa, '-sha256', ...pss],
      ['pss512', 'sha512', rsa, '-sha512', ...pss],
    ]) {
      const der = made(name, key, ...args)
      const expected = bindingsHash(Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(digest).update(der).digest()]))
      assert.deepEqual(channelBindings(der), expected, name)
    }
    assert.equal(channelBindings(made('ed25519', ['ed25519'])), undefined)
    assert.equal(channelBindings(Buffer.from('no certificate')), undefined)
  })
})

describe('our messages', () => {
  test('type 1: 40 octets, with a version, without LM, OEM, key exchange, signing and sealing', () => {
    const message = negotiateMessage()
    assert.equal(message.length, 40)
    assert.equal(message.toString('latin1', 0, 8), 'NTLMSSP\0')
    assert.equal(message.readUInt32LE(8), 1)
    const flags = message.readUInt32LE(12)
    for (const wanted of [UNICODE, 0x4, 0x200, 0x8000, EXTENDED_SESSION_SECURITY, 0x2000000]) assert.notEqual(flags & wanted, 0)
    for (const never of [0x2, 0x10, 0x20, 0x80, 0x800, 0x40000000]) assert.equal(flags & never, 0)
    assert.equal(message.toString('hex', 32), '0a0063450000000f')
  })

  test('type 3 for the challenge of Windows: fields, flags, version, and a MIC over all three messages', () => {
    const negotiate = negotiateMessage()
    const challenge = readChallenge(challengeToken())
    const message = authenticateMessage(negotiate, challenge, authentication())
    assert.equal(message.readUInt32LE(8), 3)
    const { lm, nt, domain, user, workstation, sessionKey } = fieldsOf(message)
    assert.deepEqual(lm, Buffer.alloc(24))
    assert.deepEqual(
      [domain, user, workstation].map(String),
      [windows.identity.domain, windows.identity.username, windows.workstation].map((text) => utf16(text).toString()),
    )
    assert.equal(sessionKey.length, 0)
    const flags = message.readUInt32LE(60)
    assert.equal(flags & ~negotiate.readUInt32LE(12), 0)
    assert.equal(flags & ~hex(windows.challenge).readUInt32LE(20), 0)
    assert.equal(message.toString('hex', 64, 72), '0a0063450000000f')
    // Proof and MIC, from the session key of the proof that is in the message.
    const proof = prove(responseKey(windows.identity), hex(windows.serverChallenge), nt.subarray(16))
    assert.deepEqual(nt, proof.response)
    const bare = Buffer.from(message)
    bare.fill(0, 72, 88)
    assert.deepEqual(message.subarray(72, 88), messageIntegrity(proof.sessionKey, negotiate, hex(windows.challenge), bare))
    assert.equal(nt.toString('hex', 24, 32), windows.fileTime)
  })

  test('target information: the pairs of the server in their order, then the flag of the MIC, bindings and name', () => {
    const pairs = readTargetInfo(readChallenge(challengeToken()).octets.subarray(72))
    const bound = boundTargetInfo(pairs, authentication().binding, true).toString('hex')
    const names = windows.challenge.slice(144, -8)
    const name = utf16(windows.targetName).toString('hex')
    assert.equal(bound, `${names}06000400020000000a001000${windows.channelBindings}09003e00${name}00000000`)
  })

  test('a server that states no time gets no MIC, the time of the clock, and its bindings all the same', () => {
    const challenge = readChallenge(challengeToken(undefined, specification.challenge))
    const message = authenticateMessage(negotiateMessage(), challenge, authentication({ now: 1_000 }))
    assert.deepEqual(message.subarray(72, 88), Buffer.alloc(16))
    const { nt } = fieldsOf(message)
    assert.deepEqual(nt.subarray(24, 32), fileTime(1_000))
    const info = readTargetInfo(nt.subarray(44))
    assert.equal(info.get(6), undefined)
    assert.equal(info.get(10).toString('hex'), windows.channelBindings)
    assert.deepEqual(info.get(9), utf16(windows.targetName))
  })

  test('what a server says of our name, our bindings and our MIC does not count', () => {
    const forged = [
      [9, utf16('HTTP/other')],
      [10, Buffer.alloc(16, 1)],
      [6, Buffer.from([3, 0, 0, 0])],
      [2, utf16('D')],
    ]
    const bound = readTargetInfo(boundTargetInfo(new Map(forged), { targetName: 'HTTP/mine', channelBindings: undefined }, false))
    assert.deepEqual(bound.get(9), utf16('HTTP/mine'))
    assert.deepEqual(bound.get(10), Buffer.alloc(16))
    assert.deepEqual(bound.get(6), Buffer.from([1, 0, 0, 0]))
  })
})
