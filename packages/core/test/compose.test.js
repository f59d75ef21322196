import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { absent, allOf, anonymous, anyOf, commitOnce, decide, granted, principal, settleOnce } from '@countersign/core'
import { newRequest } from './new-request.js'

const refusal = (code = 'ERR_X_BAD', status = 401) => ({ kind: 'refused', code, status, reason: 'does not hold' })
const someone = (clientId, more = {}) => granted(principal({ clientId, scheme: 'test', groups: [] }), more)

/** An authenticator that answers what it is told, and counts how often it is asked. */
function member(name, answer, more = {}) {
  const authenticator = {
    name,
    challenges: [`${name} realm="api"`],
    asked: 0,
    ...more,
    authenticate(request) {
      authenticator.asked += 1
      return typeof answer === 'function' ? answer(request) : answer
    },
  }
  return authenticator
}

const later =
  (answer) =>
  async (...args) => {
    await new Promise(setImmediate)
    return typeof answer === 'function' ? answer(...args) : answer
  }

const outage = () => {
  throw new Error('store down')
}

/** What becomes of a request: the kind and what tells it apart. */
async function outcomeOf(authenticator, request = newRequest()) {
  try {
    const verdict = await decide(authenticator, request)
    if (verdict.kind === 'granted') return [verdict.principal, ...(verdict.principal.also ?? [])].map(({ clientId }) => clientId).join('+')
    return verdict.kind === 'refused' ? verdict.code : verdict.kind
  } catch (error) {
    return error.message
  }
}

const answers = { absent, bad: refusal(), good: someone('a'), error: outage }
const second = { absent, bad: refusal('ERR_Y_BAD', 403), good: someone('b'), error: () => Promise.reject(new Error('hash queue full')) }

/** @param expected - by the answers of both, what comes out and how many of them are asked */
function overTwo(compose, expected) {
  for (const [pair, [outcome, asked]] of Object.entries(expected)) {
    for (const wrap of [(answer) => answer, later]) {
      test(`${pair}${wrap === later ? ', asynchronous' : ''}: ${outcome}`, async () => {
        const [one, two] = pair.split(' ')
        const first = member('first', wrap(answers[one]))
        const other = member('second', wrap(second[two]))
        assert.equal(await outcomeOf(compose(first, other)), outcome)
        assert.equal(first.asked + other.asked, asked)
      })
    }
  }
}

describe('P30: anyOf over two schemes', () =>
  overTwo(anyOf, {
    'absent absent': ['absent', 2],
    'absent bad': ['ERR_Y_BAD', 2],
    'absent good': ['b', 2],
    'absent error': ['hash queue full', 2],
    'bad absent': ['ERR_X_BAD', 1],
    'bad bad': ['ERR_X_BAD', 1],
    'bad good': ['ERR_X_BAD', 1],
    'bad error': ['ERR_X_BAD', 1],
    'good absent': ['a', 1],
    'good bad': ['a', 1],
    'good good': ['a', 1],
    'good error': ['a', 1],
    'error absent': ['store down', 1],
    'error bad': ['store down', 1],
    'error good': ['store down', 1],
    'error error': ['store down', 1],
  }))

describe('P30: allOf over two schemes', () =>
  overTwo(allOf, {
    'absent absent': ['absent', 2],
    'absent bad': ['ERR_Y_BAD', 2],
    'absent good': ['absent', 2],
    'absent error': ['hash queue full', 2],
    'bad absent': ['ERR_X_BAD', 1],
    'bad bad': ['ERR_X_BAD', 1],
    'bad good': ['ERR_X_BAD', 1],
    'bad error': ['ERR_X_BAD', 1],
    'good absent': ['absent', 2],
    'good bad': ['ERR_Y_BAD', 2],
    'good good': ['a+b', 2],
    'good error': ['hash queue full', 2],
    'error absent': ['store down', 1],
    'error bad': ['store down', 1],
    'error good': ['store down', 1],
    'error error': ['store down', 1],
  }))

