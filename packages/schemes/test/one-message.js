/** The search for a forgery: two requests that a handler tells apart, and that one signature holds for. */

import { secretSet } from '@countersign/core/base'
import { checkSignature, compileScheme, keyIdsOf, readBody, readHead } from '@countersign/schemes'
import { randomDefinition } from './random-definition.js'
import { moved, randomValues, requestOf, varying } from './random-request.js'
import { now, secret } from './signing.js'

const secrets = secretSet('tests', 'secret', secret, { now, timeoutMs: 1, allowWeak: true })
/** How many requests come of another by moving pieces, before all values are new. */
const MOVES = 12
const CARRIED = ['nonce', 'timestamp', 'keyId', 'x', 'y']

/**
 * Compiles definitions at random and sends each many requests whose signature holds whatever it is, as if the sender had signed them.
 * Where two have one message, what the message claims of them has to be the same.
 *
 * @param more - members of each definition, such as `ambiguous`
 * @param enough - forgeries that end the search
 * @returns how many were compiled, accepted, and alike in their messages; and the forgeries, one at most for each definition
 */
export function searchForgeries(random, kind, { definitions, requests, more = {}, enough = Number.POSITIVE_INFINITY }) {
  const result = { compiled: 0, accepted: 0, alike: 0, forgeries: [] }
  for (let i = 0; i < definitions && result.forgeries.length < enough; i += 1) {
    const { definition, claims } = randomDefinition(random, kind)
    const compiled = compiledOrNot({ ...definition, ...more })
    if (compiled === undefined) continue
    result.compiled += 1
    const known = new Map()
    const varied = varying(definition)
    let values
    for (let j = 0; j < requests; j += 1) {
      values = j % MOVES === 0 ? randomValues(random, definition, kind, varied) : moved(random, values, varied)
      const sent = requestOf(random, definition, kind, values)
      const verified = accepted(compiled, sent)
      if (verified === undefined) continue
      result.accepted += 1
      const message = Buffer.concat(verified.messages.flat().map((part) => Buffer.from(part))).toString('latin1')
      const facts = JSON.stringify(claims.map((claim) => [claim, factOf(claim, definition, { ...sent.facts, ...verified.captured })]))
      const before = known.get(message)
      if (before === undefined) known.set(message, { facts, sent })
      else result.alike += 1
      if (before !== undefined && before.facts !== facts) {
        const requests = [before, { facts, sent }].map((one) => `${one.facts} of ${JSON.stringify(one.sent.view)} ${one.sent.body}`)
        result.forgeries.push([JSON.stringify(definition), JSON.stringify(message), ...requests].join('\n  '))
        break
      }
    }
  }
  return result
}

function compiledOrNot(definition) {
  try {
    const compiled = compileScheme(definition, { params: {}, allowUnboundBody: true })
    const forgiving = { mac: { value: { ...compiled.mac, equal: () => true } } }
    return Object.create(Object.getPrototypeOf(compiled), { ...Object.getOwnPropertyDescriptors(compiled), ...forgiving })
  } catch (error) {
    if (error instanceof TypeError && error.code === 'ERR_INVALID_ARG_VALUE') return undefined
    throw error
  }
}

/** What the engine says of a request that it accepts, and what it captured; undefined when it refuses. */
function accepted(compiled, { view, body }) {
  try {
    const reading = readHead(compiled, view, now())
    readBody(compiled, reading, body, now())
    const offers = keyIdsOf(compiled, reading).map((keyId) => ({ keyId, secrets: secrets.active(keyId) }))
    const verified = checkSignature(compiled, reading, offers, { now: now(), allowEmptyBody: true })
    const captured = CARRIED.filter((name) => compiled.names.has(name)).map((name) => [
      name,
      reading.captured[compiled.names.index(name)] ?? '',
    ])
    return { ...verified, captured: Object.fromEntries(captured) }
  } catch (error) {
    if (/^ERR_(HMAC|BODY)_/.test(error.code)) return undefined
    throw error
  }
}

/** What a message claims of a request: a fact as it is, or of the pairs of a list those that it signs, in an order that it leaves. */
function factOf(claim, definition, facts) {
  const list = definition.define?.[claim]
  if (list === undefined) return facts[claim]
  const own = (name) => (list.named !== undefined && Object.hasOwn(list.named, name) ? list.named[name] : undefined)
  // Of a value that an entry of its own leaves out the message says nothing.
  const isLeft = ([name, value]) =>
    list.except?.includes(name) || own(name)?.includes('{value}') === false || (list.skipEmpty && value === '' && own(name) === undefined)
  let pairs = facts[claim].filter((pair) => !isLeft(pair))
  if (list.sort !== undefined)
    pairs = pairs.toSorted(([a, one], [b, other]) => order(a, b) || (list.sort === 'name' ? 0 : order(one, other)))
  return list.distinct ? [...new Set(pairs.map((pair) => JSON.stringify(pair)))] : pairs
}

function order(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}
