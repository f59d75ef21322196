// Where there is no error Node calls back with null, Bun's scrypt (1.4) with undefined. Core takes its functions of node:crypto as it is
// loaded, so this file replaces them first, and has no other tests.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import http from 'node:http'
import { test } from 'node:test'
import zlib from 'node:zlib'

/** Makes a function call back with undefined in place of null. */
function withoutNull(module, name) {
  const original = module[name]
  module[name] = (...args) => {
    const done = args.pop()
    original(...args, (error, ...rest) => done(error ?? undefined, ...rest))
  }
}

withoutNull(crypto, 'scrypt')
withoutNull(zlib, 'gunzip')
const { memoryClients, readBody } = await import('@countersign/core')

// Python: hashlib.scrypt('p\u00e4ss:w\u00f6rd'.encode(), salt=bytes(range(16)), n=1024, r=8, p=1, dklen=32)
const VERIFIER = '$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$j2aZIeX+MXlFlTwhXjYH6n2ac7iN9ruRX8GT8YMmkEM'

test('a password is checked where scrypt says undefined for no error', async () => {
  const clients = memoryClients({
    scrypt: { cost: 1024, blockSize: 8, parallelization: 1 },
    clients: [{ id: 'a', credentials: [{ kind: 'basic', user: 'u', verifier: VERIFIER }] }],
  })
  const check = async (password) => (await clients.passwords.check(password, () => clients.findUser('u'))).length
  assert.equal(await check('pass:word'), 0)
  assert.equal(await check('p\u00e4ss:w\u00f6rd'), 1)
})

test('P06: a body is decoded where zlib says undefined for no error', async (t) => {
  const server = http.createServer(async (req, res) => {
    const read = (async () => readBody(req, { digestOver: 'decoded' }, res))()
    res.end(
      await read.then(
        (octets) => octets,
        (error) => error.code,
      ),
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const ask = async (body) => {
    const { port } = server.address()
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body })
    return answer.text()
  }
  assert.equal(await ask('not gzip'), 'ERR_BODY_MALFORMED')
  assert.equal(await ask(zlib.gzipSync('{"a":1}')), '{"a":1}')
})
