/** The lengths that names, keys and lists may have, and what a registry makes of passwords without being told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'

const VERIFIER = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}`

function made(client, options) {
  return memoryClients({ clients: [{ id: 'acme', ...client }], ...options })
}

test('a name has 1 to 256 characters, whatever they take', () => {
  for (const character of ['a', '\u00e4', '\u6f22']) {
    for (const name of [character, character.repeat(256)]) {
      assert.equal(made({ id: name }).find(name).id, name)
      assert.deepEqual(made({ groups: [name] }).find('acme').groups, [name])
    }
    for (const name of ['', character.repeat(257)]) {
      assert.throws(() => made({ id: name }), /"clients\[0\]\.id" must be 1 to 256 characters/)
      assert.throws(() => made({ groups: [name] }), /"clients\[0\]\.groups" must be 1 to 256 characters/)
    }
  }
})

test('a key has 16 octets to 4096 characters, and blanks are none', () => {
  const withKey = (key, options) => made({ credentials: [{ kind: 'api-key', key }] }, options).find('acme').credentials.length
  for (const key of ['k'.repeat(16), '\u00e4'.repeat(8), 'k'.repeat(4096)]) assert.equal(withKey(key), 1)
  for (const key of ['k'.repeat(15), '\u00e4'.repeat(7)]) {
    assert.throws(() => withKey(key), /must be at least 16 octets, it has 1[45]: a short key can be guessed/)
    assert.equal(withKey(key, { allowWeakKey: true }), 1)
  }
  assert.throws(() => withKey('k'.repeat(4097)), /must be at most 4096 characters/)
  for (const key of ['', ' ', '\t\n', ' '.repeat(20)]) {
    assert.throws(() => withKey(key, { allowWeakKey: true }), /must not be blank; check that the variable or file it comes from is set/)
  }
})

test('passwords are kept with scrypt wherever one of them was chosen, and else only issued ones are taken', () => {
  const issued = { kind: 'api-key', key: 'a-key-of-sixteen-octets-or-more' }
  const chosen = [
    { kind: 'basic', password: 'chosen' },
    { kind: 'basic', verifier: VERIFIER },
  ]
  for (const credential of chosen) {
    for (const credentials of [[credential], [credential, issued], [issued, credential]]) {
      assert.equal(made({ credentials }).passwords.name, 'scrypt')
    }
  }
  for (const credentials of [undefined, [], [issued], [{ kind: 'basic', verifier: `sha256:${'0'.repeat(64)}` }]]) {
    assert.equal(made({ credentials }).passwords.name, 'random')
  }
})
