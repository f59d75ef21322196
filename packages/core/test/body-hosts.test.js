import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { authRequest, readBody, soleHeader } from '@countersign/core'

const BODY = Buffer.from('{"data":"t\u00e9"}')
const HEADERS = { host: 'x', 'content-type': 'application/json', 'content-length': BODY.length, 'x-key': 'k', accept: ['a', 'b'] }

/** A message as adapters of cloud functions make it out of an event: complete from the beginning, its octets given when it is read. */
function ofEvent({ body = BODY, headers = HEADERS, rawHeaders = [] } = {}) {
  const message = new IncomingMessage(new PassThrough())
  Object.assign(message, { complete: true, method: 'POST', url: '/hook', headers, rawHeaders })
  message._read = () => {
    message.push(body)
    message.push(null)
  }
  return message
}

/** A message as light-my-request makes it: a stream with a head, and no mark of its end. */
function injected() {
  const message = new Readable({
    autoDestroy: false,
    read() {
      this.push(BODY)
      this.push(null)
    },
  })
  return Object.assign(message, {
    method: 'POST',
    url: '/hook',
    httpVersionMajor: 1,
    aborted: false,
    headers: HEADERS,
    rawHeaders: ['x-key', 'k'],
  })
}

test('P07: the lines of a message that has fields alone are its fields', () => {
  const { rawHeaders } = authRequest(ofEvent(), '/hook')
  assert.equal(soleHeader(rawHeaders, 'x-key'), 'k')
  assert.equal(soleHeader(rawHeaders, 'content-length'), String(BODY.length))
  assert.equal(soleHeader(rawHeaders, 'accept'), null, 'sent twice')
  assert.equal(soleHeader(rawHeaders, 'x-other'), undefined)
  assert.ok(rawHeaders.every((text) => typeof text === 'string'))
})

test('P26: where there are lines, a field that is on none of them is not there', () => {
  const { rawHeaders } = authRequest(ofEvent({ rawHeaders: ['Host', 'x'] }), '/hook')
  assert.equal(soleHeader(rawHeaders, 'x-key'), undefined)
})

test('P07: the body of a message that was complete from the beginning is there at once, and for whoever follows', async () => {
  const message = ofEvent()
  assert.deepEqual(readBody(message), BODY)
  // Some adapters call the message finished in the same turn.
  assert.equal(message.readable, true)
  assert.deepEqual(await buffer(message), BODY)
})

test('P08: more than may be is refused, announced or not', async () => {
  assert.throws(() => readBody(ofEvent(), { maxBodyBytes: 3 }), { code: 'ERR_BODY_TOO_LARGE' })
  const understated = ofEvent({ headers: { ...HEADERS, 'content-length': 2 } })
  await assert.rejects(async () => readBody(understated, { maxBodyBytes: 3 }), { code: 'ERR_BODY_TOO_LARGE' })
})

test('P07: a message without a mark of its end is read to its end, and put back', async () => {
  const message = injected()
  assert.deepEqual(await readBody(message), BODY)
  assert.deepEqual(await buffer(message), BODY)
})

test('P02: one that was read, with or without a mark, is refused', async () => {
  for (const message of [ofEvent(), injected()]) {
    await buffer(message)
    assert.throws(() => readBody(message), { code: 'ERR_BODY_CONSUMED' })
  }
})