test('a composition of synchronous members answers synchronously', () => {
  const good = () => member('good', someone('a'))
  assert.equal(decide(anyOf(member('none', absent), good()), newRequest()).kind, 'granted')
  assert.equal(decide(allOf(good(), good()), newRequest()).kind, 'granted')
  const verdict = decide(allOf(good(), member('good', someone('b', { commit: () => undefined }))), newRequest())
  assert.equal(commitOnce(newRequest(), verdict), undefined)
})

test('a vendor`s handshake ends a composition', async () => {
  const answered = { kind: 'answered', status: 200, headers: {}, body: 'ok' }
  const never = member('never', someone('b'))
  assert.equal(await outcomeOf(anyOf(member('vendor', answered), never)), 'answered')
  assert.equal(await outcomeOf(allOf(member('vendor', answered), never)), 'answered')
  assert.equal(never.asked, 0)
})

test('the principal is the first one`s, frozen and without a prototype, with the others under also, flattened', async () => {
  const whole = allOf(
    allOf(member('a', someone('a')), member('b', later(someone('b')))),
    anyOf(allOf(member('c', someone('c')), member('d', someone('d')))),
  )
  const { principal: who } = await decide(whole, newRequest())
  assert.equal(who.clientId, 'a')
  assert.deepEqual(
    who.also.map(({ clientId, also }) => [clientId, also]),
    [
      ['b', undefined],
      ['c', undefined],
      ['d', undefined],
    ],
  )
  for (const frozen of [who, who.groups, who.also, ...who.also]) assert.ok(Object.isFrozen(frozen))
  for (const one of [who, ...who.also]) assert.equal(Object.getPrototypeOf(one), null)
})

test('P23: the challenges are the union of the members`, each once', () => {
  const composed = anyOf(member('A', absent), allOf(member('B', absent), member('A', absent)), member('C', absent))
  assert.deepEqual(composed.challenges, ['A realm="api"', 'B realm="api"', 'C realm="api"'])
  assert.equal(composed.name, 'anyOf(A, allOf(B, A), C)')
  assert.ok(Object.isFrozen(composed) && Object.isFrozen(composed.challenges))
})

test('a member of two compositions is evaluated once per request', async () => {
  const shared = member('shared', later(absent))
  const request = newRequest()
  await Promise.all([
    outcomeOf(anyOf(shared, member('x', absent)), request),
    outcomeOf(allOf(shared, shared), request),
    outcomeOf(shared, request),
  ])
  assert.equal(shared.asked, 1)
  await outcomeOf(shared)
  assert.equal(shared.asked, 2)
})

