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

test('costs of scrypt are taken up to 1 GiB, 64 blocks and 64 lanes, and no further', () => {
  const withCost = (scrypt) => memoryClients({ passwords: 'scrypt', scrypt }).passwords.cost
  for (const cost of [
    { cost: 2 ** 20, blockSize: 8, parallelization: 1 },
    { cost: 2 ** 17, blockSize: 64, parallelization: 1 },
    { cost: 1024, blockSize: 64, parallelization: 64 },
  ]) {
    assert.deepEqual({ ...withCost(cost) }, cost)
  }
  for (const cost of [
    { cost: 2 ** 21, blockSize: 8 },
    { cost: 2 ** 20, blockSize: 16 },
    { cost: 2 ** 18, blockSize: 64 },
    { cost: 1024, blockSize: 65 },
    { cost: 1024, parallelization: 65 },
  ]) {
    assert.throws(() => withCost(cost), /scrypt: option "cost" asks for more work than a server should spend on one password/)
  }
})

test('what is taken as a cost can be derived with', async () => {
  const clients = memoryClients({ scrypt: { cost: 1024, blockSize: 8, parallelization: 64 } })
  const verifier = await clients.passwords.verifierOf('secret')
  assert.equal(clients.passwords.verifierNow('secret', verifier), verifier)
  assert.notEqual(clients.passwords.verifierNow('secret'), verifier)
})

test('two passwords of a user that are configured share a salt', () => {
  const scrypt = { cost: 1024, blockSize: 1, parallelization: 1 }
  const credentials = ['one', 'two'].map((password) => ({ kind: 'basic', user: 'u', password }))
  const verifiers = made({ credentials }, { scrypt })
    .findUser('u')
    .map(({ credential }) => credential.verifier.split('$'))
  assert.equal(verifiers[0][3], verifiers[1][3])
  assert.notEqual(verifiers[0][4], verifiers[1][4])
})
