import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'

const KEY = 'a-key-of-sixteen-octets-or-more'
const OTHER = 'another-key-of-sixteen-octets-or-more'
const Z = '0'.repeat(64)

const acme = {
  id: 'acme',
  groups: ['partners'],
  credentials: [
    { kind: 'api-key', id: 'k1', key: KEY },
    { kind: 'hmac', id: 'h1', secret: KEY },
    { kind: 'basic', id: 'b1', user: 'u', verifier: `sha256:${Z}` },
  ],
}

/** What is wrong, and the whole of what the operator reads: code, factory or method, place, what to write. */
const CHANGES = [
  [
    (clients) => clients.add({ id: 'acme' }),
    'ERR_CLIENT_EXISTS: there already is a client "acme"; choose another id, or change the existing client',
  ],
  [
    (clients) => clients.add(7),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client" must be a client: { id, groups, credentials }; got number',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: '' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" must not be blank; check that the variable or file it comes from is set',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: 7 }] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].key" must be a string; got number',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: 'short' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" must be at least 16 octets, it has 5: a short key can be guessed. Issue one instead. allowWeakKey: true accepts it anyway, for tests and documentation samples',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: 'x'.repeat(4097) }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" must be at most 4096 characters',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: `${KEY}\n` }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" contains what a header field cannot carry: control characters, or spaces or a newline at either end',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: KEY, sha256: Z }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0]" needs "key" or "sha256", not both',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0]" needs "key" or "sha256"',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', sha256: 'A'.repeat(64) }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].sha256" must be SHA-256 of the key as 64 hex digits in lower case: printf %s "$KEY" | sha256sum',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', password: 'chosen' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].password" is not an issued password, and a registry with passwords: "random" stores only those; create the registry with passwords: "scrypt"',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', password: '' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].password" must not be empty; allowEmptyPassword: true accepts it anyway',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', password: 7 }] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].password" must be a string; got number',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', password: 'a\n' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].password" contains what HTTP Basic cannot carry: control characters (a newline at the end?)',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', verifier: 7 }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].verifier" must be a string',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', verifier: 'x' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].verifier" is not the verifier of an issued password, sha256:<64 hex digits>; passwords that people chose need passwords: "scrypt"',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', user: 'a:b', verifier: `sha256:${Z}` }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].user" must not contain a colon, which ends the user name in HTTP Basic',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0]" needs "password" or "verifier"',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', keyId: 'a b', secret: KEY }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].keyId" must be visible ASCII without spaces',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secret: 'short' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].secret" must be at least 16 octets; it has 5, and a short secret can be guessed offline from one signed request. Generate one with "openssl rand -hex 32". allowWeakSecret: true accepts it anyway, for tests and documentation samples',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0]" needs "secret" or "secretFrom"',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secretFrom: 'X' }] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].secretFrom" must be { env: name } or { file: path }; got string',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secretFrom: { env: '' } }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].secretFrom.env" must be 1 to 256 characters without control characters, and without spaces at either end',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secretFrom: { file: 7 } }] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].secretFrom.file" must be a string; got number',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secretFrom: { env: 'A', file: 'b' } }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].secretFrom" needs "env" or "file", not both',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', secretFrom: { envs: 'A' } }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].secretFrom.envs" is unknown; did you mean "env"?',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'certificate', pin: 'x' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].pin" is not a pin; write 64 hex digits (SHA-256), "sha256/<base64>" (public key) or 40 hex digits (SHA-1, legacy)',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'x' }] }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].kind" must be one of 'api-key', 'basic', 'hmac', 'certificate'`,
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [7] }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].kind" must be one of 'api-key', 'basic', 'hmac', 'certificate'`,
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', id: 7, key: OTHER }] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].id" must be a string; got number',
  ],
  [
    (clients) =>
      clients.add({
        id: 'b',
        credentials: [
          { kind: 'api-key', id: 'x', key: OTHER },
          { kind: 'certificate', id: 'x', pin: Z },
        ],
      }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[1].id" is the id of another credential of this client',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: OTHER, notAfter: 7 }] }),
    `ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials[0].notAfter" must be a Date or RFC 3339 text such as '2026-03-01T00:00:00Z'; got number`,
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: OTHER, secret: 'x' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].secret" is unknown; known are kind, id, notBefore, notAfter, key, sha256',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'certificate', pin: Z, qqqqqqqqqqqqqqq: 1 }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].qqqqqqqqqqqqqqq" is unknown; known are kind, id, notBefore, notAfter, pin',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [null] }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].kind" must be one of 'api-key', 'basic', 'hmac', 'certificate'`,
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'certificate', key: OTHER }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" is unknown; known are kind, id, notBefore, notAfter, pin',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: {} }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.credentials" must be a list of credentials; got object',
  ],
  [
    (clients) => clients.add({ id: 'b', disabled: 'no' }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.disabled" must be true or false; got string',
  ],
  [
    (clients) => clients.add({ id: 'b', groups: 'x' }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.groups" must be a list of group names; got string',
  ],
  [
    (clients) => clients.add({ id: 'b', groups: ['x', 'x'] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.groups" holds "x" twice',
  ],
  [
    (clients) => clients.add({ id: 'b', groups: [7] }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.groups" must be a string; got number',
  ],
  [
    (clients) => clients.add({ id: '' }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.id" must be 1 to 256 characters without control characters, and without spaces at either end',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'api-key', key: KEY }] }),
    'ERR_CLIENT_CREDENTIAL_TAKEN: the API key of credential "api-key-1" of client "b" already belongs to client "acme"; give each client its own credentials; to move one, revoke it first',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'hmac', keyId: 'acme', secret: OTHER }] }),
    'ERR_CLIENT_CREDENTIAL_TAKEN: the HMAC key id of credential "hmac-1" of client "b" already belongs to client "acme"; give each client its own credentials; to move one, revoke it first',
  ],
  [
    (clients) => clients.add({ id: 'b', credentials: [{ kind: 'basic', user: 'u', verifier: `sha256:${Z}` }] }),
    'ERR_CLIENT_CREDENTIAL_TAKEN: the user name of credential "basic-1" of client "b" already belongs to client "acme"; give each client its own credentials; to move one, revoke it first',
  ],
  [
    (clients) =>
      clients.add({
        id: 'b',
        credentials: [
          { kind: 'certificate', id: 'p', pin: Z },
          { kind: 'certificate', id: 'q', pin: Z },
        ],
      }),
    'ERR_CLIENT_CREDENTIAL_TAKEN: the certificate pin of credential "q" of client "b" appears twice in client "b"; give each client its own credentials; to move one, revoke it first',
  ],
  [(clients) => clients.remove('b'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.disable('b'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [
    (clients) => clients.revoke('acme', 'k9'),
    'ERR_CLIENT_NO_CREDENTIAL: client "acme" has no credential "k9"; check the client\'s credentials for the right id',
  ],
  [
    (clients) => clients.rotate('acme', 'k9'),
    'ERR_CLIENT_NO_CREDENTIAL: client "acme" has no credential "k9"; check the client\'s credentials for the right id',
  ],
  [
    (clients) => clients.rotate('acme', 'k1', { overlapSeconds: -1 }),
    'ERR_INVALID_ARG_VALUE: rotate: option "overlapSeconds" must be a whole number of seconds, 0 or more',
  ],
  [
    (clients) => clients.rotate('acme', 'k1', { overlapSeconds: '1' }),
    'ERR_INVALID_ARG_VALUE: rotate: option "overlapSeconds" must be a whole number of seconds, 0 or more',
  ],
  [
    (clients) => clients.rotate('acme', 'k1', { overlap: 1 }),
    'ERR_INVALID_ARG_VALUE: rotate: option "overlap" is unknown; did you mean "overlapSeconds"?',
  ],
  [
    (clients) => clients.rotate('acme', 'h1'),
    'ERR_INVALID_ARG_VALUE: rotate: option "secret" is required to rotate an HMAC key, or "secretFrom"',
  ],
  [
    (clients) => clients.rotate('acme', 'k1', { secret: KEY }),
    'ERR_INVALID_ARG_VALUE: rotate: option "secret" is unknown; known are id, notBefore, notAfter, overlapSeconds',
  ],
  [
    (clients) => clients.rotate('acme', 'b1', { password: 'x' }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].password" is not an issued password, and a registry with passwords: "random" stores only those; create the registry with passwords: "scrypt"',
  ],
  [
    (clients) => clients.rotate('acme', 'k1', { id: 'k1' }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].id" is the id of another credential of this client',
  ],
  [(clients) => clients.issueKey('b'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.issueKey('acme', 7), 'ERR_INVALID_ARG_TYPE: issueKey: option "options" must be an object; got number'],
  [(clients) => clients.issueKey('acme', { ids: 'x' }), 'ERR_INVALID_ARG_VALUE: issueKey: option "ids" is unknown; did you mean "id"?'],
  [
    (clients) => clients.issueKey('acme', { user: 'x' }),
    'ERR_INVALID_ARG_VALUE: issueKey: option "user" is unknown; known are id, notBefore, notAfter',
  ],
  [
    (clients) => clients.issueKey('acme', { id: 'k1' }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].id" is the id of another credential of this client',
  ],
  [
    (clients) => clients.issuePassword('acme', { users: 'x' }),
    'ERR_INVALID_ARG_VALUE: issuePassword: option "users" is unknown; did you mean "user"?',
  ],
  [
    (clients) => clients.issuePassword('acme', { user: 'a:b' }),
    'ERR_INVALID_ARG_VALUE: issuePassword: option "options.user" must not contain a colon, which ends the user name in HTTP Basic',
  ],
  [
    (clients) => clients.issuePassword('acme', { user: 7 }),
    'ERR_INVALID_ARG_TYPE: issuePassword: option "options.user" must be a string; got number',
  ],
  [(clients) => clients.issuePassword('b'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.setGroups('acme'), 'ERR_INVALID_ARG_TYPE: setGroups: option "groups" must be a list of group names; got undefined'],
  [
    (clients) => clients.setGroups('acme', 'x'),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "client.groups" must be a list of group names; got string',
  ],
  [(clients) => clients.setGroups('acme', ['a', 'a']), 'ERR_INVALID_ARG_VALUE: memoryClients: option "client.groups" holds "a" twice'],
  [(clients) => clients.setGroups('b', []), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.join('acme', 7), 'ERR_INVALID_ARG_TYPE: join: option "options.group" must be a string; got number'],
  [
    (clients) => clients.join('acme', ''),
    'ERR_INVALID_ARG_VALUE: join: option "options.group" must be 1 to 256 characters without control characters, and without spaces at either end',
  ],
  [(clients) => clients.join('b', 'x'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.leave('b', 'x'), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [(clients) => clients.addCredential('b', {}), 'ERR_CLIENT_UNKNOWN: there is no client "b"; add the client first, or correct its id'],
  [
    (clients) => clients.addCredential('acme', undefined),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].kind" must be one of 'api-key', 'basic', 'hmac', 'certificate'`,
  ],
  [
    (clients) => clients.addCredential('acme', { kind: 'api-key', key: '' }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].key" must not be blank; check that the variable or file it comes from is set',
  ],
  [
    (clients) => clients.addCredential('acme', { kind: 'certificate', pin: 7 }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "client.credentials[0].pin" is not a pin; write 64 hex digits (SHA-256), "sha256/<base64>" (public key) or 40 hex digits (SHA-1, legacy)',
  ],
  [(clients) => clients.on('changed', () => {}), `ERR_INVALID_ARG_VALUE: memoryClients: option "event" must be 'change' or 'error'`],
  [(clients) => clients.on('change', 7), 'ERR_INVALID_ARG_TYPE: memoryClients: option "listener" must be a function; got number'],
  [(clients) => clients.on('error'), 'ERR_INVALID_ARG_TYPE: memoryClients: option "listener" must be a function; got undefined'],
]

const scryptVerifier = (ln, salt) => `$scrypt$ln=${ln},r=8,p=5$${salt.repeat(22)}$${'A'.repeat(43)}`
const withVerifiers = (...verifiers) => [{ id: 'a', credentials: verifiers.map((verifier) => ({ kind: 'basic', verifier })) }]

const FACTORY = [
  [
    () => memoryClients({ clients: withVerifiers(scryptVerifier(15, 'A')) }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0].credentials[0].verifier" has another cost than the registry, $scrypt$ln=14,r=8,p=5$; all passwords of a registry must cost the same, or response times would reveal which users exist',
  ],
  [
    () => memoryClients({ clients: withVerifiers(scryptVerifier(14, 'A'), scryptVerifier(14, 'B')) }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0]" is not valid: a user has two passwords with different salts, so checking them would take longer than for others and reveal that the user exists; add the second password through the registry, which keeps the salt; give each client its own credentials; to move one, revoke it first',
  ],
  [
    () => memoryClients({ scrypt: { cost: 1025 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "cost" must be a power of two; got 1025',
  ],
  [
    () => memoryClients({ scrypt: { blockSize: 65 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "cost" asks for more work than a server should spend on one password; start from 16384, 8 and 5',
  ],
  [
    () => memoryClients({ scrypt: { parallelization: 65 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "cost" asks for more work than a server should spend on one password; start from 16384, 8 and 5',
  ],
  [
    () => memoryClients({ kdf: () => new Uint8Array(31), clients: [{ id: 'a', credentials: [{ kind: 'basic', password: 'x' }] }] }),
    'undefined: a kdf must return 32 octets',
  ],
  [
    () => memoryClients({ kdf: () => 'x'.repeat(32), clients: [{ id: 'a', credentials: [{ kind: 'basic', password: 'x' }] }] }),
    'undefined: a kdf must return 32 octets',
  ],
  [
    () => memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'api-key', key: '' }] }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0].credentials[0].key" must not be blank; check that the variable or file it comes from is set',
  ],
  [
    () => memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'basic', password: '' }] }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0].credentials[0].password" must not be empty; allowEmptyPassword: true accepts it anyway',
  ],
  [() => memoryClients({ clients: {} }), 'ERR_INVALID_ARG_TYPE: memoryClients: option "clients" must be a list of clients; got object'],
  [() => memoryClients({ client: [] }), 'ERR_INVALID_ARG_VALUE: memoryClients: option "client" is unknown; did you mean "clients"?'],
  [() => memoryClients({ now: 5 }), 'ERR_INVALID_ARG_TYPE: memoryClients: option "now" must be a function; got number'],
  [
    () => memoryClients({ passwords: 'bcrypt' }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "passwords" must be one of 'scrypt', 'random'; got 'bcrypt'`,
  ],
  [
    () => memoryClients({ passwords: 'random', scrypt: { cost: 16_384 } }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "scrypt" has no effect with passwords: 'random'; remove it`,
  ],
  [
    () => memoryClients({ passwords: 'random', maxQueuedHashes: 3 }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "maxQueuedHashes" has no effect with passwords: 'random'; remove it`,
  ],
  [
    () => memoryClients({ maxConcurrentHashes: 0 }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "maxConcurrentHashes" must be a whole number of derivations, at least 1; got 0',
  ],
  [
    () => memoryClients({ maxQueuedHashes: -1 }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "maxQueuedHashes" must be a whole number of derivations, at least 0; got -1',
  ],
  [
    () => memoryClients({ maxQueuedHashes: 'x' }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "maxQueuedHashes" must be a whole number of derivations; got string',
  ],
  [
    () => memoryClients({ maxConcurrentHashes: 'x' }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "maxConcurrentHashes" must be a whole number of derivations; got string',
  ],
  [
    () => memoryClients({ keyPrefix: 'A' }),
    `ERR_INVALID_ARG_VALUE: memoryClients: option "keyPrefix" must be one to three words of a-z and 0-9, joined by _, such as 'acme_live'`,
  ],
  [() => memoryClients({ keyPrefix: 7 }), 'ERR_INVALID_ARG_TYPE: memoryClients: option "keyPrefix" must be a string; got number'],
  [() => memoryClients({ kdf: 7 }), 'ERR_INVALID_ARG_TYPE: memoryClients: option "kdf" must be a function; got number'],
  [
    () => memoryClients({ allowWeakKey: 1 }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "allowWeakKey" must be true or false; got number',
  ],
  [
    () => memoryClients({ allowWeakSecret: 1 }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "allowWeakSecret" must be true or false; got number',
  ],
  [
    () => memoryClients({ allowEmptyPassword: 1 }),
    'ERR_INVALID_ARG_TYPE: memoryClients: option "allowEmptyPassword" must be true or false; got number',
  ],
  [() => memoryClients({ scrypt: 7 }), 'ERR_INVALID_ARG_TYPE: memoryClients: scrypt: option "options" must be an object; got number'],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { cost: 1000 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "cost" must be a whole number of rounds, at least 1024; got 1000',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { cost: '1' } }),
    'ERR_INVALID_ARG_TYPE: memoryClients: scrypt: option "cost" must be a whole number of rounds; got string',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { blockSize: 0 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "blockSize" must be a whole number of blocks, at least 1; got 0',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { parallelization: 0 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "parallelization" must be a whole number of lanes, at least 1; got 0',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { costs: 0 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "costs" is unknown; did you mean "cost"?',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', scrypt: { cost: 2 ** 30 } }),
    'ERR_INVALID_ARG_VALUE: memoryClients: scrypt: option "cost" asks for more work than a server should spend on one password; start from 16384, 8 and 5',
  ],
  [
    () => memoryClients({ clients: [{ id: 'a' }, { id: 'a' }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[1]" is not valid: there are two clients "a"; choose another id, or change the existing client',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', clients: [{ id: 'a', credentials: [{ kind: 'basic', verifier: 'x' }] }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0].credentials[0].verifier" is not a scrypt verifier: $scrypt$ln=<log2 N>,r=<r>,p=<p>$<salt>$<hash of 32 octets>, base64 without padding',
  ],
  [
    () => memoryClients({ passwords: 'scrypt', clients: [{ id: 'a', credentials: [{ kind: 'basic', verifier: `sha256:${Z}` }] }] }),
    'ERR_INVALID_ARG_VALUE: memoryClients: option "clients[0].credentials[0].verifier" is not a scrypt verifier: $scrypt$ln=<log2 N>,r=<r>,p=<p>$<salt>$<hash of 32 octets>, base64 without padding',
  ],
]

/** Calls that throw and promises that reject are told alike. */
async function told(call, clients) {
  try {
    await call(clients)
  } catch (error) {
    return `${error.code}: ${error.message}`
  }
  return 'nothing'
}

for (const [call, message] of CHANGES) {
  test(`S01: ${String(call).replace('(clients) => ', '')} says what is wrong and where, and changes nothing`, async () => {
    const clients = memoryClients({ clients: [acme] })
    const before = JSON.stringify([...clients.list()])
    assert.equal(await told(call, clients), message)
    assert.equal(JSON.stringify([...clients.list()]), before)
  })
}

for (const [call, message] of FACTORY) {
  test(`S01: ${String(call).replace('() => ', '')} says what is wrong and where`, async () => {
    assert.equal(await told(call), message)
  })
}