describe('commit and settle of a composition', () => {
  const log = []
  const step = (name, result) => ({
    commit: () => {
      log.push(`commit ${name}`)
      return typeof result === 'function' ? result() : result
    },
    settle: (status) => {
      log.push(`settle ${name} ${status}`)
    },
  })

  test('nothing is committed before the whole is granted', async () => {
    log.length = 0
    const whole = allOf(member('a', someone('a', step('a'))), member('b', refusal()))
    assert.equal(await outcomeOf(whole), 'ERR_X_BAD')
    assert.equal(await outcomeOf(allOf(member('a', someone('a', step('a'))), member('b', absent))), 'absent')
    assert.deepEqual(log, [])
  })

  test('all commits run in order, once, and all are settled, once', async () => {
    log.length = 0
    const shared = member('a', someone('a', step('a')))
    const whole = allOf(shared, member('b', someone('b', step('b', later(undefined)))), member('c', someone('c', step('c'))))
    const request = newRequest()
    const verdict = await decide(whole, request)
    assert.equal(await commitOnce(request, verdict), undefined)
    assert.equal(await commitOnce(request, verdict), undefined)
    assert.equal(await commitOnce(request, await decide(shared, request)), undefined)
    assert.equal(await commitOnce(request, await decide(anyOf(whole), request)), undefined)
    await settleOnce(request, verdict, 500)
    await settleOnce(request, verdict, 500)
    await settleOnce(request, await decide(shared, request), 500)
    assert.deepEqual(log, ['commit a', 'commit b', 'commit c', 'settle a 500', 'settle b 500', 'settle c 500'])
  })

  test('a commit that refuses decides, and later ones do not run', async () => {
    for (const wrap of [(answer) => answer, later]) {
      log.length = 0
      const whole = allOf(
        member('a', someone('a', step('a'))),
        member('b', someone('b', step('b', wrap(refusal('ERR_X_REPLAYED'))))),
        member('c', someone('c', step('c'))),
      )
      const request = newRequest()
      const refused = await commitOnce(request, await decide(whole, request))
      assert.equal(refused.code, 'ERR_X_REPLAYED')
      assert.deepEqual(log, ['commit a', 'commit b'])
    }
  })

  test('a commit that throws is an outage', async () => {
    const whole = allOf(member('a', someone('a', step('a', outage))), member('b', someone('b')))
    const request = newRequest()
    const verdict = await decide(whole, request)
    await assert.rejects(async () => commitOnce(request, verdict), /store down/)
    await assert.rejects(async () => commitOnce(request, verdict), /store down/)
  })

  test('a settle that throws does not keep the others from being settled', async () => {
    log.length = 0
    const broken = someone('a', { settle: outage })
    const request = newRequest()
    const one = await decide(allOf(member('a', broken), member('b', someone('b', step('b')))), request)
    await assert.rejects(async () => settleOnce(request, one, 200), /store down/)
    assert.deepEqual(log, ['settle b 200'])
    const twice = newRequest()
    const two = await decide(
      allOf(member('a', someone('a', { settle: outage })), member('b', someone('b', { settle: later(outage) }))),
      twice,
    )
    await assert.rejects(async () => settleOnce(twice, two, 200), AggregateError)
  })
})

describe('sameClient', () => {
  const registry = {}
  const of = (clientId, more = { registry }) => member('m', someone(clientId), more)

  test('credentials of one client pass, those of two do not', async () => {
    assert.equal(await outcomeOf(allOf(of('a'), of('a'), { sameClient: true })), 'a+a')
    assert.equal(await outcomeOf(allOf(of('a'), of('b'), { sameClient: true })), 'ERR_AUTH_OTHER_CLIENT')
    assert.equal(await outcomeOf(allOf(of('a'), of('b'), { sameClient: false })), 'a+b')
    assert.equal((await decide(allOf(of('a'), of('b'), { sameClient: true }), newRequest())).status, 403)
  })

  test('what is under also counts', async () => {
    assert.equal(await outcomeOf(allOf(of('a'), allOf(of('a'), of('b')), { sameClient: true })), 'ERR_AUTH_OTHER_CLIENT')
    assert.equal(await outcomeOf(allOf(of('a'), anyOf(allOf(of('a'), of('a'))), { sameClient: true })), 'a+a+a')
  })

  test('it needs one registry behind all', () => {
    const wrong = [
      [of('a', {}), of('a', {})],
      [of('a'), of('a', {})],
      [of('a'), of('a', { registry: {} })],
      [allOf(of('a'), of('a', {})), of('a')],
      [anonymous(), of('a')],
    ]
    for (const members of wrong) {
      assert.throws(() => allOf(...members, { sameClient: true }), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_VALUE',
        message: /allOf: option "sameClient" needs all authenticators to use one registry/,
      })
    }
    assert.equal(allOf(of('a'), of('b')).registry, registry)
    assert.equal(Object.hasOwn(allOf(of('a'), of('b', {})), 'registry'), false)
  })
})

