import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompiledField } from '../compile/fields.js'
import { nearby } from '../compile/unsent.js'
import type { MessageParts } from '../hash/hmac.js'
import type { KeyMaker } from '../key/keys.js'
import type { Reading } from '../request/reading.js'
import { MessageBuilder } from '../template/message.js'
import type { Budget } from './budget.js'
import { parsesIn, parseWeight } from './weight.js'

/**
 * A scheme that judges the signature alone: no time is too old, no deadline passes, nothing has to be on a list. What it does is
 * counted. Used to find out what a sender did, never to let one in.
 */
export function lenient(scheme: CompiledScheme, budget: Budget): CompiledScheme {
  return counted(
    {
      ...scheme,
      facts: { ...scheme.facts, timestamp: undefined },
      fields: scheme.fields.map(withoutDeadline),
      hint: undefined,
      unsent: nearby(scheme.unsent, scheme.facts),
      guards: [],
      namelessGuards: [],
      unboundBody: true,
    },
    budget,
  )
}

/** The same without what fields have to be: a carried digest may be that of another body. */
export function withoutValues(scheme: CompiledScheme): CompiledScheme {
  return { ...scheme, fields: scheme.fields.map((field) => ({ ...field, values: [], param: undefined })) }
}

function withoutDeadline(field: CompiledField): CompiledField {
  const { unit: _unit, ...definition } = field.definition
  return { ...field, definition, must: [], ...(field.definition.unit !== undefined && { param: undefined }) }
}

function counted(scheme: CompiledScheme, budget: Budget): CompiledScheme {
  const written = JSON.stringify({ ...scheme.definition, handshake: undefined })
  const inner = written.split('|hmac').length - 1
  return {
    ...scheme,
    key: countedKey(scheme.key, budget),
    mac: {
      ...scheme.mac,
      write: (key, message) => {
        budget.hmac(1 + inner, lengthOf(message))
        return scheme.mac.write(key, message)
      },
    },
    message: { ...scheme.message, emit: emitOnce(scheme, written, budget) },
  }
}

function countedKey(key: KeyMaker, budget: Budget): KeyMaker {
  const steps = Math.max(0, key.texts.length - 1)
  return {
    derived: key.derived,
    texts: key.texts,
    judged: key.judged,
    make: (secret, hash, reading) => {
      if (steps > 0) budget.hmac(steps, 0)
      return key.make(secret, hash, reading)
    },
    // What a search finds is not to be found again by the guard.
    keep: () => undefined,
    partsDigest: (reading) => key.partsDigest(reading),
    octets: (secret) => key.octets(secret),
    characters: (secret) => key.characters(secret),
  }
}

/** A message that depends on no secret is printed once for a reading, however many secrets are tried. */
function emitOnce(scheme: CompiledScheme, written: string, budget: Budget): CompiledScheme['message']['emit'] {
  const parses = parsesIn(parsedBy(scheme))
  const emit = (reading: Reading, out: MessageBuilder) => {
    if (reading.body.length > 0) budget.parse(parses, parses * parseWeight(reading.body))
    budget.octets(reading.body.length)
    scheme.message.emit(reading, out)
  }
  if (scheme.facts.secretInMessage || scheme.unsent !== undefined || written.includes('|hmac')) return emit
  const printed = new WeakMap<Reading, MessageParts>()
  return (reading, out) => {
    let parts = printed.get(reading)
    if (parts === undefined) {
      const own = new MessageBuilder()
      emit(reading, own)
      parts = own.parts
      printed.set(reading, parts)
    }
    for (const part of parts) {
      if (typeof part === 'string') out.text(part)
      else out.octets(part)
    }
  }
}

/** The texts of a scheme that may parse its body anew: of what is carried, none where nothing that is carried stands in the body. */
function parsedBy({ definition }: CompiledScheme): string {
  const { message, define, key, ...carried } = { ...definition, handshake: undefined }
  const { signature, timestamp, nonce, keyId, fields } = carried
  const made = JSON.stringify([message, define, key])
  const home = JSON.stringify([signature, timestamp, nonce, keyId, fields])
  // A field may name a text of `define` that holds the body.
  return IN_BODY.test(home + JSON.stringify(define)) ? made + home : made
}

const IN_BODY = /"(?:json|xml|item|form)":"|\{(?:body|json|xml|item|form)[|:?]/

/** Whether reading a request of the scheme parses its body: something is carried in it, or a part of it is signed. */
export function readsMembers(scheme: CompiledScheme): boolean {
  return MEMBERS.test(JSON.stringify({ ...scheme.definition, handshake: undefined }))
}

/** A home in the body, a list of its members, a part of it. */
const MEMBERS = /"(?:json|xml|item)":"\/|"form":"|"each":(?:"(?:form|json|xml)"|\[[^\]]*"(?:form|json|xml)")|\{(?:json|xml|item|form):/

function lengthOf(message: MessageParts): number {
  let length = 0
  for (const part of message) length += part.length
  return length
}
