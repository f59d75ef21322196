import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, test } from 'node:test'
import { coreError, granted } from '@countersign/core'
import { frameworks } from '../support/frameworks.js'
import { exchange, turns } from '../support/raw-http.js'
import { answering, guarded, keyed, problems, server, who } from '../support/verdicts.js'

/** Collects what is published on the channels while a test runs. */
function listen(t) {
  const events = []
  for (const kind of ['granted', 'refused', 'error']) {
    const name = `countersign:${kind}`
    const listener = (event) => events.push({ kind, ...event })
    subscribe(name, listener)
    t.after(() => unsubscribe(name, listener))
  }
  return events
}

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`events of protect, ${framework}`, () => {
    test('a settle that throws harms nobody, and is published', async (t) => {
      const events = listen(t)
      const broken = [
        () => {
          throw new Error('release')
        },
        () => Promise.reject(new Error('release')),
      ]
      for (const settle of broken) {
        const app = await serve(t, guarded(answering(() => granted(who('ada'), { settle }))))
        assert.equal((await exchange(app.port)).status, 200)
        await turns(5)
      }
      const errors = events.filter(({ kind }) => kind === 'error')
      assert.deepEqual(
        errors.map(({ reason, error }) => [reason, error.message]),
        [
          ['settle threw', 'release'],
          ['settle threw', 'release'],
        ],
      )
    })

    test('every refusal and every error reaches onRefusal once and one channel once, with facts and no query', async (t) => {
      const events = listen(t)
      const told = []
      const authenticator = answering(({ target, headers }) => {
        if (target.startsWith('/defect')) throw new Error('defect')
        if (target.startsWith('/outage')) throw coreError('ERR_STORE_DOWN')
        if (target.startsWith('/large')) throw coreError('ERR_BODY_TOO_LARGE')
        return keyed().authenticate({ headers })
      })
      const app = await serve(t, guarded(authenticator, { onRefusal: (event) => told.push(event) }))
      const from = { authenticator: 'keyed', method: 'GET' }
      for (const path of ['/absent?key=secret', '/bad?key=secret', '/defect', '/outage', '/large', '/good?key=secret']) {
        await exchange(app.port, {
          path,
          headers: path.startsWith('/bad') ? { 'x-key': 'bad' } : path.startsWith('/good') ? { 'x-key': 'good ada' } : {},
        })
      }
      const expected = [
        { kind: 'refused', ...from, path: '/absent', code: 'ERR_AUTH_REQUIRED', status: 401 },
        { kind: 'refused', ...from, path: '/bad', code: 'ERR_TEST_BAD', status: 401 },
        { kind: 'error', ...from, path: '/defect', code: 'ERR_AUTH_DEFECT', status: 500 },
        { kind: 'error', ...from, path: '/outage', code: 'ERR_STORE_DOWN', status: 503 },
        { kind: 'refused', ...from, path: '/large', code: 'ERR_BODY_TOO_LARGE', status: 413 },
        { kind: 'granted', ...from, path: '/good' },
      ]
      const plain = ({ reason: _, error: __, principal: ___, ...facts }) => facts
      assert.deepEqual(events.map(plain), expected)
      assert.deepEqual(
        told.map(plain),
        expected.slice(0, 5).map(({ kind: _, ...facts }) => facts),
      )
      assert.equal(events[1].reason, 'the key is not known')
      assert.equal(events[2].error.message, 'defect')
      assert.equal(events[5].principal.clientId, 'ada')
      assert.ok(told.every((event) => Object.isFrozen(event)))
    })

    test('the status of an event is that of the answer, where an authenticator without challenges says 401', async (t) => {
      const events = listen(t)
      const app = await serve(t, guarded(keyed({ challenges: [] })))
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'bad' } })).status, 403)
      assert.deepEqual(
        events.map(({ kind, code, status }) => [kind, code, status]),
        [['refused', 'ERR_TEST_BAD', 403]],
      )
    })

    test('the path of an absolute target comes without its authority, which may carry a password', async (t) => {
      const told = []
      const app = await serve(t, guarded(keyed(), { onRefusal: ({ path }) => told.push(path) }))
      for (const path of ['http://user:secret@127.0.0.1/a/b?c', 'http://user:secret@127.0.0.1', '/a?http://x/y', '*']) {
        await exchange(app.port, { method: path === '*' ? 'OPTIONS' : 'GET', path })
      }
      assert.deepEqual(told, ['/a/b', '', '/a', '*'])
    })

    test('an onRefusal that throws changes nothing, and is published', async (t) => {
      const events = listen(t)
      const listeners = [
        () => {
          throw new Error('listener')
        },
        () => Promise.reject(new Error('listener')),
      ]
      for (const onRefusal of listeners) {
        const app = await serve(t, guarded(keyed(), { onRefusal }))
        const answer = await exchange(app.port)
        assert.equal(answer.text, problems[401])
        await turns(2)
      }
      assert.deepEqual(
        events.map(({ kind, reason, error }) => [kind, reason === 'onRefusal threw' ? error.message : 'refusal']),
        [
          ['refused', 'refusal'],
          ['error', 'listener'],
          ['refused', 'refusal'],
          ['error', 'listener'],
        ],
      )
    })

    test('errors of the handler are the framework`s, and no refusal', async (t) => {
      const events = listen(t)
      const app = await serve(t, {
        ...guarded(answering(async () => granted(who('ada')))),
        handler() {
          throw Object.assign(new Error('handler'), { status: 422 })
        },
      })
      const answer = await exchange(app.port)
      assert.equal(answer.status, 422)
      assert.deepEqual(
        app.errors.map(({ message }) => message),
        ['handler'],
      )
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['granted'],
      )
    })
  })
}