describe('anonymous', () => {
  test('grants everybody, as a principal without groups', async () => {
    assert.deepEqual({ ...(await decide(anonymous(), newRequest())).principal }, { clientId: 'anonymous', scheme: 'anonymous', groups: [] })
    assert.equal(await outcomeOf(anyOf(member('a', absent), anonymous())), 'anonymous')
    assert.equal(await outcomeOf(anyOf(member('a', refusal()), anonymous())), 'ERR_X_BAD')
  })

  test('may not stand in front of anything in an anyOf', () => {
    const good = member('a', absent)
    const lasts = [
      [anonymous(), good],
      [anyOf(good, anonymous()), good],
      [anyOf(anyOf(anonymous())), good],
      [allOf(anonymous(), anonymous()), good],
    ]
    for (const members of lasts) assert.throws(() => anyOf(...members), { name: 'TypeError', message: /anonymous\(\) last/ })
    assert.ok(anyOf(anyOf(good, anonymous())))
    assert.ok(anyOf(allOf(anonymous(), good), good))
  })
})

describe('mistakes are TypeErrors that name the factory', () => {
  const good = member('a', absent)
  const cases = [
    [() => anyOf(), /anyOf: option "authenticators" must be at least 1; got 0/],
    [() => allOf(), /allOf: option "authenticators" must be at least 2; got 0/],
    [() => allOf(good), /must be at least 2; got 1/],
    [() => allOf(good, { sameClient: true }), /must be at least 2; got 1/],
    [() => allOf(good, good, { sameclient: true }), /did you mean "sameClient"/],
    [() => allOf(good, good, { sameClient: 'yes' }), /"sameClient" must be true or false; got string/],
    [() => allOf(good, good, { sameClient: undefined }), /allOf: option "sameClient" is undefined; check the variable/],
    [() => allOf(good, good, null), /allOf: option "options" must be an object; got null/],
    [() => allOf(good, undefined, good), /"authenticator" must be an authenticator/],
    [() => anyOf(good, undefined), /an authenticator, such as hmacAuthenticator\(...\) returns; got undefined/],
    [() => anyOf(good, {}), /got object/],
    [() => anyOf([good]), /got an array/],
    [() => anyOf(() => absent), /got function/],
  ]
  for (const [run, message] of cases) test(String(message), () => assert.throws(run, { name: 'TypeError', message }))
})

describe('challenges made for one request', () => {
  const nonce = ['Digest realm="api", nonce="1"']
  const plain = 'B realm="api"'
  const fresh = { kind: 'absent', challenges: nonce }
  const stale = { ...refusal('ERR_X_STALE'), challenges: nonce }

  for (const [form, wrap] of [
    ['at once', (answer) => answer],
    ['later', later],
  ]) {
    test(`${form}: they stand in the place of the member's own, beside those of the others, in the members' order`, async () => {
      const verdictOf = async (compose, ...verdicts) => {
        const members = verdicts.map((verdict, i) => member('AB'[i], wrap(verdict)))
        return decide(compose(...members), newRequest())
      }
      for (const compose of [anyOf, allOf]) {
        assert.deepEqual(await verdictOf(compose, fresh, absent), { kind: 'absent', challenges: [...nonce, plain] })
        assert.deepEqual(await verdictOf(compose, absent, fresh), { kind: 'absent', challenges: ['A realm="api"', ...nonce] })
        assert.deepEqual(await verdictOf(compose, fresh, fresh), { kind: 'absent', challenges: nonce })
        assert.deepEqual(await verdictOf(compose, stale, absent), { ...stale, challenges: [...nonce, plain] })
        assert.deepEqual(await verdictOf(compose, fresh, refusal()), { ...refusal(), challenges: [...nonce, plain] })
        assert.deepEqual(await verdictOf(compose, absent, absent), { kind: 'absent' })
        assert.deepEqual(await verdictOf(compose, refusal(), absent), refusal())
      }
      assert.deepEqual(await verdictOf(allOf, someone('a'), fresh), { kind: 'absent', challenges: ['A realm="api"', ...nonce] })
      const { challenges, kind } = await verdictOf(anyOf, fresh, someone('b'))
      assert.deepEqual([kind, challenges], ['granted', undefined])
    })
  }
})

describe('P30: two schemes in one header field', () => {
  const FIELDS = { fields: ['x-signature'] }
  const foreign = (code) => ({ ...refusal(code), elsewhere: 'x-signature' })

  for (const [form, wrap] of [
    ['at once', (answer) => answer],
    ['later', later],
  ]) {
    test(`${form}: what is in another's form goes to who reads that field, and to nobody else`, async () => {
      const first = () => member('A', wrap(foreign('ERR_X_FORM')), FIELDS)
      const other = () => member('B', wrap(someone('b')), { fields: ['authorization'] })
      const none = () => member('C', wrap(someone('c')))
      const taker = () => member('D', wrap(someone('d')), { fields: ['x-other', 'x-signature'] })
      const [b, c] = [other(), none()]
      assert.equal(await outcomeOf(anyOf(first(), b, c, taker())), 'd')
      assert.deepEqual([b.asked, c.asked], [0, 0])
      assert.equal(await outcomeOf(anyOf(first(), other(), none())), 'ERR_X_FORM')
      assert.equal(await outcomeOf(anyOf(first(), anonymous())), 'ERR_X_FORM')
      assert.equal(await outcomeOf(anyOf(first(), member('E', wrap(foreign('ERR_Y_FORM')), FIELDS))), 'ERR_X_FORM')
      assert.equal(await outcomeOf(anyOf(first(), member('E', wrap(absent), FIELDS))), 'ERR_X_FORM')
      assert.equal(await outcomeOf(anyOf(first(), member('E', wrap(refusal('ERR_Y_BAD')), FIELDS), taker())), 'ERR_Y_BAD')
      assert.equal(await outcomeOf(anyOf(member('E', wrap(refusal('ERR_Y_BAD')), FIELDS), taker())), 'ERR_Y_BAD')
    })
  }

  test('a composition reads the fields of its members, each once, and has none where they have none', () => {
    const composed = anyOf(member('A', absent, FIELDS), member('B', absent), member('C', absent, { fields: ['x-other', 'x-signature'] }))
    assert.deepEqual(composed.fields, ['x-signature', 'x-other'])
    for (const compose of [anyOf, allOf]) {
      assert.ok(!Object.hasOwn(compose(member('A', absent), member('B', absent)), 'fields'))
      assert.deepEqual(compose(member('A', absent, FIELDS), member('B', absent)).fields, ['x-signature'])
    }
  })
})

test('only what ends in anonymous() is never absent, and has to be last', () => {
  const [a, b] = [member('A', absent), member('B', absent)]
  assert.equal(anyOf(anyOf(a), b).name, 'anyOf(anyOf(A), B)')
  assert.equal(anyOf(allOf(a, anonymous()), b).name, 'anyOf(allOf(A, anonymous), B)')
  assert.throws(() => anyOf(anyOf(a, anonymous()), b), /anonymous\(\) last/)
  assert.throws(() => anyOf(allOf(anonymous(), anonymous()), b), /anonymous\(\) last/)
  assert.deepEqual(anonymous().challenges, [])
  assert.ok(Object.isFrozen(anonymous().challenges))
})

test('errors of several members that do not settle are told together', async () => {
  const failing = (message) => () => {
    throw new Error(message)
  }
  const request = newRequest()
  const whole = allOf(member('A', someone('a', { settle: failing('one') })), member('B', someone('b', { settle: failing('two') })))
  const verdict = await decide(whole, request)
  await assert.rejects(settleOnce(request, verdict, 200), (error) => {
    assert.ok(error instanceof AggregateError)
    assert.equal(error.message, 'several members did not settle')
    assert.deepEqual(
      error.errors.map(({ message }) => message),
      ['one', 'two'],
    )
    return true
  })
})
